import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http);
const tickets = new Map([["t-4711", "Ann"], ["t-4712", "Bob"]]);

io.use((socket, next) => {
  socket.data.name = tickets.get(socket.handshake.auth.token);
  const error = Object.assign(new Error("no strangers"), { data: { help: "Log in again." } });
  next(socket.data.name ? undefined : error);
});
io.on("connection", (socket) => {
  socket.on("who am i", (answer) => answer(socket.data.name));
});
http.listen(process.env.PORT, "127.0.0.1", () => console.log(JSON.stringify(http.address())));
