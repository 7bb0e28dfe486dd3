import { io } from "socket.io-client";
const socket = io(url + "/chat", { auth: { name, password: "sesame" }, transports });
