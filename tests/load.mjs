// A load generator: an order is a line of JSON, {what, raw, port, clients, seconds}; the answer is one, too.
// Over WebSocket alone: Socket.IO without its library, which would be the bottleneck; `raw` is a server that sends
// back each text, and "news" to everyone who is there for a text that begins with "cast".
import { createInterface } from "node:readline";
import WebSocket from "ws";

const TEXT = "x".repeat(64);
const WORDS = {
  raw: { path: "/", echo: TEXT, cast: "cast", isNews: (text) => text.startsWith("n") },
  socketio: {
    path: "/socket.io/?EIO=4&transport=websocket",
    echo: `42["echo","${TEXT}"]`,
    cast: '42["cast"]',
    isNews: (text) => text.startsWith('42["news"'),
  },
};

class Client {
  constructor(port, words, raw) {
    this.hear = () => {};
    this.socket = new WebSocket(`ws://127.0.0.1:${port}${words.path}`, { perMessageDeflate: false });
    this.ready = new Promise((resolve, reject) => {
      this.socket.on("error", reject);
      if (raw) this.socket.on("open", resolve);
      this.socket.on("message", (data) => {
        const text = data.toString();
        if (raw || text.startsWith("42")) this.hear(text);
        else if (text.startsWith("0")) this.socket.send("40");
        else if (text === "2") this.socket.send("3");
        else if (text.startsWith("40")) resolve();
      });
    });
  }

  end() { return new Promise((resolve) => { this.socket.on("close", resolve); this.socket.terminate(); }); }
}

async function connect({ port, clients, raw, atOnce = 20 }) {
  const words = raw ? WORDS.raw : WORDS.socketio;
  const all = [];
  const one = async () => {
    while (all.length < clients) {
      const client = new Client(port, words, raw);
      all.push(client);
      await client.ready;
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, clients) }, one));
  return { all, words };
}

function summary(times, seconds, each = 1) {
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  return { count: times.length * each, rate: (times.length * each) / seconds, p50: at(0.5), p99: at(0.99) };
}

// Each client says the next thing when the last has come back.
async function echo(order) {
  const { all, words } = await connect(order);
  const times = [];
  const start = performance.now();
  const end = start + order.seconds * 1000;
  await Promise.all(all.map((client) => new Promise((resolve) => {
    let said;
    const say = () => { said = performance.now(); client.socket.send(words.echo); };
    client.hear = () => {
      const now = performance.now();
      times.push((now - said) * 1000);
      if (now < end) say(); else resolve();
    };
    say();
  })));
  const seconds = (performance.now() - start) / 1000;
  await Promise.all(all.map((client) => client.end()));
  return summary(times, seconds);
}

// The first asks for news when everyone has the last; a message is counted for each who gets it.
async function broadcast(order) {
  const { all, words } = await connect(order);
  const times = [];
  const start = performance.now();
  const end = start + order.seconds * 1000;
  await new Promise((resolve) => {
    let said, missing;
    const say = () => { missing = all.length; said = performance.now(); all[0].socket.send(words.cast); };
    const hear = (text) => {
      if (!words.isNews(text) || --missing) return;
      const now = performance.now();
      times.push((now - said) * 1000);
      if (now < end) say(); else resolve();
    };
    for (const client of all) client.hear = hear;
    say();
  });
  const seconds = (performance.now() - start) / 1000;
  await Promise.all(all.map((client) => client.end()));
  return summary(times, seconds, all.length);
}

async function connections(order) {
  const start = performance.now();
  const { all } = await connect(order);
  const rate = order.clients / ((performance.now() - start) / 1000);
  await Promise.all(all.map((client) => client.end()));
  return { count: order.clients, rate };
}

let idlers = [];

async function idle(order) {
  idlers = (await connect(order)).all;
  return { count: idlers.length };
}

async function leave() {
  await Promise.all(idlers.map((client) => client.end()));
  idlers = [];
  return {};
}

const ORDERS = { echo, broadcast, connections, idle, leave };

createInterface({ input: process.stdin })
  .on("line", async (line) => {
    const order = JSON.parse(line);
    console.log(JSON.stringify(await ORDERS[order.what](order)));
  })
  .on("close", () => process.exit());
