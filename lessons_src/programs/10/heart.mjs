import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http, { pingInterval: 800, pingTimeout: 400 });

io.on("connection", (socket) => {
  setInterval(() => socket.emit("tick"), 50).unref();
});
http.listen(process.env.PORT, "127.0.0.1", () => {
  console.log(JSON.stringify({ port: http.address().port }));
});
