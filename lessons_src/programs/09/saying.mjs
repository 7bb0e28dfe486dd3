import { io } from "socket.io-client";

const socket = io(url, { transports, reconnection: false });
const heard = [];
const done = (problem) => {
  clearTimeout(timer);
  socket.disconnect();
  console.log(JSON.stringify({ heard, problem }));
};
const timer = setTimeout(() => done("nothing more is heard"), 2000);

const speak = () => texts.forEach((text) => socket.emit("message", text));
if (transports.length === 1) speak();
else socket.io.engine.once("upgrade", speak);
socket.on("message", (text) => {
  heard.push(text);
  if (heard.length === texts.length) done(null);
});
socket.on("connect_error", (error) => done(error.message));
socket.on("disconnect", (reason) => reason !== "io client disconnect" && done(reason));
