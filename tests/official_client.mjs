// The official client at `url`: what it observes of the server, a scenario a property, as one line of JSON.
import { io, Manager } from "socket.io-client";

const url = process.env.URL;
const event = (emitter, name) => new Promise((resolve) => emitter.once(name, (...values) => resolve(values)));
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const attempt = (promise) => promise.then((value) => value, () => "failed");

/** A socket with a connection of its own, for as long as `use` works. */
async function with_(use, path = "", options = {}) {
  const socket = io(url + path, { forceNew: true, reconnectionDelay: 10, ...options });
  try {
    return await use(socket);
  } finally {
    socket.disconnect();
  }
}

/** What comes as `answer` when `question` was emitted, with `values`. */
const brings = (question, answer, ...values) =>
  with_(async (socket) => {
    socket.emit(question, ...values);
    return event(socket, answer);
  });

const comes = async (...words) => Boolean(await brings(...words)); // with recovery it has an offset behind it

const handshake = (path, options = {}) => with_(async (socket) => (await event(socket, "handshake"))[0], path, options);
const refusal = (path) => with_(async (socket) => (await event(socket, "connect_error"))[0].message, path);

const scenarios = {
  "a greeting comes back": () => comes("hi", "hi"),
  "false stays false": async () => (await brings("false", "false"))[0],
  "a date is a text": async () => (await brings("getDate", "takeDate"))[0].endsWith("Z"),
  "so is a date in an object": async () => (await brings("getDateObj", "takeDateObj"))[0].date.endsWith("Z"),
  "a date as an acknowledgement": () =>
    with_(async (socket) => (await socket.emitWithAck("getAckDate", {})).endsWith("Z")),
  "texts of five alphabets": () =>
    with_(async (socket) => {
      const heard = [];
      socket.on("takeUtf8", (text) => heard.push(text));
      socket.emit("getUtf8");
      await socket.emitWithAck("echo", "done");
      return heard;
    }),
  "bytes come": async () => Buffer.from((await brings("doge", "doge"))[0]).toString(),
  "bytes go": () => comes("buffa", "buffack", Uint8Array.of(1, 2)),
  "bytes go among others": () =>
    comes("jsonbuff", "jsonbuff-ack", { hello: "lol", message: Uint8Array.of(3), goodbye: "gotcha" }),
  "bytes keep their place in line": () =>
    with_(async (socket) => {
      socket.emit("abuff1", Uint8Array.of(4));
      socket.emit("abuff2", "second");
      return Boolean(await event(socket, "abuff2-ack"));
    }),
  "the server asks": () =>
    with_(async (socket) => {
      socket.on("ack", (answer) => answer(5, { test: true }));
      socket.emit("ack");
      return Boolean(await event(socket, "got it"));
    }),
  "what was said before the connection comes first": () =>
    with_(async (socket) => {
      const order = [];
      socket.on("connect", () => socket.emit("echo", 2, (value) => order.push(value)));
      socket.emit("echo", 1, (value) => order.push(value));
      await event(socket, "connect");
      await socket.emitWithAck("echo", 3);
      return order;
    }),
  "an id is known at both ends": () =>
    with_(async (socket) => {
      const id = await socket.emitWithAck("getId");
      return [id === socket.id, id === socket.io.engine.id];
    }),
  "in a namespace, too": () =>
    with_(async (socket) => (await socket.emitWithAck("getId")) === socket.id, "/foo"),
  "the query is seen": async () => (await handshake("/abc?b=c&%26d=%3De")).query["&d"],
  "what one says of oneself is seen": async () => (await handshake("/abc", { auth: { name: "Ann" } })).auth,
  "and may be found out late": async () => (await handshake("/abc", { auth: (say) => say({ late: 1 }) })).auth,
  "the main namespace refuses": () => refusal("/?fail=1"),
  "another one refuses": () => refusal("/no"),
  "one does not exist": () => refusal("/nowhere"),
  "who was refused is not asked in again": () =>
    with_(async (socket) => {
      let refusals = 0;
      socket.on("connect_error", () => {
        refusals += 1;
        socket.io.engine.close();
      });
      await event(socket.io, "close");
      await pause(100);
      return refusals;
    }, "/no"),
  "two namespaces, one of which is left": async () => {
    const manager = new Manager(url);
    const [foo, asd] = [manager.socket("/foo"), manager.socket("/asd")];
    await Promise.all([event(foo, "connect"), event(asd, "connect")]);
    foo.disconnect();
    await pause(100);
    const seen = [foo.connected, asd.connected];
    asd.disconnect();
    return seen;
  },
  "one comes back, as the one it was": () =>
    with_(async (socket) => {
      await event(socket, "connect");
      const { id } = socket;
      socket.io.engine.close();
      await event(socket, "connect");
      return [Boolean(socket.recovered), socket.id === id];
    }),
  "one leaves, comes back, and what was kept arrives": () =>
    with_(async (socket) => {
      await event(socket, "connect");
      socket.disconnect();
      const kept = socket.emitWithAck("echo", "kept");
      socket.connect();
      return kept;
    }),
  "an impatient one": () =>
    with_(async (socket) => (await event(socket, "connect_error"))[0].message, "", { timeout: 0, reconnection: false }),
  "an answer in time": () => with_((socket) => attempt(socket.timeout(4000).emitWithAck("echo", 42))),
  "no answer": () => with_((socket) => attempt(socket.timeout(50).emitWithAck("unknown"))),
  "retries, all in order": () =>
    with_(async (socket) => {
      const said = [];
      socket.io.engine.on("packetCreate", ({ data }) => said.push(data));
      await Promise.all([1, 2].map((value) => socket.emitWithAck("echo", value)));
      return [...said];
    }, "", { retries: 1, ackTimeout: 4000 }),
  "retries that nobody answers": () =>
    with_(async (socket) => {
      let asked = 0;
      socket.on("ack", () => (asked += 1));
      await attempt(socket.emitWithAck("ack"));
      return asked;
    }, "", { retries: 3, ackTimeout: 300 }),
  "whatever comes is heard": () =>
    with_((socket) => new Promise((resolve) => socket.onAny((name, { auth }) => resolve([name, auth]))), "/abc"),
};

const names = Object.keys(scenarios);
const seen = await Promise.all(names.map((name) => attempt(Promise.race([scenarios[name](), pause(8000)]))));
console.log(JSON.stringify(Object.fromEntries(names.map((name, index) => [name, seen[index]]))));
process.exit();
