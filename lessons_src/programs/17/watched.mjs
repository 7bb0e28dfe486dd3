import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http);

io.on("connection", (socket) => {
  socket.on("follow", (answer) => answer(socket.join("news")));
  socket.on("memory", (answer) => answer(process.memoryUsage().rss));
  socket.on("disconnect", (reason) => console.log("left:", reason));
});
setInterval(() => io.to("news").emit("news", "n".repeat(200_000)), 20);
setInterval(() => {
  for (const socket of io.sockets.sockets.values()) {
    if (socket.conn.writeBuffer.length > 25) socket.conn.close(true);
  }
}, 100);
http.listen(process.env.PORT, "127.0.0.1", () => {
  console.log(JSON.stringify({ port: http.address().port }));
});
