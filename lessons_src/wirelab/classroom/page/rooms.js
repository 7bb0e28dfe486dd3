// The rooms of lesson 14: the server alone knows who is in which; this page asks it.

import { $ } from "./dom.js";

const ROOMS = ["gold", "silver", "copper"];

function joined(rooms) { return rooms.join(", ").replace(/, (\w+)$/, " and $1"); }

export class Rooms {
  constructor(socket) {
    this.socket = socket;
    this.inside = [];
    $("to").replaceChildren(...["", ...ROOMS].map((room) => new Option(room || "everybody", room)));
    $("rooms").replaceChildren(...ROOMS.map((room) => this.button(room)));
    $("rooms-note").textContent = "";
    this.draw();
    socket.on("disconnect", () => this.draw());
  }

  button(room) {
    const button = document.createElement("button");
    button.dataset.room = room;
    button.onclick = () => this.ask(room, !this.inside.includes(room));
    return button;
  }

  // The server has let us in: to it we are new, whatever we were before.
  welcome(rooms) {
    const forgotten = this.inside.filter((room) => !rooms.includes(room));
    $("rooms-note").textContent = forgotten.length
      ? `The server no longer has you in ${joined(forgotten)}: to it you are a new client. Go in again.` : "";
    this.inside = rooms;
    this.draw();
  }

  async ask(room, inside) {
    if (!this.socket.connected) {
      $("rooms-note").textContent = "Rooms are on the server, and there is none at the moment.";
      return;
    }
    try {
      const answer = await this.socket.timeout(4000).emitWithAck("room", room, inside);
      if (answer.ok) this.inside = answer.rooms;
      $("rooms-note").textContent = answer.ok ? "" : answer.why;
    } catch {
      $("rooms-note").textContent = "The server has not answered.";
    }
    this.draw();
  }

  draw() {
    for (const button of $("rooms").children) {
      const { room } = button.dataset;
      const isInside = this.inside.includes(room);
      button.setAttribute("aria-pressed", String(isInside));
      button.setAttribute("aria-disabled", String(!this.socket.connected));
      button.textContent = `${isInside ? "✓ " : ""}${room}`;
    }
  }
}
