import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http);
const subscribers = [];

io.use((socket, next) => {
  next(socket.handshake.auth.name === "stranger" ? new Error("not you") : undefined);
});
io.on("connection", (socket) => {
  console.log("somebody has connected");
  socket.on("say", (text) => io.emit("news", text));
  socket.on("send me away", () => socket.disconnect());
  socket.on("subscribe", () => subscribers.push(socket));
  socket.on("count", () => socket.emit("count", subscribers.length));
  socket.on("price", (price) => {
    for (const each of subscribers) each.emit("price", price);
  });
});
http.listen(Number(process.env.PORT), "127.0.0.1", () => console.log(JSON.stringify(http.address())));
