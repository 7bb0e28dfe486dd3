import { io } from "socket.io-client";

const people = { Ann: ["gold"], Bob: ["gold", "silver"], Cy: ["silver"], Dan: ["gold", "copper"] };
const heard = Object.fromEntries(aims.map((aim) => [aim, []]));
const sockets = {};

for (const [name, rooms] of Object.entries(people)) {
  sockets[name] = io(url, { transports: ["websocket"], forceNew: true, reconnection: false });
  sockets[name].on("said", (aim) => heard[aim].push(name));
  await sockets[name].timeout(3000).emitWithAck("join", rooms);
}
for (const aim of aims) await sockets.Ann.timeout(3000).emitWithAck("say", aim);

await new Promise((resolve) => setTimeout(resolve, 100));                 // until the last has come to the last
for (const aim of aims) console.log(aim.padEnd(18), heard[aim].sort().join(" ") || "nobody");
process.exit();
