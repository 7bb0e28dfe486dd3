import { io } from "socket.io-client";

const socket = io(url, { transports: ["websocket"], reconnection: false });

socket.on("add", (a, b, answer) => setTimeout(() => answer(a + b), a));  // who is asked first answers last
setTimeout(() => process.exit(), 5000);
