import { io } from "socket.io-client";

const heard = [];
async function arrive(name, url, room, what = name) {
  const socket = io(url, { transports: ["websocket"], forceNew: true, reconnection: false, auth: { name, room } });
  socket.on("whispered", (by, text) => heard.push(`${what}: ${text} (${by})`));
  await new Promise((resolve) => socket.once("people", resolve));
  return socket;
}
const ann = await arrive("Ann", urls[0], "gold");
await arrive("Bob", urls[0], "silver", "Bob's tab");
await arrive("Bob", urls[1], "gold", "Bob's telephone");
await arrive("Cy", urls[1], "gold");
await arrive("gold", urls[1], "silver", "somebody called gold");
const ask = (name, text) => ann.timeout(2000).emitWithAck("whisper", name, text).catch(() => "none");
const answers = {
  Bob: await ask("Bob", "psst"), gold: await ask("gold", "hey"), Dan: await ask("Dan", "hm"), Ann: await ask("Ann", "oh"),
};
await new Promise((resolve) => setTimeout(resolve, 300));
console.log(JSON.stringify({ answers, heard: heard.sort() }));
process.exit();
