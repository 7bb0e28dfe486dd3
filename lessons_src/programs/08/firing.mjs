import { io } from "socket.io-client";

const socket = io(url, { transports: ["websocket"], reconnection: false });
const heard = [];
socket.onAny((...event) => heard.push(event));
for (const event of events) socket.emit(...event);
socket.on("disconnect", () => console.log(JSON.stringify(heard)));
setTimeout(() => socket.disconnect(), 2000).unref();
