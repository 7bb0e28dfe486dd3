// The wire in the page: keeps the rows, draws those in sight, and asks the kernel for the bytes of one.

import { make, newId } from "../../page/page.js";
import { MIDDLEBOX, SERVER, draw, head } from "../stage.js";
import { Overview, Painting, placesIn } from "./canvas.js";
import { Controls } from "./controls.js";
import { Details } from "./details.js";
import { Ladder, MARGIN, NUMBER, TAG, duration } from "./ladder.js";
import { Recording, Replay } from "./replay.js";

const QUIET_MILLISECONDS = 150, UNSETTLED_MILLISECONDS = 1000, STATUS_MILLISECONDS = 200, TICK_MILLISECONDS = 250;
const MOST_ROWS_IN_SIGHT = 10, HEAD_HEIGHT = 40;
const BAND_FROM_SECONDS = 1, BAND_ROWS_A_SECOND = 0.3, BAND_MOST_ROWS = 4;

class WireView {
  constructor(model, root) {
    this.model = model;
    this.id = newId();
    this.ladder = new Ladder();
    this.replay = new Replay(this.ladder, () => this.replayed(), () => { this.follow = this.live; });
    Object.assign(this, { waiting: [], painting: [], playing: true, live: true, follow: true, selected: null, dirty: false });
    Object.assign(this, { width: 0, scrolledTo: 0, skew: 0 });
    this.build(root);
    this.onMessage = (message, buffers) => this.receive(message, buffers);
    model.on("msg:custom", this.onMessage);
    this.resizing = new ResizeObserver(() => { this.width = this.scroller.clientWidth; this.shape = undefined; this.schedule(); });
    this.resizing.observe(this.scroller);
    this.ticking = setInterval(() => this.tick(), TICK_MILLISECONDS);
    this.send({ type: "ready" });
  }

  send(message) { this.model.send({ ...message, view: this.id }); }

  build(root) {
    this.controls = new Controls({
      play: () => this.pressPlay(),
      step: () => this.pressStep(),
      replay: () => { if (this.replay.isOn) this.replay.stop(); else this.startReplay(); },
      reset: () => { this.leaveReplay(); this.send({ type: "reset" }); },
      goOn: () => this.send({ type: "go on" }),
      scrub: (position) => this.scrub(position),
      layer: (name) => { this.leaveReplay(); this.send({ type: "layer", layer: name }); },
    });
    this.status = make("div", { class: "wl-status", role: "status", "aria-live": "polite" }, "Nothing has passed yet.");
    this.count = make("div", { class: "wl-count" });
    this.heads = draw("svg", { class: "wl-heads", "aria-hidden": "true" });
    this.canvas = make("canvas", { class: "wl-canvas", "aria-hidden": "true" });
    this.painted = new Painting(this.canvas);
    this.empty = make("div", { class: "wl-empty" }, "waiting for the first byte");
    this.options = make("div", { class: "wl-options", role: "presentation", onclick: (event) => this.clicked(event) });
    this.sheet = make("div", { class: "wl-sheet", role: "presentation" }, this.canvas, this.empty, this.options);
    this.scroller = make("div", {
      class: "wl-scroller", tabindex: "0", role: "listbox",
      "aria-label": "What passed on the wire. Arrow keys choose one.",
      onkeydown: (event) => this.key(event), onscroll: () => this.scrolled(), onpointermove: () => this.settleNow(),
    }, this.sheet);
    this.more = make("button", { class: "wl-below", hidden: "", onclick: () => this.scrollBy(this.sight.height - this.ladder.row) });
    this.map = make("canvas", { class: "wl-map", hidden: "", "aria-hidden": "true", onpointerdown: (event) => this.jump(event), onpointermove: (event) => { if (event.buttons) this.jump(event); } });
    this.overview = new Overview(this.map, this.painted);
    this.details = new Details(() => { this.choose(null); this.scroller.focus(); });
    this.body = make("div", { class: "wl-body" },
      make("div", { class: "wl-picture" }, this.heads, make("div", { class: "wl-window" }, this.scroller, this.map, this.more)),
      this.details.root);
    this.root = make("div", { class: "wl-wire" },
      this.controls.root, make("div", { class: "wl-line" }, this.status, this.count), this.body);
    root.append(this.root);
  }

