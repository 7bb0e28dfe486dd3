import { io } from "socket.io-client";

const heard = { Ann: [], Bob: [], Cy: [] };
async function arrive(name, url, room) {
  const socket = io(url, { transports: ["websocket"], forceNew: true, reconnection: false, auth: { name, room } });
  socket.on("writes", (who) => heard[name].push(who));
  await new Promise((resolve) => socket.once("people", resolve));
  return socket;
}
const ann = await arrive("Ann", urls[0], "gold");
const bob = await arrive("Bob", urls[1], "gold");
await arrive("Cy", urls[0], "silver");
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const began = Date.now();
for (let key = 0; key < 32; key++) {
  ann.emit("writing");
  if (key === 2) bob.emit("writing");
  await pause(50);
}
await pause(300);
console.log(JSON.stringify({ heard, seconds: (Date.now() - began) / 1000 }));
process.exit();
