// The official server of the gap board: it recovers, and tells everybody each number that it is asked to tell.
import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http, { connectionStateRecovery: {}, cors: { origin: "*" } });

io.on("connection", (socket) => socket.on("say", (number) => io.emit("number", number)));
http.listen(Number(process.env.PORT), "127.0.0.1", () => console.log(JSON.stringify(http.address())));
