// An official server on the same stream, with the same events as stream_server.py.
import { createServer } from "node:http";
import { createAdapter } from "@socket.io/redis-streams-adapter";
import { createClient } from "redis";
import { Server } from "socket.io";

const client = createClient({ url: process.argv[2], RESP: 2 });
client.on("error", () => {});
await client.connect();

const http = createServer();
const io = new Server(http, { adapter: createAdapter(client), connectionStateRecovery: {} });
const heard = [];
io.on("hello", (...words) => heard.push(words));
io.on("question", (answer) => answer("from Node"));
io.on("connection", (socket) => {
  socket.on("join", (room, answer) => answer(socket.join(room)));
  socket.on("call", (name, answer) => answer(Object.assign(socket.data, { name }) && null));
  socket.on("say", (...words) => io.emit("said", ...words));
  socket.on("who", (answer) => answer([[...socket.rooms].filter((room) => room !== socket.id).sort(), socket.data]));
  socket.on("do", async (words, answer) => {
    try {
      answer(await new Function("io", "socket", "heard", `return ${words}`)(io, socket, heard));
    } catch (error) {
      answer(`failed: ${error.message}`);
    }
  });
});
http.listen(Number(process.env.PORT), "127.0.0.1", () => console.log(JSON.stringify(http.address())));
