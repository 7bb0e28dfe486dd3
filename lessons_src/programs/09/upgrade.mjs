import { io } from "socket.io-client";

const socket = io(url);                        // no transports: polling first, then WebSocket
const { engine } = socket.io;

engine.once("open", () => console.log("open, over", engine.transport.name));
engine.once("upgrade", () => {
  console.log("upgraded to", engine.transport.name);
  socket.emit("message", "你好 🙂");
});
socket.on("message", (text) => {
  console.log("heard:", text);
  socket.disconnect();
});
