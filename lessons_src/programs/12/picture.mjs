import { io } from "socket.io-client";

const socket = io(url, { transports, reconnection: false });
const gold = Buffer.from(base64, "base64");           // bytes, as any file has them

socket.on("connect", () => socket.emit("picture", "gold", gold));
socket.on("picture", (caption, picture) => {
  console.log("Bob sees", caption, "- the same bytes:", gold.equals(picture));
  socket.disconnect();
});
socket.on("disconnect", (reason) => console.log("disconnected:", reason));
