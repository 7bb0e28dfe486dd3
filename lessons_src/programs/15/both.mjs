import { io } from "socket.io-client";

const [chat, office] = ["/chat", "/office"].map((name) => io(url + name, { transports: ["websocket"] }));
for (const socket of [chat, office]) {
  socket.on("deleted", (what, number) => console.log(socket.nsp, "hears of", what, number));
}
await Promise.all([chat, office].map((socket) => new Promise((resolve) => socket.on("connect", resolve))));
console.log("one connection:", chat.io === office.io, "- two ids:", chat.id !== office.id);
chat.emit("delete", 7);
setTimeout(() => process.exit(), 300);
