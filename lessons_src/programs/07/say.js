socket.on("said", (text) => { console.log(name, "hears:", text); socket.disconnect(); });
console.log(name, "joins:", await socket.emitWithAck("join", name));
socket.emit("say", name, "Hello from " + name);
