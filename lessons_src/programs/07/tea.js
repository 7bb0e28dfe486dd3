socket.onopen = () => join("tea");
socket.onmessage = ({ data }) => {
  const message = JSON.parse(data);
  if (message.join) return say("tea", "Hello from JavaScript");
  console.log("heard:", message.text);
  socket.close();
};
