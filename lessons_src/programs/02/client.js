const socket = new WebSocket(url);
socket.binaryType = "arraybuffer";

socket.onopen = () => { socket.send("größer"); socket.send(new Uint8Array([1, 2, 3])); };
socket.onmessage = ({ data }) => {
  if (typeof data === "string") return console.log("text:", data);
  console.log("binary:", data.byteLength, "bytes");
  try { socket.close(1002); } catch (error) { console.log(error.name); }
  socket.close(4000, "seen enough");
};
socket.onclose = (event) => console.log("closed:", event.code, event.reason);
