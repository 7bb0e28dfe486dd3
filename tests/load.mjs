// A load generator. An order is a line of JSON, and so is its answer: {what: "join", raw, port, clients}, then
// {what: "echo", seconds} or {what: "broadcast", seconds}, then {what: "leave"}.
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
    this.hear = (_text) => {};
    this.socket = new WebSocket(`ws://127.0.0.1:${port}${words.path}`, { perMessageDeflate: false });
    this.ready = new Promise((resolve, reject) => {
      this.socket.on("error", reject);
      if (raw) this.socket.on("open", () => resolve(this));
      this.socket.on("message", (data) => {
        const text = data.toString();
        if (raw || text.startsWith("42")) this.hear(text);
        else if (text.startsWith("0")) this.socket.send("40");
        else if (text === "2") this.socket.send("3");
        else if (text.startsWith("40")) resolve(this);
      });
    });
  }

  end() { return new Promise((resolve) => { this.socket.on("close", resolve); this.socket.terminate(); }); }
}

const AT_ONCE = 20;
let words = WORDS.raw;
let all = [];

async function join({ port, clients, raw }) {
  words = raw ? WORDS.raw : WORDS.socketio;
  const start = performance.now();
  const one = async () => {
    while (all.length < clients) {
      const client = new Client(port, words, raw);
      all.push(client);
      await client.ready;
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, clients) }, one));
  return { count: clients, rate: clients / ((performance.now() - start) / 1000) };
}

async function leave() {
  await Promise.all(all.map((client) => client.end()));
  all = [];
  return {};
}

function summary(times, seconds, each = 1) {
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  return { count: times.length * each, rate: (times.length * each) / seconds, p50: at(0.5), p99: at(0.99) };
}

// Each client says the next thing when the last has come back.
async function echo({ seconds }) {
  const times = [];
  const start = performance.now();
  const end = start + seconds * 1000;
  await Promise.all(all.map((client) => new Promise((resolve) => {
    let said;
    const say = () => { said = performance.now(); client.socket.send(words.echo); };
    client.hear = () => {
      const now = performance.now();
      times.push((now - said) * 1000);
      if (now < end) say(); else resolve(now);
    };
    say();
  })));
  return summary(times, (performance.now() - start) / 1000);
}

// The first asks for news when everyone has the last; a message is counted for each who gets it.
async function broadcast({ seconds }) {
  const times = [];
  const start = performance.now();
  const end = start + seconds * 1000;
  await new Promise((resolve) => {
    let said, missing;
    const say = () => { missing = all.length; said = performance.now(); all[0].socket.send(words.cast); };
    const hear = (text) => {
      if (!words.isNews(text) || --missing) return;
      const now = performance.now();
      times.push((now - said) * 1000);
      if (now < end) say(); else resolve(now);
    };
    for (const client of all) client.hear = hear;
    say();
  });
  return summary(times, (performance.now() - start) / 1000, all.length);
}

const ORDERS = { join, echo, broadcast, leave };

createInterface({ input: process.stdin })
  .on("line", async (line) => {
    const order = JSON.parse(line);
    console.log(JSON.stringify(await ORDERS[order.what](order)));
  })
  .on("close", () => process.exit());
