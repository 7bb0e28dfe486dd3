// A crowd of light clients: Node's own WebSocket, and as much Engine.IO and Socket.IO as listening takes.
// Told by lines of JSON: {id, do: "join", with: [port, count]}. What they heard is told 30 times a second:
// {event: "heard", text, bits}, a bit for each client in base64, the first client's the lowest.

import { createInterface } from "node:readline";

const AT_ONCE = 20, BATCH_MILLISECONDS = 33;

let sockets = [];
const heard = new Map();  // of each text a bit for each client

function tell(message) { process.stdout.write(JSON.stringify(message) + "\n"); }

function hear(number, text) {
  if (!heard.size) setTimeout(report, BATCH_MILLISECONDS);
  if (!heard.has(text)) heard.set(text, new Uint8Array(Math.ceil(sockets.length / 8)));
  heard.get(text)[number >> 3] |= 1 << (number & 7);
}

function report() {
  for (const [text, bits] of heard) tell({ event: "heard", text, bits: Buffer.from(bits).toString("base64") });
  heard.clear();
}

function connect(port, number) {
  return /** @type {Promise<void>} */ (new Promise((resolve, reject) => {
    const socket = sockets[number] = new WebSocket(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`);
    socket.onerror = () => reject(new Error(`Client ${number} of the crowd could not connect.`));
    socket.onmessage = ({ data }) => {
      if (data === "2") socket.send("3");
      else if (data.startsWith("42")) hear(number, JSON.parse(data.slice(2))[1]);
      else if (data.startsWith("40")) resolve();
      else if (data.startsWith("0")) socket.send(`40${JSON.stringify({ crowd: number })}`);
    };
  }));
}

const ORDERS = {
  async join(port, count) {
    for (const socket of sockets) socket.close();
    sockets = Array(count).fill(null);
    let next = 0;
    const some = async () => { while (next < count) await connect(port, next++); };
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, count) }, some));
    return count;
  },
};

createInterface({ input: process.stdin })
  .on("line", async (line) => {
    const { id, do: action, with: values } = JSON.parse(line);
    try {
      tell({ id, result: await ORDERS[action](...values) });
    } catch (error) {
      tell({ id, error: error.message });
    }
  })
  .on("close", () => process.exit());
