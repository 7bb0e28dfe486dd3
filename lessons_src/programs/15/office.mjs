import { io } from "socket.io-client";

const socket = io(url + "/office", { transports: ["websocket"], reconnection: false });

socket.on("connect", () => end("connected"));
socket.on("connect_error", (error) => end("refused:", error.message));
socket.on("disconnect", (reason) => end("disconnected:", reason));
const end = (...words) => { console.log(...words); process.exit(); };
