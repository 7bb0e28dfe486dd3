import { io } from "socket.io-client";

const socket = io(url, { transports: ["websocket"] });  // const socket = new WebSocket(url);

socket.on("connect", () => {                         // socket.onopen = () => {
  socket.emit("echo", "Hello from JavaScript");      //   socket.send("Hello from JavaScript");
});                                                  // };
socket.on("echo", (text) => {                        // socket.onmessage = ({ data: text }) => {
  console.log("heard:", text);
  socket.disconnect();                               //   socket.close();
});                                                  // };
socket.on("disconnect", (reason) => {                // socket.onclose = ({ code }) => {
  console.log("disconnected:", reason);
});                                                  // };
