import { io } from "socket.io-client";

const names = ["Ann", "Bob", "Cy"];
const sockets = [], heard = [];
for (const [number, name] of names.entries()) {
  const socket = io(urls[number % urls.length], { transports: ["websocket"], forceNew: true });
  socket.on("price", () => heard.push(name));
  socket.on("going once", (answer) => answer(name));
  await socket.timeout(3000).emitWithAck("join", "gold");
  sockets.push(socket);
}
const ann = sockets[0].timeout(3000);
ann.emit("bid", "gold", 101);
await new Promise((resolve) => setTimeout(resolve, 500));
console.log("the price is heard by", heard.sort().join(", "));
console.log("bidders, says the server:", await ann.emitWithAck("count"));
console.log("asked by it, and answered:", (await ann.emitWithAck("ask")).sort().join(", "));
process.exit();
