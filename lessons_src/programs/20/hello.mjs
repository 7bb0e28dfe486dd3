import { io } from "socket.io-client";

const arrive = (name) => io(url, { forceNew: true, auth: { name, room: "silver" } });
const [ann, bob] = [arrive("Ann"), arrive("Bob")];
await Promise.all([ann, bob].map((socket) => new Promise((resolve) => socket.on("connect", resolve))));
await new Promise((resolve) => setTimeout(resolve, 300)); // until what was kept has come
const heard = [], answers = [];
bob.on("said", (_, { by, content }) => heard.push(`${by}: ${content}`));
for (const content of ["Who opens?", Buffer.from("an image")]) {
  answers.push(await ann.timeout(3000).emitWithAck("say", `id ${answers.length}`, content));
}
await new Promise((resolve) => setTimeout(resolve, 300));
console.log("Bob hears", heard.join(", "), "- taken:", ...answers);
process.exit();
