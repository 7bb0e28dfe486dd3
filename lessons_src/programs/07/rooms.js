const socket = new WebSocket(url);
const send = (message) => socket.send(JSON.stringify(message));
const join = (room) => send({ join: room });
const say = (room, text) => send({ room, text });
