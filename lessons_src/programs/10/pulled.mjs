import { io } from "socket.io-client";

const socket = io(url, { transports: ["websocket"], reconnection: false });

socket.on("connect", () => socket.emit("pull"));
socket.on("disconnect", (reason) => console.log("the client is told:", reason));
setTimeout(() => {
  console.log("the client is connected:", socket.connected);
  process.exit();
}, 2000);
