import { io } from "socket.io-client";

const socket = io(url, { transports: ["websocket"], reconnection: false });

socket.on("connect", async () => {
  try { socket.join("copper"); } catch (error) { console.log(error.name + ":", error.message); }
  await socket.emitWithAck("join", "copper");            // an event like any other
  socket.emit("price", "copper", 9);
});
socket.on("price", (...price) => {
  console.log("heard:", ...price);
  socket.disconnect();
});
