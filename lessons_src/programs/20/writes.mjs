import { io } from "socket.io-client";

const heard = { Ann: [], Bob: [], Cy: [], Dan: [] };
async function arrive(name, url, room) {
  const socket = io(url, { transports: ["websocket"], forceNew: true, reconnection: false, auth: { name, room } });
  socket.on("writes", (...what) => heard[name].push(what.length > 1 ? what[0] : "no name")); // the offset is the last
  await new Promise((resolve) => socket.once("people", resolve));
  return socket;
}
const ann = await arrive("Ann", urls[0], "gold");
const bob = await arrive("Bob", urls[1], "gold");
await arrive("Cy", urls[0], "silver");
const dan = await arrive("Dan", urls[0], "gold");
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const began = Date.now();
for (let key = 0; key < 28; key++) {
  ann.emit("writing");
  if (key === 2) bob.emit("writing");
  if (key === 4) dan.emit("writing");
  await pause(50);
}
await pause(200);
const seconds = (Date.now() - began) / 1000;
const until = structuredClone(heard);
await pause(1200);
const late = heard.Dan.length - until.Dan.length;
ann.emit("enter", "silver", () => ann.emit("writing"));
await pause(2000);
console.log(JSON.stringify({ heard: until, seconds, late, moved: heard.Cy.slice(until.Cy.length) }));
process.exit();
