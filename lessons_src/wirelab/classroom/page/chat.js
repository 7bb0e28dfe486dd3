// The chat: what is heard, and what became of each thing that was said here.

import { $ } from "./dom.js";

const MOST = 200;
const NEAR = 120;  // pixels from the end: whoever reads further up is left there

/** @type {ResizeObserver | null} */
let watching = null;

export class Chat {
  constructor(socket, settings, me) {
    this.socket = socket;
    this.settings = settings;
    this.me = me;
    this.mine = [];  // what was said here, and its fate is open or it was not heard here yet
    $("text").maxLength = settings.text;
    socket.on("text", (said) => this.hear(said));
    socket.on("connect", () => this.move("kept", "sent"));
    socket.on("disconnect", () => this.move("sent", "unknown"));
    this.follow($("texts"), $("texts").closest("main"));
    $("say").onsubmit = (event) => {
      event.preventDefault();
      this.say($("text").value.trim(), $("to").value);
    };
  }

  // The bar above grows by a line when the connection is lost, and a telephone is turned: whoever saw the last
  // text goes on seeing it.
  follow(list, main) {
    watching?.disconnect();
    watching = new ResizeObserver(() => {
      if (this.sawTheLast) list.lastElementChild?.scrollIntoView({ block: "nearest" });
    });
    for (const box of [list, main]) {  // on a small phone it is not the list that scrolls
      box.onscroll = () => this.look(list, main);
      watching.observe(box);
    }
    this.sawTheLast = true;
  }

  look(list, main) {
    const end = Math.min(...[list, main].map((box) => box.getBoundingClientRect().bottom));
    this.sawTheLast = list.lastElementChild?.getBoundingClientRect().bottom <= end + 1;
  }

  kept() { return this.mine.filter(({ fate }) => fate === "kept").length; }

  say(text, room) {
    if (!text) return;
    if (this.kept() >= this.settings.kept) {
      $("kept").textContent = `This page keeps ${this.settings.kept} messages until it is back, and no more.`;
      return;
    }
    $("kept").textContent = "";
    const rooms = room ? [room] : [];
    const item = this.add({ name: "You", text, rooms }, "mine");
    const said = { text, item, fate: this.socket.connected ? "sent" : "kept", isHeard: false };
    this.mine.push(said);
    this.tell(said);
    this.socket.emit("say", text, rooms, (answer) => {
      said.fate = answer.ok ? "arrived" : "refused";
      this.tell(said, answer);
    });
    $("text").value = "";
  }

  hear(said) {
    const own = said.name === this.me.name && this.mine.find((each) => each.text === said.text && !each.isHeard);
    if (own) {
      own.isHeard = true;
      own.item.dataset.heard = "true";
      this.mine = this.mine.filter((each) => !each.isHeard || each.fate === "sent");
    } else {
      this.add(said, said.teacher ? "teacher" : "theirs");
    }
  }

  // The connection has changed, and with it the fate of what is under way.
  move(from, to) {
    for (const said of this.mine.filter(({ fate }) => fate === from)) {
      said.fate = to;
      this.tell(said);
    }
  }

  tell({ fate, item }, answer) {
    item.dataset.fate = fate;
    item.querySelector(".fate").textContent = {
      kept: "◔ kept until the connection is back", sent: "→ on its way", unknown: "? lost its answer: nobody here knows whether it arrived",
      refused: `✗ refused: ${answer?.why}`, arrived: `✓ arrived: sent on to ${answer?.sent}`,
    }[fate];
    if (item === $("texts").lastElementChild) item.scrollIntoView({ block: "nearest" });
    if (fate === "unknown" || fate === "refused") this.mine = this.mine.filter((each) => each.item !== item);
  }

  add({ name, text, rooms }, kind) {
    const item = document.createElement("li");
    item.className = kind;
    const part = (tag, className, words) => {
      const element = document.createElement(tag);
      element.className = className;
      element.textContent = words;
      item.append(element);
    };
    part("b", "name", name);
    for (const room of rooms) {
      item.dataset.room = room;
      part("span", "room", room);
    }
    part("bdi", "text", text);
    if (kind === "mine") part("span", "fate", "");
    const list = $("texts");
    const main = list.closest("main");
    const isAtTheEnd = [list, main].every(
      (box) => box.scrollHeight - box.scrollTop - box.clientHeight < NEAR);
    list.append(item);
    while (list.childElementCount > MOST) list.firstElementChild.remove();
    if (isAtTheEnd || kind === "mine") item.scrollIntoView({ block: "end" });
    this.look(list, main);
    return item;
  }
}
