import { io } from "socket.io-client";

const socket = io(url, { reconnection: false, withCredentials: true, ...options });
socket.on("connect", () => end("connected"));
socket.on("connect_error", (error) => end("refused:", error.context?.responseText ?? error.message));
const end = (...words) => { console.log(...words); process.exit(); };
