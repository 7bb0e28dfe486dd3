import { io } from "socket.io-client";

const socket = io(url, { transports: ["websocket"], reconnection: false });

socket.on("connect", () => socket.emit("picture"));
const end = (...words) => { console.log(...words); process.exit(); };
socket.on("picture", (text) => end("Ann has the picture:", text.length, "letters"));
socket.on("disconnect", (reason) => end("Ann is disconnected:", reason));
