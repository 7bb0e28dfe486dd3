// The official server with the application of the load generator (see load.mjs).
import { createServer } from "node:http";
import { Server } from "socket.io";

const NEWS = "n".repeat(64);
const http = createServer();
const io = new Server(http);

io.on("connection", (socket) => {
  socket.on("echo", (value) => socket.emit("echo", value));
  socket.on("eack", (value, answer) => answer(value));
  socket.on("cast", () => io.emit("news", NEWS));
});

http.listen(Number(process.argv[2]), "127.0.0.1", () => console.log("ready"));
