// An official server in a cluster over Redis: whoever connects can have it do anything.
import { createServer } from "node:http";
import { createAdapter } from "@socket.io/redis-adapter";
import { createClient } from "redis";
import { Server } from "socket.io";

const publisher = createClient({ url: process.argv[2], RESP: 2 });
const subscriber = publisher.duplicate();
for (const client of [publisher, subscriber]) client.on("error", () => {});
await Promise.all([publisher.connect(), subscriber.connect()]);

const http = createServer();
const io = new Server(http, { adapter: createAdapter(publisher, subscriber) });
const heard = [];
for (const namespace of [io, io.of("/office")]) {
  namespace.on("hello", (...words) => heard.push(words));
  namespace.on("question", (answer) => answer("from Node"));
  namespace.on("connection", (socket) => {
    socket.data = { name: "somebody at Node" };
    socket.on("do", async (words, answer) => {
      try {
        answer(await new Function("io", "socket", "heard", `return ${words}`)(namespace, socket, heard));
      } catch (error) {
        answer(`failed: ${error.message}`);
      }
    });
  });
}
http.listen(Number(process.env.PORT), "127.0.0.1", () => console.log(JSON.stringify(http.address())));
