import { io } from "socket.io-client";

const sockets = ["chat", "office"].map(() => io(url, { forceNew: true, transports: ["websocket"] }));
await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.on("connect", resolve))));
console.log(sockets.length, "conversations, connected");
process.exit();