  // What the kernel sends

  receive(message, buffers) {
    if (message.view && message.view !== this.id) return;
    if (message.now) this.skew = message.now - Date.now() / 1000;
    if (message.type === "all") this.showAll(message);
    if (message.type === "batch") this.takeBatch(message);
    if (message.type === "details") this.showDetails(message, buffers[0]);
  }

  showAll(message) {
    this.waiting = [];
    this.leaveReplay();
    this.live = message.live;
    this.ladder.clear();
    this.shape = undefined;
    this.ladder.take(message, message.arrows);
    this.follow = this.live;
    if (!this.live) this.scrolledTo = 0;
    this.choose(null);
    this.controls.showLayers(message.layers, message.layer);
    this.controls.showTraffic(message.traffic);
    this.used = message.traffic.length;
    const { rows } = this.ladder;
    this.tell(rows.length ? this.ladder.say(rows.at(-1)) : "Nothing has passed yet.");
    this.showControls();
    this.schedule();
  }

  takeBatch(message) {
    if (message.traffic.length !== this.used) this.controls.showTraffic(message.traffic);
    this.used = message.traffic.length;
    this.painting.push(...message.arrows);
    const fresh = [];
    for (const arrow of message.arrows) {
      if (this.playing || this.ladder.byNumber.has(arrow[NUMBER])) fresh.push(arrow);
      else this.hold(arrow);
    }
    this.latest = message;
    this.ladder.take(this.playing ? message : { ...message, marks: [] }, fresh);
    const last = this.ladder.rows.at(-1);
    if (last && fresh.length && !this.replay.isOn) this.tell(this.ladder.say(last));
    this.showControls();
    this.schedule();
  }

  hold(arrow) {
    const again = this.waiting.findIndex((held) => held[NUMBER] === arrow[NUMBER]);
    if (again < 0) this.waiting.push(arrow); else this.waiting[again] = arrow;
  }

  letGo(arrows) {
    if (this.latest) this.ladder.take(this.latest, arrows);
    if (arrows.length) this.tell(this.ladder.say(this.ladder.rows.at(-1)));
    this.schedule();
  }

  // What the buttons do

  pressPlay() {
    if (this.replay.isOn) { if (this.replay.playing) this.replay.pause(); else this.replay.play(); }
    else if (!this.live) this.startReplay();
    else this.setPlaying(!this.playing);
  }

  pressStep() {
    if (!this.replay.isOn && this.live) { this.stepOnce(); return; }
    if (!this.replay.isOn) this.replay.from(0);
    this.replay.step();
  }

  setPlaying(playing) {
    this.playing = playing;
    if (playing) { this.follow = true; this.letGo(this.waiting.splice(0)); }
    else this.tell("Paused. Traffic goes on; the picture waits.");
    this.showControls();
  }

  stepOnce() {
    if (this.playing) this.setPlaying(false);
    this.follow = true;
    const next = this.waiting.shift();
    if (next) this.letGo([next]);
    else this.tell("Paused. Nothing has passed since.");
    this.showControls();
  }

  startReplay() {
    this.choose(null);
    this.replay.start();
  }

  leaveReplay() { if (this.replay.isOn) this.replay.stop(); }

  scrub(position) {
    if (position >= this.ladder.rows.length) { this.leaveReplay(); return; }
    this.replay.pause();
    this.replay.from(position);
  }

  replayed() {
    const { replay, ladder } = this;
    if (replay.isOn) {
      this.follow = true;
      const row = ladder.rows[Math.min(replay.shown, ladder.rows.length) - (replay.gone > 0 ? 0 : 1)];
      this.tell(row ? `${Math.ceil(replay.position)} of ${ladder.rows.length}: ${ladder.say(row)}` : "From the beginning.");
    } else if (ladder.rows.length) this.tell(ladder.say(ladder.rows.at(-1)));
    this.showControls();
    this.schedule();
  }

