import { io } from "socket.io-client";

const socket = io(url, options);
socket.on("hello", (name) => { console.log("connected, and greeted by", name); socket.close(); });
socket.on("connect_error", (error) => {
  console.log("refused:", error.context?.status, error.context?.responseText);
  socket.close();
});
