// Pupils for the tests of the class: official clients, as its page has them, which note what they see.
// Told by lines of JSON: {id, do, with}; each answer is a line {id, result} or {id, error}.

import { createInterface } from "node:readline";
import { io } from "socket.io-client";

const QUICK = { reconnectionDelay: 100, reconnectionDelayMax: 400, timeout: 1000 };
const pupils = new Map();

function tell(message) { process.stdout.write(JSON.stringify(message) + "\n"); }

function open(site, auth, options) {
  const seen = { welcomes: [], losses: [], refused: "", why: "", texts: [], goodbye: "", people: 0, waits: 0 };
  const socket = io(site, { auth, forceNew: true, transports: ["websocket"], ...QUICK, ...options });
  socket.on("welcome", ({ name }) => seen.welcomes.push(name));
  socket.on("disconnect", (reason) => seen.losses.push(reason));
  socket.on("connect_error", (error) => {
    if (error.data) Object.assign(seen, { refused: error.message, why: error.data.why });
  });
  socket.on("text", ({ name, text }) => seen.texts.push(`${name}: ${text}`));
  socket.on("goodbye", ({ why }) => { seen.goodbye = why; });
  socket.on("people", (count) => { seen.people = count; });
  socket.io.on("reconnect_attempt", () => { seen.waits += 1; });
  return { socket, seen };
}

async function until(condition, milliseconds) {
  const end = Date.now() + milliseconds;
  while (!condition()) {
    if (Date.now() > end) throw new Error("that did not happen in time");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const named = (names) => names.map((name) => pupils.get(name));

const ORDERS = {
  async join(site, code, names, options) {
    for (const name of names) pupils.set(name, open(site, { code, name, key: `key of ${name}` }, options));
    await until(() => named(names).every(({ seen }) => seen.welcomes.length || seen.refused), 10000);
    return Object.fromEntries(names.map((name) => [name, pupils.get(name).seen.refused || "in"]));
  },
  seen(names) { return Object.fromEntries(names.map((name) => [name, pupils.get(name).seen])); },
  async say(name, text, rooms) { return pupils.get(name).socket.timeout(5000).emitWithAck("say", text, rooms); },
  async act(name, ...event) { return pupils.get(name).socket.timeout(5000).emitWithAck(...event); },
  async connected(names) { await until(() => named(names).every(({ socket, seen }) => socket.connected && seen.welcomes.length > seen.losses.length), 15000); },
  async lost(names) { await until(() => named(names).every(({ socket }) => !socket.connected), 15000); },
  async heard(names, text) { await until(() => named(names).every(({ seen }) => seen.texts.includes(text)), 5000); },
  leave(names) { for (const { socket } of named(names)) socket.disconnect(); },
};

createInterface({ input: process.stdin })
  .on("line", async (line) => {
    const { id, do: action, with: values } = JSON.parse(line);
    try {
      tell({ id, result: (await ORDERS[action](...values)) ?? null });
    } catch (error) {
      tell({ id, error: error.message });
    }
  })
  .on("close", () => process.exit());
