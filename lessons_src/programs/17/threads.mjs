import { io } from "socket.io-client";

const socket = io(url, { transports: ["polling"], reconnection: false });
const heard = [];
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
socket.on("news", (what) => heard.push(what));

await pause(1500);
console.log("after a second and more:", heard.join(", ") || "nothing");
socket.emit("hello");
await pause(500);
console.log("after a hello:", heard.join(", "));
process.exit();
