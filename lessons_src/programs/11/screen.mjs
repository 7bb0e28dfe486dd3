import { io } from "socket.io-client";

const socket = io(url, {
  transports: ["websocket"],
  reconnectionDelay: 100,
});
socket.on("disconnect", (reason) => {
  console.log("disconnected:", reason, "| wants to come back:", socket.active);
  socket.emit("say", "I was away");
});
socket.io.on("reconnect", () => console.log("came back"));
socket.on("news", (text) => { console.log("hears:", text); process.exit(); });
