// What is inside a chosen arrow: its fields, its bytes, and what the middlebox changed.

import { make } from "../../page/page.js";

export class Details {
  constructor(onClose) {
    this.onClose = onClose;
    this.root = make("section", { class: "wl-details", "aria-label": "The chosen arrow", hidden: "" });
  }

  hide() { this.root.hidden = true; }

  show(message, bytes) {
    const hex = new Hex(bytes, message.size);
    const tree = make("ul", { class: "wl-tree", role: "tree", "aria-label": "Decoded fields" });
    tree.append(...message.tree.children.map((node) => this.branch(node, hex)));
    hex.onByte = (index) => lightField(tree, index);
    const first = tree.querySelector(".wl-field");
    if (first) first.tabIndex = 0;
    tree.addEventListener("keydown", (event) => this.key(event, tree));
    this.root.replaceChildren(
      make("div", { class: "wl-sentence" }, make("span", {}, message.sentence),
        make("button", { class: "wl-close", "aria-label": "Close the details", onclick: this.onClose }, "×")),
      ...changed(message.changes),
      make("div", { class: "wl-inspect" }, tree, hex.root));
    this.root.hidden = false;
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

  key(event, tree) {
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
}

function changed(lines) {
  if (!lines.length) return [];
  const items = lines.map((line) => make("li", { class: line.startsWith("−") ? "wl-before" : "wl-after" }, line));
  return [make("ul", { class: "wl-changes", "aria-label": "What the middlebox changed: before and after" }, ...items)];
}

function lightField(tree, index) {
  const size = (field) => field.spans.reduce((sum, [from, to]) => sum + to - from, 0);
  const covers = (field) => field.spans.some(([from, to]) => from <= index && index < to);
  const fields = [...tree.querySelectorAll(".wl-field")];
  fields.forEach((field) => field.classList.remove("wl-lit"));
  const best = fields.filter(covers).sort((one, other) => size(one) - size(other))[0];
  best?.classList.add("wl-lit");
  return best ? best.spans : [];
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
