// The page of `python -m handmade`: a chat, with the official client.
const part = (id) => document.getElementById(id);
const ACKNOWLEDGED = 5000; // milliseconds that the server has to say that something has arrived
const LARGEST = 900_000; // bytes of an image: the server takes a million in one message

function state(kind, text) {
  part("state").dataset.state = kind;
  part("state").textContent = text;
}

function line(kind, ...content) {
  part("said").querySelector(".empty")?.remove();
  const item = document.createElement("li");
  item.className = kind;
  item.append(...content);
  part("said").append(item);
  follow();
  return item;
}

function follow() {
  part("said").scrollTop = part("said").scrollHeight;
}

function by(name) {
  const label = document.createElement("b");
  label.textContent = name;
  return label;
}

function picture(bytes) {
  const image = document.createElement("img");
  image.alt = "an image that was sent";
  image.src = URL.createObjectURL(new Blob([bytes]));
  image.onload = () => {
    URL.revokeObjectURL(image.src);
    follow();
  };
  return image;
}

function start() {
  const name = () => part("name").value.trim() || "Somebody";
  let room; // to which belongs what waits to be sent; the server puts us there before it reads that
  const socket = io({
    path: `${location.pathname}socket.io/`,
    auth: (say) => say({ name: name(), room: room ?? part("room").value }),
  });

  /** Ask the server; `done` is called once it has answered, `failed` if it does not in time. */
  function ask(event, value, done, failed) {
    socket.timeout(ACKNOWLEDGED).emit(event, value, (error, ...answer) => (error ? failed() : done(...answer)));
  }

  const show = (people) => (part("people").textContent = `Here: ${people.join(", ")}`);

  /** What is said from now on is said in the room that was chosen: if we are not connected, this waits in its turn. */
  function enter() {
    socket.emit("enter", part("room").value, show);
    if (socket.connected) {
      room = part("room").value;
    }
  }

  function send(event, value, shown) {
    const item = line("mine", by(name()), shown);
    const mark = document.createElement("span");
    mark.className = "arrived";
    item.append(mark);
    const end = (text) => {
      mark.textContent = text;
      follow();
    };
    ask(
      event,
      value,
      () => end("✓ arrived"),
      () => {
        item.classList.add("trouble");
        end("✗ not acknowledged");
      },
    );
  }

  const transport = () => socket.io.engine.transport.name.replace("websocket", "WebSocket").replace("polling", "long-polling");
  const connected = () => socket.connected && state("good", `Connected, over ${transport()}`);
  socket.on("connect", () => {
    room = part("room").value; // nothing waits any more
    connected();
    socket.io.engine.once("upgrade", connected);
    if (socket.recovered) {
      line("news", "You are back, and have missed nothing.");
    }
  });
  socket.on("disconnect", (reason) => state("bad", `Connection lost (${reason}). It comes back by itself.`));
  socket.on("connect_error", (error) => {
    state("bad", socket.active ? "The server does not answer. I go on trying." : `Refused: ${error.message}`);
  });
  socket.on("people", show);
  socket.on("news", (text) => line("news", text));
  socket.on("said", (who, text) => line("", by(who), text));
  socket.on("shown", (who, bytes) => line("", by(who), picture(bytes)));

  part("room").onchange = () => {
    line("news", `You are in ${part("room").value} now.`);
    enter();
  };
  part("name").onchange = () => socket.disconnect().connect(); // who one is, is said when one connects
  part("say").onsubmit = (event) => {
    event.preventDefault();
    const text = part("text").value.trim();
    if (text) {
      send("say", text, text);
    }
    part("text").value = "";
  };
  part("image").onchange = async () => {
    const [file] = part("image").files;
    part("image").value = "";
    if (file && file.size > LARGEST) {
      line("trouble", `${file.name} is too large: the server takes ${LARGEST / 1000} kB.`);
    } else if (file) {
      const bytes = await file.arrayBuffer();
      send("show", bytes, picture(bytes));
    }
  };
}

part("name").value = `Guest ${Math.floor(Math.random() * 900) + 100}`;
if (typeof io === "undefined") {
  state("bad", "The official JavaScript client is missing: run “python3 lab.py setup”, start again and reload.");
} else {
  start();
}
