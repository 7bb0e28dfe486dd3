// The boss's chat on the official server. socketio.py says what its events are.
import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http, {
  pingInterval: 1000,
  pingTimeout: 2000,
  connectionStateRecovery: {},
});

for (const endpoint of [io, io.of("/news")]) {
  endpoint.use((socket, next) => {
    const { name, password } = socket.handshake.auth;
    socket.data.kept = [name, null];
    next(password === "sesame" ? undefined : new Error("no strangers"));
  });
  endpoint.on("connection", (socket) => {
    socket.on("echo", (message, confirm) => {
      socket.emit("message", message);
      confirm?.();
    });
    socket.on("join", (room, confirm) => {
      socket.join(room);
      confirm();
    });
    socket.on("tell", (room, message, confirm) => {
      (room === null ? endpoint : endpoint.to(room)).emit("message", message);
      confirm();
    });
    socket.on("remember", (text, confirm) => {
      socket.data.kept[1] = text;
      confirm();
    });
    socket.on("recall", (confirm) => confirm(socket.data.kept));
  });
}

http.listen(Number(process.argv[2]), "127.0.0.1", () => console.log(JSON.stringify(http.address())));
