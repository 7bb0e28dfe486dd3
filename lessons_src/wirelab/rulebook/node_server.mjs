// The official server, with the application that the rulebook wants and a short heartbeat.
import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http, { pingInterval: 300, pingTimeout: 200, connectTimeout: 1000 });

io.of("/guarded").use((socket, next) => {
  const { token } = socket.handshake.auth;
  const refusal = Object.assign(new Error("no strangers"), { data: { hint: "sesame" } });
  const error = token === "late" ? new Error("closed today") : refusal;
  setTimeout(() => next(token === "sesame" ? undefined : error), 50);
});

for (const name of ["/", "/custom", "/guarded"]) {
  io.of(name).on("connection", (socket) => {
    socket.emit("auth", socket.handshake.auth);
    socket.on("message", (...args) => socket.emit("message-back", ...args));
    socket.on("to-all", (...args) => socket.nsp.emit("said-to-all", ...args));
    socket.on("message-with-ack", (...args) => {
      const answer = args.pop();
      if (typeof answer === "function") answer(...args);
    });
  });
}

const settings = { path: "/recovering/", connectionStateRecovery: {}, pingInterval: 1000, pingTimeout: 1000 };
new Server(http, settings).on("connection", (socket) => {
  socket.on("message", (...args) => socket.emit("message-back", ...args));
});

http.listen(Number(process.env.PORT), "127.0.0.1", () => console.log(JSON.stringify(http.address())));
