import { io } from "socket.io-client";

const socket = io(url, { transports: ["polling"], reconnection: false });
const came = [];
socket.on("progress", () => { if (came.push(Date.now()) === 3) end(); });
socket.on("connect", () => socket.emit("work"));
function end() {
  const early = came.filter((time) => came[2] - time > 100).length;
  console.log(`of three, ${early} came more than 0.1 s before the last`);
  process.exit();
}
