// The picture itself. A canvas, because a page that lays out text sixty times a second has no time for anything
// else; what a screen reader and a mouse need lies over it as plain elements.

import { MANY, MIDDLEBOX, columns, shorten } from "../stage.js";
import { END, FATE, NOTE, START, TAG, TROUBLE, duration, milliseconds } from "./ladder.js";

const DASHES = { TCP: [2, 4], HTTP: [8, 4], WS: [], EIO: [12, 3, 3, 3], SIO: [] };
const SIGNS = { answered: "■", held: "‖", changed: "≠" };
const STOP_FROM = 0.45, STOP_TO = 0.58;  // the share of its way in which a travelling message stands in the middlebox

// Where everything stands in a picture of that width; `letter` is about the width of one.
export function placesIn(width, clients, servers, letter) {
  const narrow = width < 640;
  const gutter = narrow ? letter * 7.2 : letter * 15;
  const tag = gutter + letter;
  const left = tag + letter * 5;
  const lanes = Math.min(560, Math.max(width * (narrow ? 0.4 : 0.44), Math.min(0.55 * width, 58 * ((clients > MANY ? 2 : clients) + servers + 2))));
  const place = columns(left, Math.min(left + lanes, width - letter * 15), clients, servers);
  return { ...place, narrow, gutter, tag, left, elapsed: letter * 7, labels: place.last + (narrow ? 22 : 30), width };
}

export class Painting {
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

  get looks() {
    const style = getComputedStyle(this.canvas);
    const colours = ["ink", "quiet", "paper", "edge", "shade", "trouble", ...Object.keys(DASHES)]
      .map((name) => style.getPropertyValue(`--wl-${name.toLowerCase()}`).trim());
    return [style.fontSize, ...colours];
  }

  // A canvas is not told of a new theme or font size, whose parts arrive one after the other.
  get isOutOfDate() { return this.read !== this.looks.join(); }

  readStyle() {
    const { looks } = this;
    this.read = looks.join();
    const [size, ink, quiet, paper, edge, shade, trouble, ...layers] = looks;
    Object.assign(this, { ink, quiet, paper, edge, shade, trouble });
    this.layers = Object.fromEntries(Object.keys(DASHES).map((tag, place) => [tag, layers[place]]));
    this.measure(parseFloat(size), getComputedStyle(this.canvas).fontFamily);
  }

  measure(size, face) {
    this.row = Math.round(size * 2.05);
    this.letter = size * 0.53;
    const small = Math.max(12, size * 0.92);
    this.fonts = { label: `${size}px ${face}`, small: `${small}px ${face}`, tag: `700 ${small}px ${face}`, bold: `600 ${size}px ${face}` };
  }

  // Rows with the y at which each stands, those in play with the share of its way that it has gone. In passes, for
  // changing the font costs more than a word.
  rows(rows, view, ladder, band) {
    const { context, width, height, fonts } = this;
    const arrows = rows.filter(([row]) => row.arrow);
    context.clearRect(0, 0, width, height);
    for (const x of view.spots.values()) this.line(x, 0, x, height, this.edge, view.folded ? 1 : 2, []);
    for (const [row, y, gone] of arrows) this.arrow(row.arrow, y, view, gone);
    const read = arrows.filter(([, , gone]) => gone > STOP_FROM);
    this.write(fonts.label, "left", this.ink);
    for (const [{ arrow, label }, y] of read) {
      context.fillStyle = arrow[TROUBLE] ? this.trouble : this.ink;
      context.fillText(label.text, view.labels, y + this.foot);
    }
    for (const [{ arrow, label }, y] of read) if (label.note) this.note(arrow, label, y);
    for (const [row, y] of rows) if (row.fold) this.band(duration(row.silence) + " of silence", row.belief, y - row.fold, row.fold, view);
    for (const [row, y] of rows) if (row.words) this.mark(row.words, y);
    if (band) this.band(band.text, band.belief, band.y, band.height, view);
    this.write(fonts.tag, "left", this.ink);
    for (const [{ arrow }, y] of arrows) {
      context.fillStyle = this.colour(arrow);
      context.fillText(arrow[TAG], view.tag, y + this.foot);
    }
    this.write(fonts.small, "right", this.quiet);
    for (const [row, y] of arrows) {
      context.fillText(`+${milliseconds(row.since)}`, view.gutter, y + this.foot);
      if (!view.narrow) context.fillText(milliseconds(row.time - ladder.begin), view.elapsed, y + this.foot);
    }
  }

  get foot() { return this.row * 0.64; }

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

  disc(x, y, radius, colour) {
    const { context } = this;
    context.fillStyle = colour;
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fill();
  }

  // An arrow that has gone a share of its way; with 1 it has arrived, or died.
  arrow(arrow, top, view, gone) {
    const start = view.spots.get(arrow[START]) ?? 0, end = view.spots.get(arrow[END]) ?? 0;
    const y = top + this.row * 0.5, side = end > start ? 1 : -1;
    const colour = this.colour(arrow), through = arrow[START] !== MIDDLEBOX && arrow[END] !== MIDDLEBOX;
    const at = gone < 1 ? this.reached(start, end, gone, through ? view.middle : null) : end;
    const tip = gone < 1 ? at : end - 8 * side;
    this.line(start, y, tip, y, colour, arrow[TAG] === "SIO" ? 3.5 : 2, DASHES[arrow[TAG]]);
    if (through && (at - view.middle) * side >= 0) this.disc(view.middle, y, 4, colour);
    if (gone < 1) this.disc(at, y, 6, colour);
    else if (arrow[END] === MIDDLEBOX && arrow[FATE] === "dropped") this.cross(end, y);
    else if (arrow[END] === MIDDLEBOX && SIGNS[arrow[FATE]]) this.sign(SIGNS[arrow[FATE]], end, y, colour);
    else this.point(end, y, side, colour);
  }

