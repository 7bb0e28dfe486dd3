import { Decoder } from "socket.io-parser";

const found = texts.map((text) => {
  let packet;
  const decoder = new Decoder();
  decoder.on("decoded", (decoded) => { packet = decoded; });
  decoder.add(text);
  return [packet.type, packet.nsp, packet.id ?? null, packet.data ?? null];
});
console.log(JSON.stringify(found));
