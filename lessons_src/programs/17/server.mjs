import { createServer } from "node:http";
import { setTimeout } from "node:timers/promises";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http);

io.on("connection", (socket) => {
  socket.on("step", async (name, seconds) => {
    socket.emit("said", `${name} begins`);
    await setTimeout(1000 * seconds);
    socket.emit("said", `${name} ends`);
  });
});
http.listen(process.env.PORT, "127.0.0.1", () => {
  console.log(JSON.stringify({ port: http.address().port }));
});
