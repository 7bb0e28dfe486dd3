// The wire in the page: keeps the arrows, draws those in sight, and asks the kernel for the bytes of one.

import { make, newId } from "../../page/page.js";

const SVG = "http://www.w3.org/2000/svg";
const MIDDLEBOX = -1, SERVER = -2;  // the second server is -3, and so on
const ROW = 34, FOLD = 26, FOLD_AFTER_SECONDS = 1, MARGIN = 10;
const QUIET_MILLISECONDS = 150, UNSETTLED_MILLISECONDS = 1000, STATUS_MILLISECONDS = 200, THEME_MILLISECONDS = 300;
const MOST_ROWS_IN_SIGHT = 18;
const KEEP = 5000;
const DASHES = { TCP: [2, 4], HTTP: [8, 4], WS: [], EIO: [12, 3, 3, 3], SIO: [] };
const [NUMBER, TIME, START, END, TAG, KIND, LABEL, TROUBLE] = [0, 1, 2, 3, 4, 5, 6, 7];

function draw(tag, attributes, text) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

function shorten(text, pixels, letter) {
  const room = Math.max(4, Math.floor(pixels / letter));
  return text.length > room ? text.slice(0, room - 1) + "…" : text;
}

function seconds(value) {
  return value < 60 ? `${value.toFixed(value < 10 ? 3 : 1)} s` : `${Math.floor(value / 60)} min ${Math.round(value % 60)} s`;
}

// What has arrived, and where each arrow stands from the top.
class Ladder {
  constructor() { this.clear([], ["server"]); }

  clear(lanes, servers) {
    this.lanes = lanes;
    this.servers = servers;
    this.rows = [];
    this.byNumber = new Map();
    this.dropped = 0;
    this.begin = null;
  }

  get height() {
    const last = this.rows.at(-1);
    return MARGIN + (last ? last.y - this.top + ROW : 0);
  }

  get top() { return this.rows.length ? this.rows[0].y - this.rows[0].fold : 0; }

  put(arrow) {
    const known = this.byNumber.get(arrow[NUMBER]);
    if (known) { known.arrow = arrow; known.label = undefined; return; }
    const last = this.rows.at(-1);
    const silence = last ? arrow[TIME] - last.arrow[TIME] : 0;
    const fold = silence > FOLD_AFTER_SECONDS ? FOLD : 0;
    this.begin ??= arrow[TIME];
    const row = { arrow, silence, fold, y: (last ? last.y + ROW : 0) + fold };
    this.rows.push(row);
    this.byNumber.set(arrow[NUMBER], row);
  }

  trim() {
    const extra = this.rows.length - KEEP;
    if (extra < KEEP / 10) return;
    for (const row of this.rows.splice(0, extra)) this.byNumber.delete(row.arrow[NUMBER]);
    this.dropped += extra;
  }

  between(low, high) {
    let from = 0, to = this.rows.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (this.rows[middle].y - this.top + ROW < low) from = middle + 1; else to = middle;
    }
    let end = from;
    while (end < this.rows.length && this.rows[end].y - this.top - this.rows[end].fold < high) end++;
    return this.rows.slice(from, end);
  }

  name(lane) {
    if (lane === MIDDLEBOX) return "middlebox";
    return (lane <= SERVER ? this.servers[SERVER - lane] : this.lanes[lane]) ?? (lane < 0 ? "server" : "client");
  }

  say(arrow) {
    const trouble = arrow[TROUBLE] ? " (something is wrong with it)" : "";
    return `${this.name(arrow[START])} → ${this.name(arrow[END])}: ${arrow[LABEL]}${trouble}`;
  }
}

function lanePositions(width, clients, servers) {
  const narrow = width < 560;
  const gutter = narrow ? 44 : 112;
  const last = width - (narrow ? 40 : 64);
  const first = gutter + (narrow ? 34 : 52);
  const middle = gutter + (width - gutter) * (servers > 1 ? (clients > 2 ? 0.52 : 0.45) : clients > 2 ? 0.6 : 0.53);
  const step = Math.min(104, (middle - first - 96) / Math.max(1, clients - 1));
  const back = Math.min(104, (last - middle - 96) / Math.max(1, servers - 1));
  const spots = new Map([[MIDDLEBOX, middle]]);
  for (let lane = 0; lane < Math.max(1, clients); lane++) spots.set(lane, first + lane * step);
  for (let lane = 0; lane < servers; lane++) spots.set(SERVER - lane, last - (servers - 1 - lane) * back);
  return { spots, narrow, gutter, step, back };
}

