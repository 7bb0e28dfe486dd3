// The official Socket.IO client, told by lines of JSON what to do (boss/subjects/peer.py). It tells what it observes.
import { Agent } from "node:http";
import { createInterface } from "node:readline";
import { io } from "socket.io-client";

let socket;

const say = (message) => process.stdout.write(JSON.stringify(message) + "\n");

const actions = {
  connect(attempt, url, proxy) {
    const tell = (saw, text = "") => say({ attempt, saw, text, transport: socket.io.engine?.transport?.name ?? "" });
    /** @type {any} */ // the library's types know no agent, Node's transports do
    const agent = proxy ? new Agent({ proxyEnv: { HTTP_PROXY: proxy } }) : undefined;
    const mine = io(url, { forceNew: true, reconnection: false, timeout: 60_000, agent });
    socket = mine;
    const connected = new Promise((resolve) => socket.on("connect", resolve)).then(() => tell("connect"));
    socket.io.on("open", () => {
      const { engine } = mine.io;
      engine.once("upgrade", () => connected.then(() => tell("upgrade")));
      engine.once("upgradeError", ({ message }) => connected.then(() => tell("upgradeError", message)));
    });
    socket.on("connect_error", ({ message, description }) => {
      tell("connect_error", description > 0 ? `${message} (HTTP ${description})` : message);
    });
    socket.on("disconnect", (reason) => tell("disconnect", reason));
    socket.on("message", (text) => tell("message", text));
  },
  send(text) {
    socket.emit("message", text);
  },
  close() {
    socket?.disconnect();
    // disconnect() waits for an upgrade that is under way; behind some middleboxes that is for ever.
    socket?.io.engine?._onClose("forced close");
  },
};

createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, do: action, with: values } = JSON.parse(line);
  actions[action](...values);
  say({ id });
}).on("close", () => process.exit());
