import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
new Server(http).on("connection", (socket) => socket.emit("hello", process.argv.at(-1)));
http.listen(process.env.PORT, "127.0.0.1", () => console.log(JSON.stringify(http.address())));
