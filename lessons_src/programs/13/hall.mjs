import { Server } from "socket.io";
import { io } from "socket.io-client";

const server = new Server(0);
const url = `http://127.0.0.1:${server.httpServer.address().port}`;
const pause = () => new Promise((resolve) => setTimeout(resolve, 1000));

for (const name of ["first", "second", "third", "fourth"]) {
  const screen = io(url, { forceNew: true, transports: ["websocket"] });
  if (name === "fourth") continue;
  screen.on("price", (price, answer) => setTimeout(answer, 100, `${name} shows ${price}`));
}
await pause();
const called = (how) => (error, answers) => console.log(how, "|", error?.message, "|", answers.sort());
server.timeout(500).emit("price", 4000, called("half a second"));
await pause();
server.emit("price", 4000, called("no time limit"));
await pause();
process.exit();
