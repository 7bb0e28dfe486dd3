import { io } from "socket.io-client";

const sockets = [];
let deliveries = 0;
for (let number = 0; number < 60; number++) {
  const socket = io(urls[number % urls.length], { transports: ["websocket"], forceNew: true });
  socket.on("price", () => deliveries++);
  await socket.timeout(9000).emitWithAck("join", "load");
  sockets.push(socket);
}
if (kind === "echo") {
  const times = [], end = performance.now() + 1000;
  await Promise.all(sockets.map(async (socket) => {
    while (performance.now() < end) {
      const begin = performance.now();
      await socket.timeout(9000).emitWithAck("echo", "a word");
      times.push(performance.now() - begin);
    }
  }));
  times.sort((a, b) => a - b);
  console.log(JSON.stringify({ messages: times.length, p99: times[Math.floor(times.length * 0.99)] }));
} else {
  for (let price = 0; price < 300; price++) {
    sockets[0].emit("bid", "load", price);
    if (price % 10 === 9) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const patience = performance.now() + 8000;
  while (deliveries < 300 * 60 && performance.now() < patience) await new Promise((resolve) => setTimeout(resolve, 10));
  console.log(JSON.stringify({ messages: deliveries, p99: 0 }));
}
process.exit();
