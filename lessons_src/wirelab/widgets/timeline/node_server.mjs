// The official Socket.IO server: it sends each message back. At /raw a raw WebSocket has its messages back, too.
import { createServer } from "node:http";
import { Server } from "socket.io";
import { WebSocketServer } from "ws"; // engine.io brings it

const [pingInterval, pingTimeout] = process.argv.slice(2).map((seconds) => Number(seconds) * 1000);
const http = createServer();
new Server(http, { pingInterval, pingTimeout, cors: { origin: "*" } }).on("connection", (socket) => {
  socket.on("message", (message) => socket.emit("message", message));
});
const raw = new WebSocketServer({ noServer: true });
raw.on("connection", (socket) => socket.on("message", (data) => socket.send(String(data))));
http.on("upgrade", (request, socket, head) => {
  if (request.url !== "/raw") return;
  raw.handleUpgrade(request, socket, head, (websocket) => raw.emit("connection", websocket));
});

http.listen(Number(process.env.PORT), "127.0.0.1", () => console.log(JSON.stringify(http.address())));
