// A frame's bits in the page. What they mean is the kernel's to say: every change goes there and comes back read.

import { make } from "../../page/page.js";

const OPCODES = [[0x1, "text (0x1)"], [0x2, "binary (0x2)"], [0x8, "close (0x8)"], [0x9, "ping (0x9)"], [0xa, "pong (0xa)"]];
const SENDERS = [["client", "a client (masked)"], ["server", "a server (not masked)"]];
const CLOSE = 0x8;
const WIDE = 32, NARROW = 16, NARROW_BELOW = 600;

function labelled(text, control) {
  return make("label", {}, text, control);
}

function choice(pairs, onchange) {
  return make("select", { onchange }, ...pairs.map(([value, text]) => make("option", { value }, text)));
}

class InspectorView {
  constructor(model, root) {
    this.model = model;
    this.cells = [];
    this.current = 0;
    this.columns = WIDE;
    this.build(root);
    this.onMessage = (state) => this.show(state);
    model.on("msg:custom", this.onMessage);
    this.resizing = new ResizeObserver(() => this.resize());
    this.resizing.observe(this.root);
    model.send({ type: "ready" });
  }

  build(root) {
    const change = () => this.change();
    this.message = make("input", { type: "text", class: "wl-message", maxlength: "100000", spellcheck: "false", autocomplete: "off", oninput: change });
    this.opcode = choice(OPCODES, change);
    this.code = make("input", { type: "number", min: "0", max: "65535", required: "", oninput: change });
    this.sender = choice(SENDERS, change);
    this.fin = make("input", { type: "checkbox", onchange: change });
    this.codeLabel = labelled("Close code", this.code);
    this.status = make("div", { class: "wl-status", role: "status", "aria-live": "polite" });
    this.figure = make("div", {
      class: "wl-bits", role: "grid", "aria-label": "The bits of the frame. Arrow keys move, Space flips.",
      onkeydown: (event) => this.key(event),
      onclick: (event) => this.flip(this.cells.indexOf(event.target)),
      onfocusin: (event) => this.visit(this.cells.indexOf(event.target)),
    });
    this.notes = make("div", { class: "wl-notes" });
    this.verdict = make("p", { class: "wl-verdict" });
    this.after = make("p", { class: "wl-after" });
    this.read = make("dl", { class: "wl-read" });
    this.root = make("div", { class: "wl-inspector" },
      make("div", { class: "wl-settings" },
        labelled("Message", this.message), labelled("Opcode", this.opcode), this.codeLabel,
        labelled("From", this.sender), labelled("FIN", this.fin),
        make("span", { class: "wl-actions" },
          make("button", { onclick: () => this.model.send({ type: "undo" }), title: "Turn all flipped bits back" }, "Undo flips"),
          make("button", { onclick: () => this.model.send({ type: "reset" }), title: "Begin again with the first message" }, "Reset"))),
      this.figure, this.notes, this.status,
      make("section", { class: "wl-parser", "aria-label": "What the parser says" },
        make("h4", {}, "The parser says"),
        make("div", { "aria-live": "polite" }, this.verdict, this.after), this.read));
    root.append(this.root);
  }

  change() {
    const code = this.code.valueAsNumber;
    if (!this.code.checkValidity()) {
      this.status.textContent = "A close code is a whole number from 0 to 65535.";
      return;
    }
    const settings = {
      message: this.message.value, opcode: Number(this.opcode.value), code,
      sender: this.sender.value, fin: this.fin.checked,
    };
    this.model.send({ type: "build", settings });
  }

  flip(bit) { if (bit >= 0) this.model.send({ type: "flip", bit }); }

  show(state) {
    this.state = state;
    this.fill(state.settings);
    if (state.bits.length !== this.cells.length) this.current = 0;
    this.arrange();
    this.status.textContent = state.said;
    const flips = state.flipped.length;
    this.notes.replaceChildren(...[
      state.hidden && make("span", {}, state.hidden),
      flips && make("span", { class: "wl-legend" }, `▲ ${flips === 1 ? "1 bit differs" : `${flips} bits differ`} from the frame as built`),
    ].filter(Boolean));
    this.verdict.dataset.mark = state.mark;
    this.verdict.replaceChildren(make("span", { class: "wl-mark" }, state.mark), " ", state.verdict);
    this.after.textContent = state.after;
    this.read.replaceChildren(...state.nodes.map(({ name, value, error }) => make("div", {},
      make("dt", {}, name), make("dd", {}, value, ...(error ? [make("span", { class: "wl-wrong" }, ` ✗ ${error}`)] : [])))));
  }

