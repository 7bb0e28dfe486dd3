import { io } from "socket.io-client";

const news = [];
const [ann, bob] = ["Ann", "Bob"].map((name) => {
  const socket = io(url, { transports: ["websocket"], reconnection: false, forceNew: true });
  socket.on("report", () => news.push(`${name} has the report.`));
  socket.on("disconnect", (reason) => news.push(`${name} is disconnected: ${reason}.`));
  return socket;
});
const connected = (socket) => new Promise((resolve) => socket.on("connect", resolve));
await Promise.all([connected(ann), connected(bob)]);

ann.emit("report");
setTimeout(() => {
  console.log(news.sort().join("\n"));
  process.exit();
}, 3000);
