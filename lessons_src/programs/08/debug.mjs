import { format } from "node:util";
import debug from "debug";
import { io } from "socket.io-client";

debug.inspectOpts.hideDate = true;
debug.log = (text, ...values) => text.includes(" encoded ") && console.log(format(text, ...values));
debug.enable("socket.io-parser");

const socket = io(url, { transports: ["websocket"] });
socket.on("connect", () => socket.emit("echo", "你好 🙂"));
socket.on("echo", () => socket.disconnect());
