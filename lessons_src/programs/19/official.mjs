import { createServer } from "node:http";
import { createAdapter } from "@socket.io/redis-adapter";
import { createClient } from "redis";
import { Server } from "socket.io";

const publisher = createClient({ url: process.argv[2], RESP: 2 }); // which Redis in Python understands, too
const subscriber = publisher.duplicate();
for (const client of [publisher, subscriber]) client.on("error", () => {}); // else the adapter complains of each failure
await Promise.all([publisher.connect(), subscriber.connect()]);

const http = createServer();
const io = new Server(http, { adapter: createAdapter(publisher, subscriber) });
io.on("connection", (socket) => {
  socket.on("join", (room, answer) => answer(socket.join(room)));
  socket.on("bid", (room, price) => io.to(room).emit("price", price));
  socket.on("count", async (answer) => answer((await io.fetchSockets()).length));
  socket.on("ask", async (answer) => answer(await io.timeout(2000).emitWithAck("going once")));
});
http.listen(process.env.PORT, "127.0.0.1", () => {
  console.log(JSON.stringify({ port: http.address().port }));
});
