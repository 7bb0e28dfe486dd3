// What stands in every picture of a connection: where clients, middlebox and servers have their columns (as in stage.py).

export const MIDDLEBOX = -1, SERVER = -2;  // the second server is -3, and so on
export const MANY = 6;  // more clients than that share one head
const PADDING = 4, SMALLEST = 0.7;  // of a head's box, and the part of their size to which its letters may shrink
const NARROWEST = 40;  // nor has each a head of its own where columns stand closer

export function columns(left, right, clients, servers) {
  const count = Math.max(1, clients), margin = Math.min(34, (right - left) * 0.13);
  const room = right - left - 2 * margin;
  let unit = room / (count - 1 + 2.6 + servers - 1), step = unit;
  const folded = count > MANY || (count > 1 && unit < NARROWEST);
  if (folded) {
    step = Math.min((room * 0.42) / (count - 1), 14);
    unit = (room - step * (count - 1)) / (2.6 + servers - 1);
  }
  const spots = new Map();
  for (let lane = 0; lane < count; lane++) spots.set(lane, left + margin + lane * step);
  const middle = left + margin + (count - 1) * step + 1.3 * unit;
  spots.set(MIDDLEBOX, middle);
  for (let lane = 0; lane < servers; lane++) spots.set(SERVER - lane, middle + (1.3 + lane) * unit);
  return { spots, middle, folded, gap: 1.3 * unit, step: Math.min(unit, 150), last: middle + (0.3 + servers) * unit };
}

// A line of words in at most two, broken at the space nearest to its middle.
export function broken(text, most) {
  const spaces = [...text.matchAll(/ /g)].map((space) => space.index);
  if (text.length <= most || !spaces.length) return [text];
  const at = spaces.reduce((best, space) => Math.abs(space - text.length / 2) < Math.abs(best - text.length / 2) ? space : best);
  return [text.slice(0, at), text.slice(at + 1)];
}

export function shorten(text, most) {
  return text.length > most ? text.slice(0, Math.max(1, most - 1)) + "…" : text;
}

const SVG = "http://www.w3.org/2000/svg";

export function draw(tag, attributes, text) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

// A box with a name, or with the first of several, its middle at x and at most `room` wide. Where a name has no
// room, its letters are smaller; what has none even so is cut.
export function head(x, names, room, letter, height) {
  const most = Math.max(3, (room - PADDING) / letter);
  let lines = names.length < 3 ? names : [names[0], `and ${names.length - 1} more rules`];
  if (lines.length === 1) lines = broken(lines[0], most);
  const longest = Math.max(...lines.map((line) => line.length));
  const wide = Math.min(room, Math.max(52, longest * letter + 16));
  const size = Math.min(1, Math.max(SMALLEST, most / longest));
  const letters = Math.floor(most / size);
  const line = letter * 2.05;
  const foot = 6 + height / 2 + letter * 0.65 - (lines.length - 1) * line / 2;
  return [
    draw("rect", { class: "wl-head", x: x - wide / 2, y: 6, width: wide, height, rx: 6 }),
    ...lines.map((text, place) => draw("text", { class: "wl-headname", x, y: foot + place * line, "text-anchor": "middle", style: `--wl-size: ${size.toFixed(2)}` }, shorten(text, letters))),
  ];
}

// The line under a head: whole, iced, or cut below the head if its process is gone.
export function lifeline(x, top, bottom, process) {
  const cutAt = top + 12, isGone = process === "gone";
  const line = draw("line", { class: "wl-lifeline", "data-process": process, x1: x, y1: top, x2: x, y2: isGone ? cutAt : bottom });
  return isGone ? [line, ...cross(x, cutAt)] : [line];
}

// The ✗ where something died.
function cross(x, y) {
  const d = `M${x - 6} ${y - 6} l12 12 m0 -12 l-12 12`;
  return ["wl-halo", "wl-cross"].map((name) => draw("path", { class: name, d }));
}

// What the middlebox did, where it did it: the ✗, or another mark in a disc.
export function sign(mark, x, y) {
  if (mark === "✗") return cross(x, y);
  return [
    draw("circle", { class: "wl-disc", "data-mark": mark, cx: x, cy: y, r: 9 }),
    draw("text", { class: "wl-sign", "data-mark": mark, x, y: y + 4.5, "text-anchor": "middle" }, mark),
  ];
}