// The picture itself. A canvas, because a page that lays out text sixty times a second has no time for anything
// else; what a screen reader and a mouse need lies over it as plain elements.
class Painting {
  constructor(canvas) {
    this.canvas = canvas;
    // Kept in plain memory: each frame is new, and few are so large that a graphics card would pay.
    this.context = canvas.getContext("2d", { willReadFrequently: true });
  }

  size(width, height) {
    const scale = window.devicePixelRatio || 1;
    this.canvas.width = Math.round(width * scale);
    this.canvas.height = Math.round(height * scale);
    Object.assign(this.canvas.style, { width: `${width}px`, height: `${height}px` });
    this.context.setTransform(scale, 0, 0, scale, 0, 0);
    Object.assign(this, { width, height });
    this.readStyle();
  }

  get colours() {
    const style = getComputedStyle(this.canvas);
    return ["ink", "quiet", "paper", "rule", "trouble", ...Object.keys(DASHES)]
      .map((name) => style.getPropertyValue(`--wl-${name.toLowerCase()}`).trim());
  }

  // A canvas is not told of a new theme, whose parts arrive one after the other.
  get isOutOfDate() { return this.read !== this.colours.join(); }

  readStyle() {
    const style = getComputedStyle(this.canvas);
    const { colours } = this;
    this.read = colours.join();
    const [ink, quiet, paper, rule, trouble, ...layers] = colours;
    Object.assign(this, { ink, quiet, paper, rule, trouble });
    this.layers = Object.fromEntries(Object.keys(DASHES).map((tag, place) => [tag, layers[place]]));
    const face = style.fontFamily;
    this.fonts = { label: `12.5px ${face}`, time: `11.5px ${face}`, tag: `700 11px ${face}`, fold: `12px ${face}` };
  }

  // Rows with the y at which each stands. In passes, for changing the font costs more than a word.
  rows(rows, view, begin) {
    const { context, width, height, fonts } = this;
    context.clearRect(0, 0, width, height);
    for (const x of view.spots.values()) this.line(x, 0, x, height, this.rule, 2, []);
    for (const [row, y] of rows) this.arrow(row.arrow, y, view);
    this.write(fonts.label, "center", this.ink);
    for (const [{ arrow, label }, y] of rows) this.patched(label, middle(arrow, view), y + 8);
    this.write(fonts.fold, "center", this.quiet);
    for (const [row, y] of rows) if (row.fold) this.fold(row, y - row.fold + 4, view);
    this.write(fonts.tag, "left", this.ink);
    for (const [{ arrow }, y] of rows) {
      context.fillStyle = this.colour(arrow);
      context.fillText(arrow[TAG], view.narrow ? 6 : 66, y + 18);
    }
    if (view.narrow) return;
    this.write(fonts.time, "right", this.quiet);
    for (const [{ arrow }, y] of rows) context.fillText(seconds(arrow[TIME] - begin), 58, y + 18);
  }

  colour(arrow) { return arrow[TROUBLE] ? this.trouble : this.layers[arrow[TAG]]; }

  write(font, align, colour) { Object.assign(this.context, { font, textAlign: align, fillStyle: colour }); }

  line(x1, y1, x2, y2, colour, width, dash) {
    const { context } = this;
    Object.assign(context, { strokeStyle: colour, lineWidth: width, lineCap: dash[0] === 1 ? "round" : "butt" });
    context.setLineDash(dash);
    context.beginPath();
    context.moveTo(x1, y1);
    context.lineTo(x2, y2);
    context.stroke();
  }

  arrow(arrow, y, view) {
    const { context } = this;
    const [start, end] = ends(arrow, view);
    const side = end > start ? 1 : -1;
    this.line(start, y + 12, end - 8 * side, y + 18, this.colour(arrow), arrow[TAG] === "SIO" ? 3.5 : 2, DASHES[arrow[TAG]]);
    context.fillStyle = this.colour(arrow);
    context.beginPath();
    context.moveTo(end, y + 18);
    context.lineTo(end - 11 * side, y + 12.5);
    context.lineTo(end - 11 * side, y + 23.5);
    context.fill();
    if (arrow[START] === MIDDLEBOX || arrow[END] === MIDDLEBOX) return;
    context.beginPath();
    context.arc(view.spots.get(MIDDLEBOX), y + 15, 4, 0, 2 * Math.PI);
    context.fill();
  }

