// An official Socket.IO server that recovers, for tests: it tells whatever it is asked to tell.
import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
const connectionStateRecovery = { skipMiddlewares: false };
const io = new Server(http, { connectionStateRecovery, pingInterval: 1000, pingTimeout: 1000 });

io.on("connection", (socket) => {
  socket.on("say", (room, ...what) => (room === null ? io : io.to(room)).emit("news", ...what));
  socket.on("say volatile", (...what) => io.volatile.emit("news", ...what));
  socket.on("join", (room) => socket.join(room));
  socket.on("how many", (answer) => answer(io.sockets.sockets.size));
});

const slow = io.of("/slow").use((_socket, next) => setTimeout(next, 300));
slow.on("connection", (socket) => socket.on("say", (what) => slow.emit("news", what)));

http.listen(Number(process.env.PORT), "127.0.0.1", () => console.log(JSON.stringify(http.address())));
