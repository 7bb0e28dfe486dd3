import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http);
io.on("connection", (socket) => {
  const { name, room } = socket.handshake.auth;
  socket.join(room);
  socket.on("say", (id, content, answer) => {
    io.to(room).emit("said", "0", { id, room, by: name, content });
    answer(true);
  });
});
http.listen(process.env.PORT, "127.0.0.1", () => console.log(JSON.stringify(http.address())));