  fold(row, y, view) {
    this.line(view.gutter, y, this.width - 8, y, this.quiet, 2, [1, 5]);
    this.patched(this.fit(` ${seconds(row.silence)} of silence `, this.width), (view.gutter + this.width) / 2, y + 4);
  }

  // Words that stand on a line get a patch of paper under them; outlined letters would cost more than all else.
  patched({ text, wide }, x, y) {
    const { context } = this;
    const colour = context.fillStyle;
    context.fillStyle = this.paper;
    context.fillRect(x - wide / 2 - 3, y - 11, wide + 6, 14);
    context.fillStyle = colour;
    context.fillText(text, x, y);
  }

  fit(text, room) {
    const wide = this.context.measureText(text).width;
    return wide <= room ? { text, wide } : { text: shorten(text, room, wide / text.length), wide: room };
  }

  label(arrow, view) {
    this.write(this.fonts.label, "center", this.ink);
    const [start, end] = ends(arrow, view);
    const mark = arrow[TROUBLE] ? "  ✗" : "";
    const { text } = this.fit(arrow[LABEL], Math.abs(end - start) - (mark ? 36 : 16));
    return this.fit(text + mark, Infinity);
  }
}

function ends(arrow, view) { return [view.spots.get(arrow[START]) ?? 0, view.spots.get(arrow[END]) ?? 0]; }

function middle(arrow, view) { const [start, end] = ends(arrow, view); return (start + end) / 2; }

class WireView {
  constructor(model, root) {
    this.model = model;
    this.id = newId();
    this.ladder = new Ladder();
    this.waiting = [];
    this.painting = [];
    this.playing = true;
    this.follow = true;
    this.selected = null;
    this.dirty = false;
    this.build(root);
    this.onMessage = (message, buffers) => this.receive(message, buffers);
    model.on("msg:custom", this.onMessage);
    this.width = 0;
    this.scrolledTo = 0;
    this.resizing = new ResizeObserver(() => { this.width = this.scroller.clientWidth; this.shape = undefined; this.schedule(); });
    this.resizing.observe(this.scroller);
    this.watching = setInterval(() => this.watchTheme(), THEME_MILLISECONDS);
    this.send({ type: "ready" });
  }

  send(message) { this.model.send({ ...message, view: this.id }); }

  build(root) {
    this.play = make("button", { class: "wl-play", onclick: () => this.setPlaying(!this.playing) }, "Pause");
    this.step = make("button", { onclick: () => this.stepOnce(), title: "Show the next arrow and stop there" }, "Step");
    this.clear = make("button", { onclick: () => this.send({ type: "reset" }), title: "Begin with an empty picture" }, "Reset");
    this.layers = make("div", { class: "wl-layers", role: "radiogroup", "aria-label": "Layer" });
    this.status = make("div", { class: "wl-status", role: "status", "aria-live": "polite" }, "Nothing has passed yet.");
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
    this.details = make("section", { class: "wl-details", "aria-label": "The chosen arrow", hidden: "" });
    this.root = make("div", { class: "wl-wire" },
      make("div", { class: "wl-bar" }, make("div", { class: "wl-buttons" }, this.play, this.step, this.clear), this.layers),
      this.status,
      make("div", { class: "wl-body" },
        make("div", { class: "wl-picture" }, this.heads, this.scroller), this.details));
    root.append(this.root);
  }

  receive(message, buffers) {
    if (message.view && message.view !== this.id) return;
    if (message.type === "all") this.showAll(message);
    if (message.type === "batch") this.takeBatch(message);
    if (message.type === "details") this.showDetails(message, buffers[0]);
  }

  showAll(message) {
    this.waiting = [];
    this.ladder.clear(message.lanes, message.servers);
    this.shape = undefined;
    for (const arrow of message.arrows) this.ladder.put(arrow);
    this.choose(null);
    this.showLayers(message.layers, message.layer);
    this.follow = true;
    this.tell(this.ladder.rows.length ? this.ladder.say(this.ladder.rows.at(-1).arrow) : "Nothing has passed yet.");
    this.schedule();
  }

