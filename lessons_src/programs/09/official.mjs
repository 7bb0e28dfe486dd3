import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http, { pingInterval: 24 * 60 * 60 * 1000 });  // it would give you up while you read: lesson 10
io.on("connection", (socket) => socket.on("message", (text) => socket.emit("message", text)));

http.listen(process.env.PORT, "127.0.0.1", () => {
  console.log(JSON.stringify({ port: http.address().port }));
});
