// The official client in Node; jobs and answers as in clients.py.
import { createInterface } from "node:readline";
import { createRequire } from "node:module";
const { io } = createRequire(process.env.NODE_PATH + "/")("socket.io-client");

const going = {};
const say = (message) => console.log(JSON.stringify(message));
const pause = (ms) => new Promise((resolve) => setTimeout(() => resolve("late"), ms));
const event = (emitter, ...names) =>
  Promise.race(names.map((name) => new Promise((resolve) => emitter.once(name, resolve))));

async function run(job) {
  let start = performance.now();
  const elapsed = () => (performance.now() - start) / 1000;
  const socket = io(job.url, {
    forceNew: true,
    transports: job.transports,
    timeout: 3000,
    withCredentials: true,
    reconnectionDelay: 100,
    reconnectionDelayMax: 100,
  });
  let failure;
  socket.on("connect_error", (error) => (failure ??= error));
  const settled = new Promise((resolve) => {
    socket.io.on("open", () => {
      socket.io.engine.on("upgrade", resolve);
      socket.io.engine.on("upgradeError", resolve);
    });
  });
  await Promise.race([event(socket, "connect"), event(socket, "connect_error"), pause(4000)]);
  if (!socket.connected) {
    const seen = { failed: failure?.message ?? "still connecting", status: failure?.description, when: elapsed() };
    if (typeof seen.status === "object") seen.status = seen.status?.message ?? null;
    socket.close();
    return seen;
  }
  if (job.transports.includes("websocket") && job.transports.length > 1) await Promise.race([settled, pause(1500)]);
  const transport = socket.io.engine?.transport.name ?? "none";
  let goneAt = null;
  let reason = "still connected";
  let again = false;
  let gone;
  const left = new Promise((resolve) => (gone = resolve));
  let status = null;
  socket.on("disconnect", (why, details) => {
    if (goneAt === null) [goneAt, reason] = [performance.now(), why];
    if (typeof details?.description === "number") status ??= details.description;
    gone();
  });
  socket.on("connect", () => (again = goneAt !== null));
  const answered = socket.timeout(1500).emitWithAck("echo", "x".repeat(job.size));
  const echo = await answered.then(() => true, () => false);
  say({ id: job.id, ready: true });
  await new Promise((resolve) => (going[job.id] = resolve));
  start = performance.now();
  await Promise.race([left, pause(job.watch * 1000)]);
  const disconnected = reason;
  const when = goneAt === null ? 0 : Math.max(0, (goneAt - start) / 1000);
  if (goneAt !== null && !again) await Promise.race([event(socket, "connect"), pause(1500)]);
  socket.close();
  return { transport, echo, disconnected, status, again, when };
}

for await (const line of createInterface({ input: process.stdin })) {
  const job = JSON.parse(line);
  if (job.go) going[job.go]();
  else
    run(job).then(
      (seen) => say({ id: job.id, seen }),
      (error) => say({ id: job.id, seen: { broken: String(error) } }),
    );
}
process.exit();
