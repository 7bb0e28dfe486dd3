import { io } from "socket.io-client";

const socket = io(url, { transports: ["websocket"], reconnection: false });
const said = [];
socket.on("said", (what) => { if (said.push(what) === 4) end(); });
socket.emit("step", "slow", 0.3);
socket.emit("step", "quick", 0);
const end = () => { console.log(said.join(", ")); process.exit(); };
