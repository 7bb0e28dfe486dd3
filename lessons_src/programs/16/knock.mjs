import { io } from "socket.io-client";

for (const token of [undefined, "guess", "t-4711"]) {
  const options = { auth: { token }, transports: ["websocket"], forceNew: true };
  const socket = io(url, options);
  const end = (...words) => console.log(`${token ?? "nothing"}:`, ...words);
  await new Promise((resolve) => {
    socket.on("connect", async () => {
      end("connected as", await socket.emitWithAck("who am i"));
      resolve();
    });
    socket.on("connect_error", (error) => {
      end("refused:", error.message, "|", error.data?.help, "| tries again:", socket.active);
      resolve();
    });
  });
  await new Promise((resolve) => setTimeout(resolve, 200));      // until his connection has ended
}
process.exit();
