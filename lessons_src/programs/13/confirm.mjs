import { Server } from "socket.io";
import { io } from "socket.io-client";

const server = new Server(0);
const pause = () => new Promise((resolve) => setTimeout(resolve, 500));
let over = 0;

server.on("connection", async (socket) => {
  const ended = () => over++;
  for (let price = 0; price < 1000; price++) socket.emitWithAck("price", price).then(ended, ended);
  await pause();
  screen.disconnect();
  await pause();
  console.log("the screen is connected:", socket.connected);
  console.log("over, one way or the other:", over, "| kept:", socket.acks.size);
  process.exit();
});
const screen = io(`http://127.0.0.1:${server.httpServer.address().port}`);
