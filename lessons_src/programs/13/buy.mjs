import { io } from "socket.io-client";

const socket = io(url, { transports: ["websocket"], reconnection: false });

const end = (...words) => { console.log(...words); process.exit(); };
socket.emit("buy", "Ducat", (answer) => end("Bob is told:", answer));
socket.on("disconnect", (reason) => end("disconnected:", reason));
setTimeout(end, patience, "Bob is told nothing");
