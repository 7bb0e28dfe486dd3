import { io } from "socket.io-client";

const socket = io(url, { transports: ["websocket"], reconnection: false });
let heard = 0;
socket.on("news", () => heard++);
socket.on("connect", () => socket.emit("follow", () => socket.emit("begin")));
socket.on("end", () => { console.log(heard); process.exit(); });
socket.on("disconnect", (reason) => { console.log(reason); process.exit(); });