  takeBatch(message) {
    this.ladder.lanes = message.lanes;
    this.ladder.servers = message.servers;
    if (this.playing) this.put(message.arrows);
    else for (const arrow of message.arrows) {
      if (this.ladder.byNumber.has(arrow[NUMBER])) { this.ladder.put(arrow); continue; }
      const again = this.waiting.findIndex((held) => held[NUMBER] === arrow[NUMBER]);
      if (again < 0) this.waiting.push(arrow); else this.waiting[again] = arrow;
    }
    this.showWaiting();
    this.schedule();
  }

  put(arrows) {
    for (const arrow of arrows) this.ladder.put(arrow);
    this.ladder.trim();
    if (arrows.length) this.tell(this.ladder.say(arrows.at(-1)));
    this.painting.push(...arrows);
    this.schedule();
  }

  setPlaying(playing) {
    this.playing = playing;
    this.play.textContent = playing ? "Pause" : "Play";
    if (playing) { this.follow = true; this.put(this.waiting.splice(0)); }
    else this.tell("Paused. Traffic goes on; the picture waits.");
    this.showWaiting();
  }

  stepOnce() {
    if (this.playing) this.setPlaying(false);
    this.follow = true;
    const next = this.waiting.shift();
    if (next) this.put([next]);
    else this.tell("Paused. Nothing has passed since.");
    this.showWaiting();
  }

  showWaiting() {
    const text = this.waiting.length ? `Step (${this.waiting.length.toLocaleString("en")} waiting)` : "Step";
    if (this.step.textContent !== text) this.step.textContent = text;  // each change costs the page a layout
  }

  tell(line) {
    this.line = line;
    this.telling ??= setTimeout(() => { this.telling = undefined; this.status.textContent = this.line; }, STATUS_MILLISECONDS);
  }

  showLayers(layers, current) {
    this.layers.replaceChildren(...layers.map(({ name, tag }) => {
      const chosen = name === current;
      return make("button", {
        role: "radio", "aria-checked": String(chosen), class: "wl-layer", "data-tag": tag,
        tabindex: chosen ? "0" : "-1",
        onclick: () => this.send({ type: "layer", layer: name }),
        onkeydown: (event) => {
          const side = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
          if (!side) return;
          event.preventDefault(); event.stopPropagation();
          const at = layers.findIndex((layer) => layer.name === name);
          this.refocusLayer = true;
          this.send({ type: "layer", layer: layers[(at + side + layers.length) % layers.length].name });
        },
      }, name);
    }));
    if (this.refocusLayer) { this.refocusLayer = false; this.layers.querySelector("[aria-checked=true]").focus(); }
  }

  scrolled() {
    const { scrollTop, clientHeight, scrollHeight } = this.scroller;
    if (scrollTop === this.scrolledTo) return;
    this.follow = scrollTop + clientHeight > scrollHeight - ROW;
    this.scrolledTo = scrollTop;
    this.schedule();
  }

  schedule() {
    if (this.dirty) return;
    this.dirty = true;
    requestAnimationFrame(() => { this.dirty = false; this.paint(); });
  }

  get sight() {
    const { ladder } = this;
    const height = Math.max(120, Math.min(MARGIN + MOST_ROWS_IN_SIGHT * ROW, ladder.height));
    const lowest = Math.max(0, ladder.height - height);
    return { height, top: this.follow ? lowest : Math.min(this.scrolledTo, lowest) };
  }

  paint() {
    const { width, ladder, painted } = this;
    if (!width) return;
    const { height, top } = this.sight;
    const shape = `${width} ${height} ${ladder.lanes.join()} ${ladder.servers.join()}`;
    if (shape !== this.shape) this.reshape(shape, height);
    const rows = ladder.between(top, top + height);
    for (const row of rows) row.label ??= painted.label(row.arrow, this.lanes);
    painted.rows(rows.map((row) => [row, row.y - ladder.top - top + MARGIN]), this.lanes, ladder.begin);
    this.settleSoon();
    if (this.painting.length) {
      this.root.dispatchEvent(new CustomEvent("wire-painted", { bubbles: true, detail: this.painting }));
      this.painting = [];
    }
  }

