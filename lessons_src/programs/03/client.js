const socket = new WebSocket(url);
socket.onopen = () => { console.log("open"); socket.close(1000); };
socket.onerror = (event) => console.log("error:", event.message || "no reason given");
socket.onclose = (event) => console.log("close:", event.code, JSON.stringify(event.reason));
