// Socket.IO servers that echo. argv[2]: JSON {name: {port, pingInterval, pingTimeout}}; prints the ports.
import { createServer } from "node:http";
import { createRequire } from "node:module";
const { Server } = createRequire(process.env.NODE_PATH + "/")("socket.io");

const ports = {};
for (const [name, { port, ...options }] of Object.entries(JSON.parse(process.argv[2]))) {
  const server = createServer();
  new Server(server, { maxHttpBufferSize: 1e7, ...options }).on("connection", (socket) => {
    socket.on("echo", (data, acknowledge) => acknowledge(data));
  });
  await new Promise((resolve) => server.listen(Number(port), "127.0.0.1", () => resolve(null)));
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  ports[name] = address.port;
}
console.log(JSON.stringify({ ports }));
process.stdin.resume().on("close", () => process.exit());
