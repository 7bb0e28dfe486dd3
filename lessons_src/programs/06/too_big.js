const socket = new WebSocket(url);
socket.onopen = () => {
  socket.send(new Uint8Array(3_000_000));
  console.log("send has returned");
};
socket.onclose = (event) => console.log("closed:", event.code, event.reason);
