import { io } from "socket.io-client";

const arrive = (name) => io(url, { forceNew: true, auth: { name, room: "silver" } });
const [ann, bob] = [arrive("Ann"), arrive("Bob")];
await Promise.all([ann, bob].map((socket) => new Promise((resolve) => socket.on("connect", resolve))));
const run = crypto.randomUUID(); // what was kept earlier has other ids
const heard = [], answers = [];
bob.on("said", (_, { id, by, content }) => {
  if (id.startsWith(run)) heard.push(`${by}: ${content}`);
});
for (const content of ["Who opens?", Buffer.from("an image")]) {
  answers.push(await ann.timeout(3000).emitWithAck("say", `${run} ${answers.length}`, content));
}
while (heard.length < answers.length) await new Promise((resolve) => setTimeout(resolve, 20));
console.log("Bob hears", heard.join(", "), "- taken:", ...answers);
process.exit();