  showControls() {
    const { replay, ladder } = this;
    this.controls.show({
      moving: replay.isOn ? replay.playing : this.live && this.playing,
      live: this.live, waiting: this.waiting.length, replaying: replay.isOn, empty: !ladder.rows.length,
    });
    if (replay.isOn) this.controls.showPosition(replay.shown, ladder.rows.length);
  }

  tell(line) {
    this.line = line;
    this.telling ??= setTimeout(() => {
      this.telling = undefined;
      this.status.textContent = this.line;
      this.count.textContent = this.ladder.count();
    }, STATUS_MILLISECONDS);
  }

  // What is in sight

  scrolled() {
    const { scrollTop, clientHeight, scrollHeight } = this.scroller;
    if (Math.abs(scrollTop - this.scrolledTo) < 1) return;
    this.follow = scrollTop + clientHeight > scrollHeight - this.ladder.row;
    this.scrolledTo = scrollTop;
    this.schedule();
  }

  scrollBy(height) {
    this.follow = false;
    this.scrolledTo = Math.max(0, this.sight.top + height);
    this.schedule();
    this.settle();
  }

  jump(event) {
    const share = event.offsetY / this.map.clientHeight;
    this.scrollBy(share * this.ladder.height - this.sight.height / 2 - this.sight.top);
  }

  schedule() {
    if (this.dirty) return;
    this.dirty = true;
    requestAnimationFrame(() => { this.dirty = false; this.paint(); });
  }

  // The silence that lasts now: as long as somebody believes in a connection on which nothing passes.
  get band() {
    const { ladder, replay } = this;
    const last = ladder.rows.at(-1);
    if (!last || !this.live || !this.playing || replay.isOn || !ladder.beliefs) return null;
    const idle = Date.now() / 1000 + this.skew - Math.max(last.time, last.arrow?.[10] ?? 0);
    if (idle < BAND_FROM_SECONDS) return null;
    const height = ladder.row * Math.min(BAND_MOST_ROWS, 1 + BAND_ROWS_A_SECOND * (idle - BAND_FROM_SECONDS));
    return { text: `${duration(idle)} of silence`, belief: ladder.beliefs, height };
  }

  get sight() {
    const { ladder, replay } = this;
    const band = this.band;
    const all = ladder.height + (band?.height ?? 0) + MARGIN;
    const height = Math.max(4 * ladder.row, Math.min(MARGIN * 2 + MOST_ROWS_IN_SIGHT * ladder.row, all));
    const reach = replay.isOn ? ladder.heightOf(replay.shown + 1) + MARGIN : all;
    const lowest = Math.max(0, Math.ceil(reach - height));
    return { height, all, band, top: this.follow ? lowest : Math.max(0, Math.min(this.scrolledTo, Math.ceil(all - height))) };
  }

  paint() {
    const { width, ladder, painted, replay } = this;
    if (!width || !this.root.isConnected) return;
    const { height, top, band } = this.sight;
    const shape = `${width} ${height} ${ladder.lanes.join()} ${ladder.servers.join()} ${ladder.middlebox.join()}`;
    if (shape !== this.shape) this.reshape(shape);
    const [from, end] = ladder.between(top, top + height);
    const shown = replay.shown, last = Math.min(end, shown + (replay.isOn && replay.gone > 0 ? 1 : 0));
    const rows = ladder.rows.slice(from, last);
    if (ladder.rows.length && !this.empty.hidden) this.empty.hidden = true;
    for (const row of rows) if (row.arrow) row.label ??= painted.label(row.arrow, ladder.label(row.arrow, this.places.folded), this.places);
    const at = (row) => row.y - ladder.top - top + MARGIN;
    painted.rows(rows.map((row, place) => [row, at(row), from + place < shown ? 1 : replay.gone]), this.places, ladder,
      band && { ...band, y: ladder.height - top });
    this.settleSoon();
    if (this.painting.length) {
      this.root.dispatchEvent(new CustomEvent("wire-painted", { bubbles: true, detail: this.painting }));
      this.painting = [];
    }
  }

