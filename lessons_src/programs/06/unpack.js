const socket = new WebSocket(url);
socket.onopen = () => socket.send("first");

socket.onmessage = ({ data }) => {
  console.log("a message as", data.constructor.name);
  if (data instanceof Blob) {
    socket.binaryType = "arraybuffer";
    socket.send("once more");
    return;
  }
  const length = new DataView(data).getUint32(0);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, length)));
  const picture = new Uint8Array(data, 4 + length);
  console.log(header.metal, "for", header.price);
  console.log("the picture begins with", picture.slice(0, 4).join(" "));
  socket.close(1000);
};
