import { io } from "socket.io-client";

const heard = {};
for (const [number, name] of ["at yours", "at the official one"].entries()) {
  const socket = io(urls[number], { transports: ["websocket"], forceNew: true, reconnection: false });
  await socket.timeout(3000).emitWithAck("join", "gold");
  socket.once("price", (price) => {
    heard[name] = price;
    if (Object.keys(heard).length === 2) end();
  });
}
const end = () => {
  for (const name of Object.keys(heard).sort().reverse()) console.log(`${name}: ${heard[name]}`);
  process.exit();
};
setTimeout(end, 4000);
