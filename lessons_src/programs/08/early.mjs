import { io } from "socket.io-client";

const socket = io(url, { transports: ["websocket"] });
console.log("connected:", socket.connected);
socket.emit("echo", "an early word");

socket.on("echo", (text) => { console.log("heard:", text); socket.disconnect(); });