  // The field that somebody types in is theirs.
  fill(settings) {
    for (const [control, value] of [[this.message, settings.message], [this.code, settings.code], [this.opcode, settings.opcode], [this.sender, settings.sender]]) {
      if (control !== document.activeElement) control.value = value;
    }
    this.fin.checked = settings.fin;
    this.codeLabel.hidden = settings.opcode !== CLOSE;
  }

  resize() {
    const columns = this.root.clientWidth < NARROW_BELOW ? NARROW : WIDE;
    if (columns === this.columns) return;
    this.columns = columns;
    if (this.state) this.arrange();
  }

  // Boxes are drawn anew only where they have moved, so that the bit in focus stays the same element.
  arrange() {
    const { fields, bits, flipped, captions } = this.state;
    const shape = JSON.stringify([fields, bits.length, this.columns]);
    if (shape !== this.shape) {
      this.shape = shape;
      const focused = this.figure.contains(document.activeElement);
      this.cells = [];
      this.octets = captions.map((_, place) => make("span", { class: "wl-octet", style: `grid-column: ${(place * 8) % this.columns + 1} / span 8` }));
      const rows = [];
      for (let first = 0; first < bits.length; first += this.columns) rows.push(this.row(first));
      this.figure.replaceChildren(...rows);
      this.figure.style.setProperty("--wl-columns", this.columns);
      if (focused) this.cells[this.current].focus();
    }
    const marked = new Set(flipped);
    for (const field of fields) {
      for (let bit = field.start; bit < field.stop; bit++) {
        const cell = this.cells[bit];
        cell.textContent = bits[bit];
        cell.classList.toggle("wl-flipped", marked.has(bit));
        cell.tabIndex = bit === this.current ? 0 : -1;
        cell.setAttribute("aria-label", `${bits[bit]}, ${field.name}, byte ${(bit >> 3) + 1} bit ${bit & 7}${marked.has(bit) ? ", flipped" : ""}`);
      }
    }
    captions.forEach((caption, place) => { this.octets[place].textContent = caption; });
  }

  row(first) {
    const end = first + this.columns;
    const boxes = this.state.fields.filter(({ start, stop }) => start < end && stop > first).map((field) => {
      const [start, stop] = [Math.max(field.start, first), Math.min(field.stop, end)];
      const cells = Array.from({ length: stop - start }, () => make("button", { class: "wl-bit", role: "gridcell" }));
      this.cells.push(...cells);
      const name = field.wrong ? `✗ ${field.name}` : field.name;
      return make("div", {
        class: "wl-box", role: "none", style: `grid-column: ${start - first + 1} / ${stop - first + 1}`, title: field.name,
        ...(field.wrong && { "data-wrong": "" }), ...(stop - start === 1 && { "data-single": "" }),
      }, make("span", { class: "wl-name", "aria-hidden": "true" }, name), make("span", { class: "wl-row-of-bits", role: "none" }, ...cells));
    });
    return make("div", { class: "wl-line", role: "row" }, ...boxes, ...this.octets.slice(first / 8, end / 8));
  }

  visit(bit) {
    if (bit < 0) return;
    this.cells[this.current].tabIndex = -1;
    this.current = bit;
    this.cells[bit].tabIndex = 0;
  }

  key(event) {
    const bit = this.cells.indexOf(event.target);
    const line = bit - bit % this.columns;
    const last = this.cells.length - 1;
    const to = {
      ArrowRight: bit + 1, ArrowLeft: bit - 1, ArrowDown: bit + this.columns, ArrowUp: bit - this.columns,
      Home: event.ctrlKey ? 0 : line, End: event.ctrlKey ? last : Math.min(last, line + this.columns - 1),
    }[event.key];
    if (bit < 0 || to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    if (to >= 0 && to <= last) this.cells[to].focus();
  }

  dispose() {
    this.model.off("msg:custom", this.onMessage);
    this.resizing.disconnect();
  }
}

export default {
  render({ model, el }) {
    const view = new InspectorView(model, el);
    return () => view.dispose();
  },
};
