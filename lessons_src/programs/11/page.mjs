const socket = new WebSocket(url);

socket.onopen = () => console.log("the page is connected");
socket.onclose = (event) => {
  console.log("the page is closed:", event.code);
  setTimeout(() => {
    console.log("later, the page is connected:", socket.readyState === WebSocket.OPEN);
    process.exit();
  }, 1500);
};