  tick() {
    if (!this.width) return;
    if (this.painted.isOutOfDate) this.shape = undefined;
    else if (!this.band) return;
    this.schedule();
  }

  // Sizes, colours and lanes; every label is then measured anew.
  reshape(shape) {
    const { width, ladder, painted } = this;
    this.shape = shape;
    painted.readStyle();
    ladder.resize(painted.row);
    for (const row of ladder.rows) row.label = undefined;
    const { height } = this.sight;
    this.places = placesIn(width, ladder.lanes.length, ladder.servers.length, painted.letter);
    this.scroller.style.height = `${height}px`;
    painted.size(width, height);
    this.paintHeads(this.places, width);
  }

  // What the page has to know of the picture follows when the traffic rests, or once a second: its scroll bar, and
  // an option a row. The page needs so long for it that live arrows would have to wait.
  settleSoon() {
    this.unsettled ??= performance.now();
    clearTimeout(this.settling);
    const latest = this.unsettled + UNSETTLED_MILLISECONDS - performance.now();
    this.settling = setTimeout(() => this.settle(), Math.max(0, Math.min(QUIET_MILLISECONDS, latest)));
  }

  settle() {
    clearTimeout(this.settling);
    this.settling = this.unsettled = undefined;
    if (!this.places) return;
    const { ladder, replay } = this;
    const { height, top, all } = this.sight;
    this.empty.hidden = ladder.rows.length > 0;
    this.sheet.style.height = `${all}px`;
    this.scroller.scrollTop = top;
    this.scrolledTo = this.scroller.scrollTop;
    const [from, end] = ladder.between(top, top + height);
    this.options.replaceChildren(...ladder.rows.slice(from, Math.min(end, replay.shown)).map((row) => this.option(row)));
    this.scroller.setAttribute("aria-activedescendant", this.selected === null ? "" : `${this.id}-${this.selected}`);
    this.settleOverview(height, top, end);
    this.controls.showPosition(replay.shown, ladder.rows.length);
  }

  settleOverview(height, top, end) {
    const { ladder } = this;
    const last = ladder.rows[end - 1];
    const isCut = last && last.y - ladder.top + MARGIN + ladder.row > top + height;
    const below = ladder.rows.length - end + (isCut ? 1 : 0);
    this.more.hidden = this.follow || below < 1;
    this.more.textContent = `${below.toLocaleString("en")} more ↓`;
    const long = ladder.height > 2.5 * height;
    if (this.map.hidden === long) { this.map.hidden = !long; this.shape = undefined; this.schedule(); }
    if (long) this.overview.paint(ladder, height, top, height);
  }

  settleNow() { if (this.settling) this.settle(); }

  option(row) {
    const { arrow } = row;
    const y = row.y - this.ladder.top + MARGIN;
    const number = arrow ? arrow[NUMBER] : `mark-${row.time}`;
    const chosen = arrow && number === this.selected;
    const option = make("div", {
      class: `wl-arrow${chosen ? " wl-chosen" : ""}`, role: "option", id: `${this.id}-${number}`,
      "aria-selected": String(Boolean(chosen)), "aria-setsize": this.ladder.rows.length,
    }, make("span", {}, arrow ? `${arrow[TAG]}, ${this.ladder.say(row)}` : this.ladder.say(row)));
    if (arrow) option.dataset.number = number;
    Object.assign(option.style, { top: `${y}px`, height: `${this.ladder.row}px` });
    return option;
  }

