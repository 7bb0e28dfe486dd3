const socket = new WebSocket(url);
socket.onclose = socket.onerror = (event) => console.log("noticed:", event.type);
socket.onopen = () => {
  socket.send("now");
  setTimeout(() => socket.send("anyone?"), 500);
  setTimeout(() => {
    console.log("readyState:", socket.readyState, "where OPEN is", WebSocket.OPEN);
    console.log("bytes that wait to be sent:", socket.bufferedAmount);
    console.log("a function to send a ping:", typeof socket.ping);
    process.exit();
  }, 1000);
};
