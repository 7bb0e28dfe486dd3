import { createServer } from "node:http";
import { Server } from "socket.io";

const isOwn = ({ headers: { origin, host } }) => !origin || origin.split("://")[1] === host;
const careful = { allowRequest: (request, answer) => answer(null, isOwn(request)) };

const http = createServer();
const io = new Server(http, process.argv[2] === "careful" ? careful : {});
const sessions = new Map([["session=c0ffee", "Ann"]]);       // no object: it would know "constructor", too

io.use((socket, next) => {
  socket.data.name = sessions.get(socket.handshake.headers.cookie);
  next(socket.data.name ? undefined : new Error("no strangers"));
});
io.on("connection", (socket) => socket.emit("balance", socket.data.name, 1000));

http.listen(process.env.PORT, "127.0.0.1", () => console.log(JSON.stringify(http.address())));