  watchTheme() {
    if (!this.width || !this.painted.isOutOfDate) return;
    this.shape = undefined;
    this.schedule();
  }

  // Sizes, colours and lanes; every label is then measured anew.
  reshape(shape, height) {
    const { width, ladder } = this;
    this.shape = shape;
    this.lanes = lanePositions(width, ladder.lanes.length, ladder.servers.length);
    this.scroller.style.height = `${height}px`;
    this.painted.size(width, height);
    this.paintHeads(this.lanes, width);
    for (const row of ladder.rows) row.label = undefined;
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
    const { ladder } = this;
    const { height, top } = this.sight;
    this.empty.hidden = ladder.rows.length > 0;
    this.sheet.style.height = `${ladder.height}px`;
    this.scroller.scrollTop = this.scrolledTo = top;
    this.options.replaceChildren(...ladder.between(top, top + height).map((row) => this.option(row)));
    this.scroller.setAttribute("aria-activedescendant", this.selected === null ? "" : `${this.id}-${this.selected}`);
  }

  settleNow() { if (this.settling) this.settle(); }

  option({ arrow, y }) {
    const chosen = arrow[NUMBER] === this.selected;
    const option = make("div", {
      class: `wl-arrow${chosen ? " wl-chosen" : ""}`, role: "option", id: `${this.id}-${arrow[NUMBER]}`,
      "aria-selected": String(chosen), "aria-setsize": this.ladder.rows.length, "data-number": arrow[NUMBER],
    }, make("span", {}, `${arrow[TAG]}, ${this.ladder.say(arrow)}`));
    option.style.top = `${y - this.ladder.top + MARGIN - 6}px`;
    return option;
  }

  clicked(event) {
    const option = event.target.closest(".wl-arrow");
    if (!option) return;
    this.choose(Number(option.dataset.number));
    this.scroller.focus({ preventScroll: true });
  }

  paintHeads(view, width) {
    this.heads.setAttribute("width", width);
    this.heads.setAttribute("height", 40);
    const marks = [];
    for (const [lane, x] of view.spots) {
      const name = this.ladder.name(lane);
      const near = lane === MIDDLEBOX ? 128 : lane < 0 ? (this.ladder.servers.length > 1 ? view.back - 6 : 128) : view.step - 6;
      const room = Math.min(near, 2 * (width - x));
      const wide = Math.min(Math.max(56, name.length * 8.2 + 18), Math.max(40, room));
      marks.push(
        draw("rect", { class: "wl-head", x: x - wide / 2, y: 6, width: wide, height: 27, rx: 6 }),
        draw("text", { class: "wl-headname", x, y: 24, "text-anchor": "middle" }, shorten(name, wide - 8, 8.2)));
    }
    this.heads.replaceChildren(...marks);
  }

  key(event) {
    const rows = this.ladder.rows;
    if (!rows.length) return;
    const at = rows.findIndex((row) => row.arrow[NUMBER] === this.selected);
    const page = Math.floor(this.scroller.clientHeight / ROW);
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
    if (number === null) { this.details.hidden = true; this.settle(); return; }
    const row = this.ladder.byNumber.get(number);
    const y = row.y - this.ladder.top;
    const { top, height } = this.sight;
    this.follow = false;
    this.scrolledTo = Math.max(Math.min(top, y), y + ROW + MARGIN - height);
    this.send({ type: "select", number });
    this.settle();
    this.schedule();
  }

  showDetails(message, buffer) {
    if (message.number !== this.selected) return;
    const bytes = new Uint8Array(buffer.buffer ?? buffer, buffer.byteOffset ?? 0, buffer.byteLength);
    const hex = new Hex(bytes, message.size);
    const tree = make("ul", { class: "wl-tree", role: "tree", "aria-label": "Decoded fields" });
    tree.append(...message.tree.children.map((node) => this.branch(node, hex)));
    hex.onByte = (index) => this.lightField(tree, index);
    const first = tree.querySelector(".wl-field");
    if (first) first.tabIndex = 0;
    tree.addEventListener("keydown", (event) => this.treeKey(event, tree));
    this.details.replaceChildren(
      make("div", { class: "wl-sentence" }, make("span", {}, message.sentence),
        make("button", { class: "wl-close", "aria-label": "Close the details", onclick: () => { this.choose(null); this.scroller.focus(); } }, "×")),
      make("div", { class: "wl-inspect" }, tree, hex.root));
    this.details.hidden = false;
  }

