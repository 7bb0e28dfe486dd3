// The wire in the page: keeps the arrows, draws those in sight, and asks the kernel for the bytes of one.

const SVG = "http://www.w3.org/2000/svg";
const MIDDLEBOX = -1, SERVER = -2;
const ROW = 34, FOLD = 26, FOLD_AFTER_SECONDS = 1, MARGIN = 10;
const MOST_ROWS_IN_SIGHT = 18;
const KEEP = 5000;
const [NUMBER, TIME, START, END, TAG, KIND, LABEL, TROUBLE] = [0, 1, 2, 3, 4, 5, 6, 7];

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value);
  }
  // A key pressed in the picture is not for JupyterLab, whose shortcuts (b, dd, …) would change the notebook.
  if (tag === "button" || "tabindex" in attributes) element.dataset.lmSuppressShortcuts = "true";
  element.append(...children);
  return element;
}

function draw(tag, attributes, text) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

function shorten(text, pixels, letter = 7) {
  const room = Math.max(4, Math.floor(pixels / letter));
  return text.length > room ? text.slice(0, room - 1) + "…" : text;
}

function seconds(value) {
  return value < 60 ? `${value.toFixed(value < 10 ? 3 : 1)} s` : `${Math.floor(value / 60)} min ${Math.round(value % 60)} s`;
}

// What has arrived, and where each arrow stands from the top.
class Ladder {
  constructor() { this.clear([]); }

  clear(lanes) {
    this.lanes = lanes;
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
    if (known) { known.arrow = arrow; known.mark = undefined; return; }
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
    if (lane === SERVER) return "server";
    return this.lanes[lane] ?? "client";
  }

  say(arrow) {
    const trouble = arrow[TROUBLE] ? " (something is wrong with it)" : "";
    return `${this.name(arrow[START])} → ${this.name(arrow[END])}: ${arrow[LABEL]}${trouble}`;
  }
}

function lanePositions(width, clients) {
  const narrow = width < 560;
  const gutter = narrow ? 44 : 112;
  const last = width - (narrow ? 40 : 64);
  const first = gutter + (narrow ? 34 : 52);
  const middle = gutter + (width - gutter) * (clients > 2 ? 0.6 : 0.53);
  const step = Math.min(104, (middle - first - 96) / Math.max(1, clients - 1));
  const spots = new Map([[MIDDLEBOX, middle], [SERVER, last]]);
  for (let lane = 0; lane < Math.max(1, clients); lane++) spots.set(lane, first + lane * step);
  return { spots, narrow, gutter, step };
}

