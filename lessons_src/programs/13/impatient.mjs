import { io } from "socket.io-client";

const sockets = [0, 1].map(() => io(url, { transports: ["websocket"], reconnection: false, forceNew: true }));
await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.on("connect", resolve))));

const told = tries.map(([who, coin, number]) =>
  sockets[who].timeout(2500).emitWithAck("buy", coin, number).catch((error) => error.message));
console.log(JSON.stringify(await Promise.all(told)));
process.exit();
