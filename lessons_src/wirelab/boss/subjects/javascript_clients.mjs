// The official JavaScript clients of a review, in one process: told by lines of JSON what to do (see peer.py).
import { createInterface } from "node:readline";
import { io } from "socket.io-client";

const sockets = new Map();

const pack = (value) => {
  if (Buffer.isBuffer(value)) return { $bytes: value.toString("base64") };
  if (Array.isArray(value)) return value.map(pack);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, pack(each)]));
};

const unpack = (_key, value) => (value?.$bytes === undefined ? value : Buffer.from(value.$bytes, "base64"));

const say = (message) => process.stdout.write(JSON.stringify(message) + "\n");

const watch = (id, socket) => {
  sockets.set(id, socket);
  socket.on("connect", () => say({ client: id, connected: true }));
  socket.on("disconnect", () => say({ client: id, connected: false }));
  socket.on("message", (message) => say({ client: id, message: pack(message) }));
};

// The end of the first attempt to upgrade, however it went.
const settled = ({ engine, opts }) =>
  engine.transport.name === "websocket" || opts.transports?.length === 1
    ? undefined
    : new Promise((resolve) => {
        for (const event of ["upgrade", "upgradeError", "close"]) engine.once(event, () => resolve());
        setTimeout(resolve, 1000);
      });

const connected = (socket, patience) =>
  new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error("no answer")), patience);
    socket.once("connect", () => resolve(settled(socket.io)));
    socket.on("connect_error", (error) => socket.active || reject(error));
  });

const actions = {
  open(id, url, options, patience) {
    const quick = { reconnectionDelay: 100, reconnectionDelayMax: 200, randomizationFactor: 0 };
    const plain = { forceNew: true, withCredentials: true, perMessageDeflate: false };
    const socket = io(url, { ...plain, ...quick, ...options });
    watch(id, socket);
    return connected(socket, patience);
  },
  endpoint(id, first, name, patience) {
    const { io: manager, auth } = sockets.get(first);
    watch(id, manager.socket(name, { auth }));
    return connected(sockets.get(id), patience);
  },
  emit(id, ...event) {
    sockets.get(id).emit(...event);
  },
  ask(id, patience, ...event) {
    return sockets.get(id).timeout(patience).emitWithAck(...event);
  },
  close(id) {
    sockets.get(id)?.disconnect();
  },
};

createInterface({ input: process.stdin }).on("line", async (line) => {
  const { id, do: action, with: values } = JSON.parse(line, unpack);
  try {
    say({ id, result: pack(await actions[action](...values)) });
  } catch (error) {
    say({ id, error: error.message });
  }
}).on("close", () => process.exit());
