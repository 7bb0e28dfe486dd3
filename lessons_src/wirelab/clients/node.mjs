// Clients in Node: the official one and its own WebSocket. Told by lines of JSON what to do (see driver.mjs).

import { Agent } from "node:http";
import { createInterface } from "node:readline";
import { io } from "socket.io-client";

import { Driver } from "./driver.mjs";

const driver = new Driver({
  say: (message) => process.stdout.write(JSON.stringify(message) + "\n"),
  way: (_library, url, { proxy, ...options }) => ({
    url,
    options: proxy ? { ...options, agent: new Agent({ proxyEnv: { HTTP_PROXY: proxy } }) } : options,
  }),
  official: () => io,
});

createInterface({ input: process.stdin })
  .on("line", (line) => driver.obey(JSON.parse(line)))
  .on("close", () => process.exit());