  reached(start, end, gone, stop) {
    if (stop === null) return start + (end - start) * gone;
    if (gone < STOP_FROM) return start + (stop - start) * gone / STOP_FROM;
    return gone < STOP_TO ? stop : stop + (end - stop) * (gone - STOP_TO) / (1 - STOP_TO);
  }

  point(x, y, side, colour) {
    const { context } = this;
    context.fillStyle = colour;
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(x - 11 * side, y - 5.5);
    context.lineTo(x - 11 * side, y + 5.5);
    context.fill();
  }

  cross(x, y) {
    for (const [colour, width] of [[this.paper, 7], [this.trouble, 3]]) {
      this.line(x - 6, y - 6, x + 6, y + 6, colour, width, []);
      this.line(x - 6, y + 6, x + 6, y - 6, colour, width, []);
    }
  }

  sign(sign, x, y, colour) {
    this.disc(x, y, 10, colour);
    this.disc(x, y, 8, this.paper);
    this.write(this.fonts.tag, "center", colour);
    this.context.fillText(sign, x, y + this.row * 0.16);
  }

  note(arrow, { note, noteX, noteAlign }, y) {
    this.write(this.fonts.small, noteAlign, arrow[TROUBLE] ? this.trouble : this.quiet);
    this.context.fillText(note, noteX, y + this.foot);
  }

  // The label for its column, and the note for the half of the picture that the arrow leaves free.
  label(arrow, text, view) {
    const room = this.width - view.labels - 6;
    if (!arrow[NOTE]) {
      this.write(this.fonts.label, "left", this.ink);
      return { text: this.fit(text, room), note: "" };
    }
    const free = arrow[START] === MIDDLEBOX ? arrow[END] : arrow[END] === MIDDLEBOX ? arrow[START] : null;
    this.write(this.fonts.small, "left", this.quiet);
    const isRight = free >= 0, halves = view.gap - 24;
    const fits = free !== null && this.context.measureText(arrow[NOTE]).width <= halves;
    this.write(this.fonts.label, "left", this.ink);
    const label = this.fit(fits ? text : `${text} · ${arrow[NOTE]}`, room);
    return { text: label, note: fits ? arrow[NOTE] : "", noteX: view.middle + (isRight ? 15 : -15), noteAlign: isRight ? "left" : "right" };
  }

  mark(words, y) {
    const { context } = this;
    context.fillStyle = this.shade;
    context.fillRect(4, y + 2, this.width - 8, this.row - 4);
    this.line(4, y + 2, this.width - 4, y + 2, this.edge, 1, []);
    this.line(4, y + this.row - 2, this.width - 4, y + this.row - 2, this.edge, 1, []);
    this.write(this.fonts.bold, "center", this.ink);
    context.fillText(this.fit(`rules: ${words}`, this.width - 20), this.width / 2, y + this.foot);
  }

  // A silence, as high as it lasted, and what both ends believed.
  band(text, belief, y, height, view) {
    const { context } = this;
    context.globalAlpha = 0.75;
    context.fillStyle = this.shade;
    context.fillRect(view.tag, y + 1, this.width - view.tag - 4, height - 2);
    context.globalAlpha = 1;
    this.line(view.tag, y + 2, this.width - 4, y + 2, this.quiet, 2, [1, 5]);
    if (height > this.row * 1.5) this.line(view.tag, y + height - 2, this.width - 4, y + height - 2, this.quiet, 2, [1, 5]);
    this.write(this.fonts.label, "center", this.ink);
    const words = this.fit(belief ? `${text} · ${belief}` : text, this.width - view.tag - 16);
    context.fillText(words, (view.tag + this.width) / 2, y + height / 2 + this.row * 0.16);
  }

  fit(text, room) {
    const { context } = this;
    const wide = context.measureText(text).width;
    if (wide <= room) return text;
    let most = Math.floor(text.length * room / wide), short = shorten(text, most);
    while (most > 2 && context.measureText(short).width > room) short = shorten(text, --most);
    return short;
  }
}

// All rows at once, a line each, and which of them are in sight.
export class Overview {
  constructor(canvas, painting) { Object.assign(this, { canvas, painting }); }

  paint(ladder, height, top, seen) {
    const width = 14, { canvas, painting } = this;
    canvas.width = width;
    canvas.height = Math.round(height);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    const scale = height / ladder.height, thick = Math.max(1, ladder.row * scale * 0.6);
    context.fillStyle = painting.shade;
    context.fillRect(0, 0, width, height);
    let drawn = -1;
    for (const row of ladder.rows) {
      const y = Math.floor((row.y - ladder.top) * scale), isLoud = !row.arrow || row.arrow[TROUBLE];
      if (y === drawn && !isLoud) continue;
      drawn = y;
      context.fillStyle = row.arrow ? painting.colour(row.arrow) : painting.ink;
      context.fillRect(isLoud ? 0 : 4, y, isLoud ? width : 7, thick);
    }
    context.strokeStyle = painting.ink;
    context.lineWidth = 2;
    context.strokeRect(1, top * scale + 1, width - 2, Math.max(6, seen * scale - 2));
  }
}
