const socket = new WebSocket(url);
socket.onopen = () => setTimeout(() => socket.close(1000), 1500);
socket.onclose = (event) => console.log("closed:", event.code);
