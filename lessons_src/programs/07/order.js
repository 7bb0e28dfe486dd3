socket.onopen = async () => {
  console.log("orders so far:", await ask("/order", { what: "biscuits" }));
  socket.close();
};
