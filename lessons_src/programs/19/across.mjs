import { io } from "socket.io-client";

const socket = io(url, { transports: ["websocket"], reconnection: false });
const heard = [];
socket.on("price", (price) => {
  heard.push(price);
  if (price === 102) end();
});
const end = () => { console.log(heard.join(" ")); process.exit(); };
await socket.timeout(3000).emitWithAck("join", "gold");
socket.emit("bid", "gold", 101);   // at the other server, Ann hears it and bids more
setTimeout(end, 3000);
