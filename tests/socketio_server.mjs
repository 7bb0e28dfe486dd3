// An official Socket.IO server for tests: it sends every event back, under its name.
import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http, { cors: { origin: process.env.ORIGIN ?? "*" } });

for (const endpoint of [io, io.of("/news")]) {
  endpoint.on("connection", (socket) => {
    socket.on("message", (message) => socket.emit("message", message));
    socket.on("echo", (...data) => socket.emit("echo", ...data));
    socket.on("who am i", (answer) => answer(socket.handshake.auth.name));
    socket.on("ask me", (answer) => socket.emit("how are you", (said) => answer(said)));
    socket.on("never answered", () => {});
  });
}

http.listen(Number(process.env.PORT), "127.0.0.1", () => console.log(JSON.stringify(http.address())));
