import { io } from "socket.io-client";

const socket = io(url, { path: "/chat/", transports: ["websocket"] });
socket.on("connect", () => socket.emit("message", "你好 🙂"));
socket.on("message", (text) => {
  console.log("heard", text, "over", socket.io.engine.transport.name);
  socket.disconnect();
});