class WireView {
  constructor(model, root) {
    this.model = model;
    this.id = Math.random().toString(36).slice(2);
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
    this.resizing = new ResizeObserver(() => { this.width = this.scroller.clientWidth; this.schedule(); });
    this.resizing.observe(this.scroller);
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
    this.lines = draw("g", {});
    this.marks = draw("g", {});
    this.canvas = draw("svg", { class: "wl-canvas", role: "presentation" });
    this.canvas.append(this.lines, this.marks);
    this.sheet = make("div", { class: "wl-sheet" }, this.canvas);
    this.scroller = make("div", {
      class: "wl-scroller", tabindex: "0", role: "listbox",
      "aria-label": "What passed on the wire. Arrow keys choose one.",
      onkeydown: (event) => this.key(event), onscroll: () => this.scrolled(),
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
    this.ladder.clear(message.lanes);
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
    this.step.textContent = this.waiting.length ? `Step (${this.waiting.length.toLocaleString("en")} waiting)` : "Step";
  }

  tell(line) {
    this.line = line;
    this.telling ??= setTimeout(() => { this.telling = undefined; this.status.textContent = this.line; }, 100);
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
    this.follow = scrollTop + clientHeight > scrollHeight - ROW;
    this.scrolledTo = scrollTop;
    this.schedule();
  }

  schedule() {
    if (this.dirty) return;
    this.dirty = true;
    requestAnimationFrame(() => { this.dirty = false; this.paint(); });
  }

  paint() {
    const { width, ladder } = this;
    if (!width) return;
    const height = Math.max(120, Math.min(MARGIN + MOST_ROWS_IN_SIGHT * ROW, ladder.height));
    const shape = `${width} ${height} ${ladder.lanes.join()} ${ladder.rows.length > 0}`;
    if (shape !== this.shape) this.reshape(shape, height);
    this.sheet.style.height = `${ladder.height}px`;
    if (this.follow) this.scroller.scrollTop = this.scrolledTo = ladder.height - height;
    const top = Math.max(0, Math.min(this.scrolledTo, ladder.height - height));
    this.canvas.style.transform = `translateY(${top}px)`;
    this.marks.setAttribute("transform", `translate(0 ${MARGIN - ladder.top - top})`);
    const rows = ladder.between(top, top + height);
    const wanted = new Set(rows.map((row) => (row.mark ??= this.mark(row))));
    for (const mark of [...this.marks.children]) if (!wanted.has(mark)) mark.remove();
    for (const mark of wanted) if (!mark.parentNode) this.marks.append(mark);
    this.scroller.setAttribute("aria-activedescendant", this.selected === null ? "" : `${this.id}-${this.selected}`);
    if (this.painting.length) {
      this.root.dispatchEvent(new CustomEvent("wire-painted", { bubbles: true, detail: this.painting }));
      this.painting = [];
    }
  }

  // The lanes, drawn anew when the size of the picture or its clients change; every arrow then moves.
  reshape(shape, height) {
    const { width, ladder } = this;
    this.shape = shape;
    this.lanes = lanePositions(width, ladder.lanes.length);
    this.scroller.style.height = `${height}px`;
    this.canvas.setAttribute("width", width);
    this.canvas.setAttribute("height", height);
    this.paintHeads(this.lanes, width);
    this.lines.replaceChildren(
      ...[...this.lanes.spots.values()].map((x) => draw("line", { class: "wl-lane", x1: x, x2: x, y1: 0, y2: height })));
    if (!ladder.rows.length) {
      this.lines.append(draw("text", { class: "wl-empty", x: width / 2, y: 64, "text-anchor": "middle" }, "waiting for the first byte"));
    }
    this.redrawMarks();
  }

  redrawMarks() {
    for (const row of this.ladder.rows) row.mark = undefined;
    this.marks.replaceChildren();
  }

  paintHeads(view, width) {
    this.heads.setAttribute("width", width);
    this.heads.setAttribute("height", 40);
    const marks = [];
    for (const [lane, x] of view.spots) {
      const name = this.ladder.name(lane);
      const room = Math.min(lane < 0 ? 128 : view.step - 6, 2 * (width - x));
      const wide = Math.min(Math.max(56, name.length * 8.2 + 18), Math.max(40, room));
      marks.push(
        draw("rect", { class: "wl-head", x: x - wide / 2, y: 6, width: wide, height: 27, rx: 6 }),
        draw("text", { class: "wl-headname", x, y: 24, "text-anchor": "middle" }, shorten(name, wide - 8, 8.2)));
    }
    this.heads.replaceChildren(...marks);
  }

  mark(row) {
    const { arrow, y } = row;
    const { lanes: view, width } = this;
    const [start, end] = [view.spots.get(arrow[START]) ?? 0, view.spots.get(arrow[END]) ?? 0];
    const side = end > start ? 1 : -1;
    const passed = arrow[START] !== MIDDLEBOX && arrow[END] !== MIDDLEBOX;
    const chosen = arrow[NUMBER] === this.selected;
    const group = draw("g", {
      class: `wl-arrow${chosen ? " wl-chosen" : ""}${arrow[TROUBLE] ? " wl-trouble" : ""}`, "data-tag": arrow[TAG],
      role: "option", id: `${this.id}-${arrow[NUMBER]}`, "aria-selected": String(chosen),
      "aria-label": `${arrow[TAG]}, ${this.ladder.say(arrow)}`,
    });
    group.append(
      draw("rect", { class: "wl-hit", x: 2, y: y - 6, width: width - 4, height: ROW - 2, rx: 5 }),
      draw("text", { class: "wl-tag", x: view.narrow ? 6 : 66, y: y + 18 }, arrow[TAG]),
      draw("line", { class: "wl-line", x1: start, y1: y + 12, x2: end - 8 * side, y2: y + 18 }),
      draw("path", { class: "wl-point", d: `M${end} ${y + 18} l${-11 * side} -5.5 v11 z` }));
    if (!view.narrow) {
      group.append(draw("text", { class: "wl-time", x: 58, y: y + 18, "text-anchor": "end" }, seconds(arrow[TIME] - this.ladder.begin)));
    }
    if (passed) group.append(draw("circle", { class: "wl-point", cx: view.spots.get(MIDDLEBOX), cy: y + 15, r: 4 }));
    const label = shorten(arrow[LABEL], Math.abs(end - start) - 16) + (arrow[TROUBLE] ? "  ✗" : "");
    group.append(draw("text", { class: "wl-label", x: (start + end) / 2, y: y + 8, "text-anchor": "middle" }, label));
    group.addEventListener("click", () => { this.choose(arrow[NUMBER]); this.scroller.focus({ preventScroll: true }); });
    if (!row.fold) return group;
    const foldY = y - row.fold + 4;
    const folded = draw("g", {});
    folded.append(
      draw("line", { class: "wl-fold", x1: view.gutter, x2: width - 8, y1: foldY, y2: foldY }),
      draw("text", { class: "wl-foldtext", x: (view.gutter + width) / 2, y: foldY + 4, "text-anchor": "middle" },
        `${seconds(row.silence)} of silence`),
      group);
    return folded;
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
    for (const changed of [this.selected, number]) {
      const row = this.ladder.byNumber.get(changed);
      if (row) row.mark = undefined;
    }
    this.selected = number;
    if (number === null) { this.details.hidden = true; this.root.classList.remove("wl-open"); this.schedule(); return; }
    const row = this.ladder.byNumber.get(number);
    const y = row.y - this.ladder.top;
    const { scrollTop, clientHeight } = this.scroller;
    this.follow = false;
    if (y < scrollTop) this.scroller.scrollTop = this.scrolledTo = y;
    else if (y + ROW + MARGIN > scrollTop + clientHeight) this.scroller.scrollTop = this.scrolledTo = y + ROW + MARGIN - clientHeight;
    this.send({ type: "select", number });
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
    this.root.classList.add("wl-open");
    this.schedule();
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