  paintHeads(places, width) {
    const { ladder, painted } = this;
    this.heads.setAttribute("width", width);
    this.heads.setAttribute("height", HEAD_HEIGHT + 8);
    const letter = painted.letter * 1.04, room = places.step - 6, marks = [];
    const add = (x, names, wide) => marks.push(...head(x, names, Math.min(wide, 2 * (width - x) - 4), letter, HEAD_HEIGHT));
    const spots = [...places.spots].filter(([lane]) => lane >= 0).map(([, x]) => x);
    if (places.folded) {
      const centre = (spots[0] + spots.at(-1)) / 2, free = Math.max(56, 2 * (places.middle - centre) - 70);
      add(centre, [`${spots.length} clients`], Math.min(free, Math.max(100, spots.at(-1) - spots[0] + 24)));
    }
    // A server that stands alone has the place up to the middlebox, as far as its name needs it.
    const alone = ladder.servers.length === 1 ? Math.min(places.gap - 6, ladder.name(SERVER).length * letter + 8) : 0;
    for (const [lane, x] of places.spots) {
      if (lane >= 0 && places.folded) continue;
      if (lane === MIDDLEBOX) add(x, ladder.middlebox, Math.min(210, 2 * places.gap - Math.max(room, alone) - 10));
      else if (lane >= 0) add(x, [ladder.name(lane)], spots.length === 1 ? Math.min(130, room + 30) : room);
      else add(x, [ladder.name(lane)], Math.max(room, alone));
    }
    const foot = { y: HEAD_HEIGHT, class: "wl-unit", "text-anchor": "end" };
    marks.push(draw("text", { ...foot, x: places.gutter }, places.narrow ? "+ms" : "+ms"));
    if (!places.narrow) marks.push(draw("text", { ...foot, x: places.elapsed }, "ms"));
    this.heads.replaceChildren(...marks);
  }

  // What is chosen

  clicked(event) {
    const option = event.target.closest(".wl-arrow[data-number]");
    if (!option) return;
    this.choose(Number(option.dataset.number));
    this.scroller.focus({ preventScroll: true });
  }

  key(event) {
    const rows = this.ladder.rows.filter((row) => row.arrow);
    if (!rows.length) return;
    const at = rows.findIndex((row) => row.arrow[NUMBER] === this.selected);
    const page = MOST_ROWS_IN_SIGHT - 1;
    const to = {
      ArrowDown: at + 1, ArrowUp: at < 0 ? rows.length - 1 : at - 1,
      Home: 0, End: rows.length - 1, PageDown: at + page, PageUp: at - page,
    }[event.key];
    if (event.key === "Escape") this.choose(null);
    else if (to === undefined) return;
    else this.choose(rows[Math.max(0, Math.min(rows.length - 1, to))].arrow[NUMBER]);
    event.preventDefault();
    event.stopPropagation();
  }

  choose(number) {
    this.selected = number;
    if (number === null) {
      this.details.hide();
      this.body.classList.remove("wl-open");
      this.settle();
      return;
    }
    const row = this.ladder.byNumber.get(number);
    const y = row.y - this.ladder.top;
    const { top, height } = this.sight;
    this.follow = false;
    this.scrolledTo = Math.max(Math.min(top, y), y + this.ladder.row + 2 * MARGIN - height);
    this.send({ type: "select", number });
    this.settle();
    this.schedule();
  }

  showDetails(message, buffer) {
    if (message.number !== this.selected) return;
    this.details.show(message, new Uint8Array(buffer.buffer ?? buffer, buffer.byteOffset ?? 0, buffer.byteLength));
    this.body.classList.add("wl-open");
  }

  dispose() {
    this.model.off("msg:custom", this.onMessage);
    this.resizing.disconnect();
    this.replay.pause();
    clearTimeout(this.telling);
    clearTimeout(this.settling);
    clearInterval(this.ticking);
    this.send({ type: "gone" });
  }
}

// Shows a recording (see message.py) in a page without a kernel; returns what takes it away again.
export function mount(element, recorded) {
  const view = new WireView(new Recording(recorded), element);
  return () => view.dispose();
}

export default {
  render({ model, el }) {
    const view = new WireView(model, el);
    return () => view.dispose();
  },
};
