import { io } from "socket.io-client";

const socket = io(url, { transports, reconnection: false });

socket.on("connect", () => socket.emit("picture", "large", Buffer.alloc(size)));
socket.on("picture", (_, picture) => end("heard", picture.length, "bytes"));
socket.on("disconnect", (reason, why) => end("disconnected:", reason, why.context?.status ?? ""));
const end = (...words) => { console.log(...words); process.exit(); };
