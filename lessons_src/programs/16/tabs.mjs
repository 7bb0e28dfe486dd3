import { io } from "socket.io-client";

const options = { transports: ["websocket"], forceNew: true, reconnection: false };
const open = (token) => new Promise((resolve) => {
  const socket = io(url, { ...options, auth: { token } });
  socket.on("connect", () => resolve(socket));
});
const pause = () => new Promise((resolve) => setTimeout(resolve, 300));

const heard = [];
const bob = await open("t-4712");
for (const event of ["came", "left"]) bob.on(event, (name) => heard.push(`${name} ${event}`));

const tabs = [await open("t-4711"), await open("t-4711")];
for (const [index, words] of ["one tab closes", "the other closes"].entries()) {
  await pause();
  heard.push(words);
  tabs[index].disconnect();
}
await pause();
console.log(heard.join(", "));
process.exit();
