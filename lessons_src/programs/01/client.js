const socket = new WebSocket(url);

socket.onopen = () => socket.send("Hello from JavaScript");
socket.onmessage = (event) => {
  console.log("heard:", event.data);
  socket.close(1000, "done");
};
socket.onclose = (event) => console.log("closed:", event.code, event.reason);
