import { io } from "socket.io-client";

const socket = io(url, { transports: ["websocket"], reconnection: false });

const hex = (_, value) => value?.type === "Buffer" ? `<${Buffer.from(value.data).toString("hex")}>` : value;
socket.on("album", (...album) => {
  console.log(JSON.stringify(album, hex));
  process.exit();
});
socket.on("disconnect", (reason) => { console.log(reason); process.exit(); });
setTimeout(() => { console.log("nothing"); process.exit(); }, 3000);
