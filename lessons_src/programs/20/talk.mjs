import { io } from "socket.io-client";

const options = {
  withCredentials: true, forceNew: true, reconnectionDelay: 300, reconnectionDelayMax: 300,
  retries: 50, ackTimeout: 1000,
};

function arrive(name) {
  let place = null; // up to which everything was heard
  const socket = io(url, { ...options, auth: (say) => say({ name, room: "silver", place }) });
  socket.on("said", (where) => { place = where; });
  return new Promise((resolve) => socket.once("people", () => resolve(socket)));
}

const ann = await arrive("Ann");
const bob = await arrive("Bob");
const heard = new Map(); // the places by what was said: what comes twice is there once
bob.on("said", (place, { content }) => heard.set(Number(content), place));
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
let taken = 0;
for (let number = 1; number <= count; number++) {
  ann.emit("say", `ann-${number}`, `${number}`, (_, isTaken) => { taken += isTaken ? 1 : 0; });
  await pause(60);
}
const patience = Date.now() + wait;
while ((taken < count || heard.size < count) && Date.now() < patience) await pause(50);
console.log(JSON.stringify({ taken, heard: heard.size, last: Math.max(...heard.keys()) }));
process.exit();
