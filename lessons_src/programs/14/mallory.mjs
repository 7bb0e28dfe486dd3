import { io } from "socket.io-client";

const heard = [], people = {};
for (const name of ["Ann", "Bob", "Mallory"]) {
  people[name] = io(url, { transports: ["websocket"], reconnection: false, forceNew: true });
  people[name].on("whisper", (text) => heard.push(`${name} hears: ${text}`));
  await new Promise((resolve) => people[name].on("connect", resolve));
}
const { Ann, Bob, Mallory } = people;

await Mallory.emitWithAck("join", Ann.id);               // ids are no secret in many a chat
Bob.emit("whisper", Ann.id, "My limit is 900.");

setTimeout(() => { console.log(heard.sort().join("\n")); process.exit(); }, 200);
