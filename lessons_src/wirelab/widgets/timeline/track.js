// The lanes over time, as an SVG. The past is to the left of the present, and to its right what is waited for.

import { countUntil } from "./recording.js";
import { lookOf, signOf } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const AXIS = 20, FOOT = 30, FOOT_ROW = 13, FUTURE = 0.16, BAR = 16, LETTER = 6, ORDER_LETTER = 7.6, ORDER_GAP = 5;
const STEPS = [1, 2, 5, 10, 20, 60];

function draw(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  set(element, attributes);
  element.append(...children);
  return element;
}

// Only what has changed: most of a picture stands still.
function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    const text = String(value);
    if (element.getAttribute(name) !== text) element.setAttribute(name, text);
  }
}

// What can be written into a span, the longest first.
function labels(state, { kind, delay, attempt, unjittered }) {
  const sign = signOf(state);
  if (state === "trying to connect" && attempt) return [`${sign} ${attempt}`, sign];
  if (kind !== "waiting" || !delay) return [sign];
  const words = `${delay.toFixed(2)} s`;
  const differs = unjittered !== null && Math.abs(unjittered - delay) > 0.005;
  return [...(differs ? [`${sign} ${words} (${unjittered.toFixed(2)} without jitter)`] : []), `${sign} ${words}`, words, sign];
}

export class Track {
  // `rows` are { key, top, height } from top to bottom.
  constructor(rows, height) {
    this.rows = rows;
    this.height = AXIS + height + FOOT;
    this.width = 0;
    this.window = 15;
    this.moving = draw("g", {});
    this.drawn = new Map();
    this.now = draw("path", { class: "wl-now" });
    this.root = draw("svg", { class: "wl-track", "aria-hidden": "true", height: this.height },
      ...rows.map(({ top, height: tall }) => draw("path", { class: "wl-line", d: `M0 ${AXIS + top + tall - 0.5}h4000` })),
      this.moving, this.now);
  }

  resize(width) {
    this.width = width;
    this.scale = width * (1 - FUTURE) / this.window;
    this.clear();
  }

  clear() {
    this.drawn.clear();
    this.moving.replaceChildren();
  }

  // Everything as it stood at that time.
  show(recorded, time) {
    if (!this.width) return;
    const present = this.width * (1 - FUTURE);
    const from = time - this.window;
    this.seen = new Set();
    set(this.moving, { transform: `translate(${(present - time * this.scale).toFixed(1)} 0)` });
    set(this.now, { d: `M${present.toFixed(1)} ${AXIS - 4}V${this.height}` });
    this.axis(Math.max(0, from), time);
    for (const key of ["server", "cable"]) this.outages(recorded.lane(key), key, from, time);
    for (const row of this.rows) this.lane(recorded.lane(row.key), row, from, time);
    this.orders(recorded.lane("orders"), from, time);
    for (const [id, element] of this.drawn) {
      if (this.seen.has(id)) continue;
      element.remove();
      this.drawn.delete(id);
    }
  }

  // The element of that name, made if it is not there yet.
  element(id, make, attributes = {}) {
    this.seen.add(id);
    let element = this.drawn.get(id);
    if (!element) {
      element = make();
      this.drawn.set(id, element);
      this.moving.append(element);
    }
    set(element, attributes);
    return element;
  }

  x(time) { return Number((time * this.scale).toFixed(1)); }

  axis(from, to) {
    const step = STEPS.find((each) => each * this.scale >= 46) ?? 60;
    for (let second = Math.ceil(from / step) * step; second <= to; second += step) {
      this.element(`axis ${second} ${step}`, () => draw("text", { class: "wl-second", x: this.x(second), y: 12 }, `${second} s`));
    }
  }

  outages(record, key, from, to) {
    for (const { start, end, state } of record.between(from, to)) {
      if (lookOf(state) === "good") continue;
      this.element(`outage ${key} ${start}`, () => {
        const band = draw("rect", { class: "wl-outage-band", y: AXIS });
        this.moving.prepend(band);
        return band;
      }, { x: this.x(start), width: this.x(Math.min(end, to)) - this.x(start), height: this.height - AXIS });
    }
  }

  lane(record, { key, top, height }, from, to) {
    const y = AXIS + top + (height > 30 ? 4 : 3);
    for (const span of record.between(from, to)) this.span(span, key, y, from, to);
    for (const { time, sign, kind } of record.marksBetween(from, to)) {
      this.element(`mark ${key} ${time} ${kind}`, () =>
        draw("text", { class: "wl-mark", "data-kind": kind, x: this.x(time), y: y + BAR + 12 }, sign));
    }
  }

  span({ number, start, end, state, entry }, key, y, from, to) {
    const look = lookOf(state);
    if (look === "none" || end === start) return;
    const id = `${key} ${number}`;
    const shown = Math.min(end, to);
    const x = this.x(start), width = Math.max(1, this.x(shown) - x);
    if (entry.kind === "waiting" && entry.delay) {
      const planned = end > to ? start + entry.delay : end;
      this.element(`${id} planned`, () => draw("rect", { class: "wl-planned", "data-lane": key, x, y, height: BAR, rx: 3 }),
        { width: Math.max(1, this.x(planned) - x) });
    }
    this.element(id, () => draw("rect", { class: "wl-span", "data-look": look, "data-lane": key, x, y, height: BAR, rx: 3 }), { width });
    const inSight = Math.max(x, this.x(from)); // the words stay in sight while their span leaves it
    const text = labels(state, entry).find((label) => x + width - inSight > label.length * LETTER + 6) ?? "";
    const words = this.element(`${id} label`, () => draw("text", { class: "wl-label", "data-lane": key, y: y + 12 }), { x: inSight + 4 });
    if (words.textContent !== text) words.textContent = text;
  }

  orders({ entries }, from, to) {
    const places = this.placesOf(entries);
    for (let number = countUntil(entries, from); number < countUntil(entries, to); number += 1) {
      const { time, kind } = entries[number];
      this.element(`order ${number}`, () => draw("g", { class: "wl-order" },
        draw("path", { d: `M${this.x(time)} ${AXIS}V${this.height}` }),
        draw("text", places[number], kind)));
    }
  }

  // Two orders in a second stand one below the other; a third one beside the one that ends first.
  placesOf(entries) {
    const ends = [-Infinity, -Infinity];
    return entries.map(({ time, kind }) => {
      const own = this.x(time) + 3;
      const row = ends[0] <= own || ends[0] <= ends[1] ? 0 : 1;
      const x = Math.max(own, ends[row]);
      ends[row] = x + kind.length * ORDER_LETTER + ORDER_GAP;
      return { x, y: this.height - 4 - FOOT_ROW * (1 - row) };
    });
  }
}
