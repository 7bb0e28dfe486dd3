import { io } from "socket.io-client";

const socket = io(url, { transports: ["websocket"] });

socket.once("connect", () => socket.emit("say", "hello"));
socket.once("news", () => {
  socket.disconnect();
  socket.connect();
  socket.once("connect", () => {
    console.log(Boolean(socket.recovered));
    process.exit();
  });
});
