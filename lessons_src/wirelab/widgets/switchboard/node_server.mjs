// The official Socket.IO server: it sends every message back.
import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
new Server(http, { pingInterval: 4000, pingTimeout: 2000 }).on("connection", (socket) => {
  socket.on("message", (text) => socket.emit("message", text));
});

http.listen(Number(process.env.PORT), "127.0.0.1", () => console.log(JSON.stringify(http.address())));
