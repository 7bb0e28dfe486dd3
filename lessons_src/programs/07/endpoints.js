const socket = new WebSocket(url);
const listeners = {};
const on = (path, listener) => { listeners[path] = listener; };
const send = (path, message) => socket.send(JSON.stringify({ path, ...message }));
socket.onmessage = ({ data }) => {
  const message = JSON.parse(data);
  listeners[message.path]?.(message);
};
