import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http);

for (const [name, what] of [["/chat", "message"], ["/office", "order"]]) {
  io.of(name).on("connection", (socket) => {
    socket.on("delete", (number) => io.of(name).emit("deleted", what, number));
  });
}
http.listen(process.env.PORT, "127.0.0.1", () => {
  console.log(JSON.stringify({ port: http.address().port }));
});