  branch(node, hex) {
    const field = make("div", {
      class: `wl-field${node.error ? " wl-broken" : ""}`, role: "treeitem", tabindex: "-1",
      onmouseenter: () => hex.light(node.spans), onmouseleave: () => hex.light([]),
      onfocus: () => hex.light(node.spans), onblur: () => hex.light([]),
    }, make("span", { class: "wl-name" }, node.name));
    if (node.value) field.append(" ", make("span", { class: "wl-value" }, node.value));
    if (node.error) field.append(" ", make("span", { class: "wl-error" }, `✗ ${node.error}`));
    field.spans = node.spans;
    const item = make("li", { role: "none" }, field);
    if (node.children.length) item.append(make("ul", { role: "group" }, ...node.children.map((child) => this.branch(child, hex))));
    return item;
  }

  treeKey(event, tree) {
    const fields = [...tree.querySelectorAll(".wl-field")];
    const at = fields.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: fields.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    fields[at].tabIndex = -1;
    const next = fields[Math.max(0, Math.min(fields.length - 1, to))];
    next.tabIndex = 0;
    next.focus();
    event.preventDefault();
    event.stopPropagation();
  }

  lightField(tree, index) {
    const size = (field) => field.spans.reduce((sum, [from, to]) => sum + to - from, 0);
    const covers = (field) => field.spans.some(([from, to]) => from <= index && index < to);
    const fields = [...tree.querySelectorAll(".wl-field")];
    fields.forEach((field) => field.classList.remove("wl-lit"));
    const best = fields.filter(covers).sort((one, other) => size(one) - size(other))[0];
    best?.classList.add("wl-lit");
    return best ? best.spans : [];
  }

  dispose() {
    this.model.off("msg:custom", this.onMessage);
    this.resizing.disconnect();
    clearTimeout(this.telling);
    clearTimeout(this.settling);
    clearInterval(this.watching);
    this.send({ type: "gone" });
  }
}

// The bytes of one arrow, sixteen to a line, with the characters beside them.
class Hex {
  constructor(bytes, size) {
    this.cells = [];
    this.onByte = () => [];
    const lines = [];
    for (let at = 0; at < bytes.length; at += 16) {
      const part = [...bytes.slice(at, at + 16)];
      const line = make("div", { class: "wl-hexline" }, make("span", { class: "wl-offset" }, at.toString(16).padStart(4, "0")));
      const cells = part.map((byte) => make("span", { class: "wl-byte" }, byte.toString(16).padStart(2, "0")));
      const letters = part.map((byte) => make("span", { class: "wl-byte" }, byte > 31 && byte < 127 ? String.fromCharCode(byte) : "·"));
      part.forEach((_, offset) => this.listen(at + offset, cells[offset], letters[offset]));
      line.append(make("span", { class: "wl-octets" }, ...cells), make("span", { class: "wl-letters" }, ...letters));
      lines.push(line);
    }
    if (size > bytes.length) lines.push(make("div", { class: "wl-more" }, `the first ${bytes.length.toLocaleString("en")} of ${size.toLocaleString("en")} bytes`));
    if (!size) lines.push(make("div", { class: "wl-more" }, "no bytes: an event of the connection itself"));
    this.root = make("div", { class: "wl-hex", role: "img", "aria-label": `${size} bytes in hexadecimal` }, ...lines);
  }

  listen(index, ...pair) {
    this.cells[index] = pair;
    for (const cell of pair) {
      cell.addEventListener("mouseenter", () => this.light(this.onByte(index)));
      cell.addEventListener("mouseleave", () => { this.onByte(-1); this.light([]); });
    }
  }

  light(spans) {
    for (const pair of this.lit ?? []) pair.forEach((cell) => cell.classList.remove("wl-lit"));
    this.lit = spans.flatMap(([from, to]) => this.cells.slice(from, to));
    for (const pair of this.lit) pair.forEach((cell) => cell.classList.add("wl-lit"));
  }
}

export default {
  render({ model, el }) {
    const view = new WireView(model, el);
    return () => view.dispose();
  },
};
