// The last message in slow motion: step by step, with the packet on its way.

import { draw, sign } from "../stage.js";

const STEP_MILLISECONDS = 1700, FLIGHT_MILLISECONDS = 700;
const STUCK_AT = 0.7;
const STILL = matchMedia("(prefers-reduced-motion: reduce)");
const TOKEN = { wide: 30, high: 16 };

export class Replay {
  // `say(words)` shows a line (null: what the kernel says), `spot(name)` is the middle of a chip.
  constructor({ stage, layer, say, spot, head }) {
    this.stage = stage;
    this.layer = layer;
    this.say = say;
    this.spot = spot;
    this.head = head;
    this.round = null;
    this.place = -1;
  }

  // The kernel's word on the last message; a new one that has come to its end flies at once.
  show(round, flowing) {
    const isNew = round?.over && this.seen !== round.text && !flowing;
    if (!round || (this.round && this.round.text !== round.text)) this.end();
    this.round = round;
    if (!round) this.seen = null;
    if (isNew) {
      this.seen = round.text;
      this.fly("down", round.steps.find(({ flight }) => flight === "down")?.names ?? []);
    }
  }

  // Somebody has moved: what flew to the places of before goes.
  forget() {
    if (this.place < 0) this.layer.replaceChildren();
  }

  get playing() { return Boolean(this.timer); }

  play() {
    if (this.playing) return this.end();
    this.place = -1;
    this.step();
    this.timer = setInterval(() => this.step(), STEP_MILLISECONDS);
  }

  step() {
    const steps = this.round?.steps ?? [];
    this.place += 1;
    if (this.place >= steps.length) return this.end();
    const { said, names, flight } = steps[this.place];
    this.stage.dataset.replay = flight || "look";
    for (const chip of this.stage.querySelectorAll(".wl-chip")) chip.toggleAttribute("data-lit", names.includes(chip.dataset.name));
    this.say(`${this.place + 1} of ${steps.length} · ${said}`);
    this.fly(flight, names);
  }

  end() {
    clearInterval(this.timer);
    this.timer = null;
    this.place = -1;
    delete this.stage.dataset.replay;
    for (const chip of this.stage.querySelectorAll("[data-lit]")) chip.removeAttribute("data-lit");
    this.layer.replaceChildren();
    this.say(null);
  }

  // One packet at the server; from there, or to there, a line and a copy for each of the chips.
  fly(flight, names) {
    this.layer.replaceChildren();
    if (!["packet", "down", "up"].includes(flight)) return;
    const head = this.head();
    for (const name of flight === "packet" ? [] : names) {
      const ends = flight === "up" ? [this.spot(name), head] : [head, this.spot(name)];
      this.copy(...ends);
    }
    if (flight !== "up") this.layer.append(this.token(head, "wl-packet"));
  }

  copy(from, to) {
    if (to.stuck) { // it gets no further than into the cable
      const x = from.x + (to.x - from.x) * STUCK_AT, y = from.y + (to.y - from.y) * STUCK_AT;
      this.layer.append(draw("line", { class: "wl-flight", x1: from.x, y1: from.y, x2: x, y2: y }), ...sign("✗", x, y));
      return;
    }
    this.layer.append(draw("line", { class: "wl-flight", x1: from.x, y1: from.y, x2: to.x, y2: to.y }));
    const copy = this.token(to, "wl-copy");
    this.layer.append(copy);
    if (STILL.matches) return;
    const start = `translate(${from.x - to.x}px, ${from.y - to.y}px)`;
    copy.animate([{ transform: start }, { transform: "translate(0, 0)", offset: 0.9 }, { transform: "translate(0, 0)" }], { duration: FLIGHT_MILLISECONDS, easing: "ease-in-out" })
      .finished.then(() => copy.remove(), () => {});
  }

  token({ x, y }, kind) {
    const token = draw("g", { class: kind });
    token.append(
      draw("rect", { x: x - TOKEN.wide / 2, y: y - TOKEN.high / 2, width: TOKEN.wide, height: TOKEN.high, rx: 4 }),
      draw("text", { x, y: y + 4, "text-anchor": "middle" }, "42[…"));
    return token;
  }
}
