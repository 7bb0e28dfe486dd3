import { io } from "socket.io-client";

const settings = { transports: ["websocket"], reconnection: false, forceNew: true };
const heard = [];
const answers = [];
const sockets = people.map(() => io(url, settings));
await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.on("connect", resolve))));
sockets.forEach((socket) => socket.on("said", (what) => heard.push(what)));

for (const [who, name, seconds] of calls) {
  sockets[who].emit("step", name, seconds, (answer) => answers.push(answer));
}
await new Promise((resolve) => setTimeout(resolve, patience));
console.log(JSON.stringify({ heard, answers }));
process.exit();
