socket.onopen = async () => {
  console.log(name, "logs in:", await login(name, "sesame"));
  await ask("/chat", { join: name });
  on("/chat", ({ text }) => { console.log(name, "hears:", text); socket.close(); });
  ask("/chat", { room: name, text: "Hello from " + name });
};
