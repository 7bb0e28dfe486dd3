const socket = new WebSocket(url);
const listeners = {};
const pending = new Map();
let numbers = 0;
const on = (path, listener) => { listeners[path] = listener; };
const ask = (path, message) =>
  new Promise((resolve) => {
    pending.set(++numbers, resolve);
    socket.send(JSON.stringify({ path, id: numbers, ...message }));
  });
socket.onmessage = ({ data }) => {
  const message = JSON.parse(data);
  if (!message.ack) return listeners[message.path]?.(message);
  pending.get(message.ack)?.(message.result);
  pending.delete(message.ack);
};
