import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http);

io.on("connection", (socket) => {
  const gold = io.to("gold");
  const aims = {
    "gold": gold,
    "gold or silver": gold.to("silver"),
    "gold, not copper": gold.except("copper"),
    "all but Ann": socket.broadcast,
    "gold but Ann": socket.to("gold"),
    "everyone": io,
  };
  socket.on("join", (rooms, answer) => answer(socket.join(rooms)));
  socket.on("say", (aim, answer) => answer(aims[aim].emit("said", aim)));
});
http.listen(process.env.PORT, "127.0.0.1", () => {
  console.log(JSON.stringify({ port: http.address().port }));
});
