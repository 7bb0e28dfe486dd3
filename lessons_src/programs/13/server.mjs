import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http);
const book = [];

io.on("connection", (socket) => {
  socket.on("buy", (coin, answer) => {
    book.push(coin);
    answer(`noted, ${book.length} in the book`);
  });
});
http.listen(process.env.PORT, "127.0.0.1", () => {
  console.log(JSON.stringify({ port: http.address().port }));
});
