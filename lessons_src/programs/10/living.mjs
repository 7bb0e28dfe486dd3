import { io } from "socket.io-client";

const socket = io(url, { reconnection: false });
let pings = 0;
socket.on("connect", () => socket.io.engine.on("ping", () => { pings += 1; }));
socket.on("disconnect", (reason) => console.log(reason));
setTimeout(() => {
  console.log(socket.connected && pings > 1 ? "lives" : `${pings} pings`);
  process.exit();
}, 2500);
