let place = null; // up to which everything was heard
let room = part("room").value; // in which the server has us: what is not yet taken belongs there
const given = new URLSearchParams(location.hash.slice(1));
part("name").value = given.get("name") || `Guest ${Math.floor(Math.random() * 900) + 100}`;

const socket = io({
  path: `${location.pathname}socket.io/`,
  auth: (say) => say({ name: name(), room, place }),
  retries: Infinity, ackTimeout: 3000,
});
socket.on("welcome", (server) => state("good", `Connected to ${server}`));
socket.on("disconnect", () => state("bad", "Connection lost. It comes back by itself."));
socket.on("connect_error", (error) => {
  state("bad", socket.active ? "No server answers. I go on trying." : `Refused: ${error.message}`);
});
socket.on("people", (room, names) => {
  if (room === part("room").value) part("people").textContent = `Here: ${names.join(", ")}`;
});
socket.on("said", (where, message) => {
  if (message.room !== part("room").value) return; // it was said where we came from
  place = where;
  show(message, where);
});

function enter(next) {
  place = null;
  socket.emit("enter", next, () => { room = next; });
}
function send(content) {
  const id = Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16)).join("");
  show({ id, by: name(), content });
  socket.emit("say", id, content, (_, isTaken) => {
    part(`m-${id}`)?.lastChild.append(isTaken ? "✓" : "✗ not taken");
  });
}
