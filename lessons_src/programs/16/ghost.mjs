import { createServer } from "node:http";
import { Server } from "socket.io";
import { io } from "socket.io-client";

const http = createServer();
const server = new Server(http);
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const present = new Set();

server.on("connection", async (socket) => {
  await pause(200);                                         // the database
  if (careful && !socket.connected) return;
  present.add("Ann");
  socket.on("disconnect", () => present.delete("Ann"));
});

await new Promise((resolve) => http.listen(0, "127.0.0.1", resolve));
const ann = io(`http://127.0.0.1:${http.address().port}`, { transports: ["websocket"] });
ann.on("connect", () => ann.disconnect());
await pause(600);
console.log("connected:", server.engine.clientsCount, "- on the list:", [...present].join() || "nobody");
process.exit();
