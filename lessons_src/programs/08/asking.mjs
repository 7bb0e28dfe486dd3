import { io } from "socket.io-client";

const socket = io(url, { transports: ["websocket"], reconnection: false });
const heard = [];
socket.onAny((...event) => heard.push(event));
for (const question of questions) socket.emit("ask", ...question);
socket.emit("ask", "the end");
socket.on("unknown", (name) => name === "the end" && socket.disconnect());
socket.on("disconnect", () => console.log(JSON.stringify(heard)));
setTimeout(() => socket.disconnect(), 2000).unref();
