// The official server, with the application that the rulebook wants and a short heartbeat.
import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http, { pingInterval: 300, pingTimeout: 200, connectTimeout: 1000 });

io.on("connection", (socket) => {
  socket.emit("auth", socket.handshake.auth);
  socket.on("message", (...args) => socket.emit("message-back", ...args));
});

http.listen(Number(process.env.PORT), "127.0.0.1", () => console.log(JSON.stringify(http.address())));
