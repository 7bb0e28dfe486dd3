// The boss's chat on the official server. socketio.py says what its events are.
// With a second argument, the address of a Redis, it is one server of several.
import { createServer } from "node:http";
import { Server } from "socket.io";

async function adapter(url) {
  const { createAdapter } = await import("@socket.io/redis-adapter"); // here, because it costs each start
  const { createClient } = await import("redis");
  const publisher = createClient({ url, RESP: 2 }); // which Redis in Python understands, too
  const subscriber = publisher.duplicate();
  for (const client of [publisher, subscriber]) client.on("error", () => {}); // Redis may end first
  await Promise.all([publisher.connect(), subscriber.connect()]);
  return createAdapter(publisher, subscriber);
}

const [port, redis] = process.argv.slice(2);
const http = createServer();
const io = new Server(http, {
  pingInterval: 1000,
  pingTimeout: 2000,
  ...(redis ? { adapter: await adapter(redis) } : { connectionStateRecovery: {} }),
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

http.listen(Number(port), "127.0.0.1", () => console.log(JSON.stringify(http.address())));
