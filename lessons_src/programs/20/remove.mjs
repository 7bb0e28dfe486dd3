import { io } from "socket.io-client";

const asked = [];
async function arrive(name, url, acknowledges = true, room = "gold") {
  const socket = io(url, { transports: ["websocket"], forceNew: true, reconnection: false, auth: { name, room } });
  socket.on("deleted", (...what) => {
    const answer = what.pop();
    asked.push(`${name} ${what[0] === first}`);
    if (acknowledges && answer?.call) answer();
  });
  await new Promise((resolve) => socket.once("people", resolve));
  return socket;
}
const say = (socket, id) => new Promise((resolve) => {
  socket.once("said", resolve);
  socket.emit("say", id, "Sold to nobody.", () => {});
});
const remove = (socket, place) => new Promise((resolve) => {
  socket.timeout(4000).emit("delete", place, (error, ...answer) => resolve(error ? "none" : answer));
});
let first;
const [ann, bob] = [await arrive("Ann", urls[0]), await arrive("Bob", urls[1])];
await arrive("Dan", urls[1], true, "silver");
first = await say(ann, "1");
const answers = { "not his": await remove(bob, first), "no place": await remove(bob, "?") };
const early = asked.length;
answers.hers = await remove(ann, first);
answers.again = await remove(ann, first);
await arrive("Cy", urls[1], false);
first = await say(ann, "2");
answers["Cy is silent"] = await remove(ann, first);
console.log(JSON.stringify({ answers, early, asked: asked.sort() }));
process.exit();
