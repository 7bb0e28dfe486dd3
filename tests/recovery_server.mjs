// An official Socket.IO server that recovers, for tests: it tells whatever it is asked to tell.
import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http, { connectionStateRecovery: {}, pingInterval: 1000, pingTimeout: 1000 });

io.on("connection", (socket) => {
  socket.on("say", (room, ...what) => (room === null ? io : io.to(room)).emit("news", ...what));
  socket.on("say volatile", (...what) => io.volatile.emit("news", ...what));
  socket.on("join", (room) => socket.join(room));
  socket.on("how many", (answer) => answer(io.sockets.sockets.size));
});

http.listen(Number(process.env.PORT), "127.0.0.1", () => console.log(JSON.stringify(http.address())));
