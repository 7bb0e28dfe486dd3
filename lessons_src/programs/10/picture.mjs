import { io } from "socket.io-client";

const socket = io(url, { transports: ["websocket"], reconnection: false });

socket.on("connect", () => socket.emit("picture"));
socket.on("picture", (text) => console.log("Ann has the picture:", text.length, "letters"));
socket.on("disconnect", (reason) => console.log("Ann is disconnected:", reason));
setTimeout(() => process.exit(), 4000);
