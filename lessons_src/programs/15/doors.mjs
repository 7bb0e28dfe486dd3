import { io } from "socket.io-client";

const heard = [];
const settings = { transports: ["websocket"], reconnection: false };
for (const name of ["/chat", "/office", "/cellar"]) {
  const socket = io(url + name, settings);
  socket.on("connect", () => socket.emit("delete", 7));
  socket.on("deleted", (what, number) => note(`${name}: ${what} ${number} is deleted`));
  socket.on("connect_error", (error) => note(`${name}: ${error.message}`));
  socket.on("disconnect", (reason) => note(`${name}: ${reason}`));
}
function note(words) {
  heard.push(words);
  if (heard.length === 3) end();
}
const end = () => { console.log(heard.sort().join("\n")); process.exit(); };
setTimeout(end, 3000);
