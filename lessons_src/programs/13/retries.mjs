import { io } from "socket.io-client";

const socket = io(url, { transports: ["websocket"], retries: 3, ackTimeout: 300 });

socket.emit("buy", ...what, (error, answer) => {
  console.log("Bob is told:", error?.message ?? answer);
  process.exit();
});
