import { io } from "socket.io-client";

const [ann, bob] = [1, 2].map(() => io(url, { transports: ["websocket"], reconnection: false, forceNew: true }));
const connected = (socket) => new Promise((resolve) => socket.on("connect", resolve));
await Promise.all([connected(ann), connected(bob)]);

const heard = [];
let lost = "";
ann.on("report", (...answer) => heard.push(answer));
bob.on("disconnect", (reason) => { lost = reason; });
ann.emit("report", 7);
setTimeout(() => {
  console.log(JSON.stringify({ heard, lost }));
  process.exit();
}, 3000);
