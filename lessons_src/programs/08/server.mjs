import { createServer } from "node:http";
import { Server } from "socket.io";                  // import { WebSocketServer } from "ws";

const http = createServer();
const io = new Server(http);                         // const server = new WebSocketServer({ server: http });

io.on("connection", (socket) => {                    // server.on("connection", (socket) => {
  socket.on("echo", (text) => {                      //   socket.on("message", (data) => {
    socket.emit("echo", text);                       //     socket.send(data.toString());
  });                                                //   });
});                                                  // });

http.listen(process.env.PORT, "127.0.0.1", () => {
  console.log(JSON.stringify({ port: http.address().port }));
});
