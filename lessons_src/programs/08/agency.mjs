import { io } from "socket.io-client";

const socket = io(url, { transports: ["websocket"], timeout: 1000, reconnection: false });

socket.on("connect", () => {
  console.log("connected");
  socket.disconnect();
});
socket.on("connect_error", (error) => console.log("no connection:", error.message));
