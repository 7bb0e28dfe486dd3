import { io } from "socket.io-client";

const sockets = {}, heard = [];
let where = {}, marked = [];
for (const name of names) {
  const socket = sockets[name] = io(url, { auth: { name }, transports: ["websocket"], reconnection: false, forceNew: true });
  socket.on("marker", (at) => { where = at; marked.push(name); });
  socket.onAny((event, ...what) => { if (event !== "marker") heard.push([name, event, ...what]); });
  socket.on("disconnect", (reason) => heard.push([name, "disconnect", reason]));
  await new Promise((resolve) => socket.on("connect", resolve));
}
const real = (what) => Array.isArray(what) ? what.map(real)
  : typeof what === "string" && what.startsWith("id of ") ? sockets[what.slice(6)].id : what;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const found = [];
for (const [name, event, ...what] of script) {
  if (event === "goes") sockets[name].io.engine.close();
  else sockets[name].emit(event, ...what.map(real));
  if (event === "goes") await pause(100);
  const here = names.filter((each) => sockets[each].connected);
  marked = [];
  (here.includes(name) ? sockets[name] : sockets[here[0]]).emit("marker");
  for (let wait = 0; wait < 400 && marked.length < here.length; wait++) await pause(10);
  const own = (line) => !(event === "goes" && line[0] === name);
  found.push({ heard: heard.splice(0).filter(own), where, here });
}
console.log(JSON.stringify(found));
process.exit();
