// The rows of the wire: arrows, and marks where the rules changed; where each stands from the top, and what it says.

import { MIDDLEBOX, SERVER } from "../stage.js";

const KEEP = 5000;
const SILENT_SECONDS = 1;
export const MARGIN = 8;
export const NUMBER = 0, TIME = 1, START = 2, END = 3, TAG = 4, KIND = 5, LABEL = 6, TROUBLE = 7, FATE = 8, NOTE = 9, LEFT_AT = 10, SILENCE = 11, LANE = 12;

export class Ladder {
  constructor() { this.row = 27; this.clear(); }

  clear() {
    Object.assign(this, { lanes: [], servers: ["server"], middlebox: ["middlebox"], beliefs: "", leftOut: 0 });
    Object.assign(this, { rows: [], marksPlaced: 0, arrows: 0, failed: 0, begin: null });
    this.byNumber = new Map();
  }

  // Lanes, names and beliefs of a message, and its arrows with the marks between them.
  take(message, arrows) {
    const { lanes, servers, middlebox, beliefs, leftOut } = message;
    Object.assign(this, { lanes, servers, middlebox, beliefs, leftOut });
    for (const arrow of arrows) {
      this.placeMarks(message.marks, arrow[NUMBER]);
      this.put(arrow);
    }
    this.placeMarks(message.marks, this.nextNumber);
    this.trim();
  }

  get nextNumber() {
    for (let at = this.rows.length - 1; at >= 0; at--) if (this.rows[at].arrow) return this.rows[at].arrow[NUMBER] + 1;
    return this.leftOut;
  }

  placeMarks(marks, number) {
    while (this.marksPlaced < marks.length && marks[this.marksPlaced][0] <= number) {
      const [, time, words, belief] = marks[this.marksPlaced++];
      if (this.rows.length) this.push({ words, time, belief });
    }
    const last = this.rows.at(-1), placed = marks[this.marksPlaced - 1];
    if (last?.words && placed) last.words = placed[2];
  }

  put(arrow) {
    const known = this.byNumber.get(arrow[NUMBER]);
    if (known) {
      this.failed += arrow[TROUBLE] - known.arrow[TROUBLE];
      known.arrow = arrow;
      known.label = undefined;
      return;
    }
    this.begin ??= arrow[TIME];
    this.failed += arrow[TROUBLE];
    this.arrows += 1;
    const row = { arrow, time: arrow[TIME], belief: arrow[SILENCE] };
    this.push(row);
    this.byNumber.set(arrow[NUMBER], row);
  }

  push(row) {
    const last = this.rows.at(-1);
    row.since = last ? row.time - last.time : 0;
    row.silence = row.since > SILENT_SECONDS ? row.since : 0;
    this.rows.push(row);
    this.stand(row, last);
  }

  stand(row, last) {
    row.fold = row.silence ? this.row : 0;
    row.y = (last ? last.y + this.row : 0) + row.fold;
  }

  // The rows are of another height.
  resize(height) {
    if (height === this.row) return;
    this.row = height;
    this.rows.forEach((row, place) => { row.label = undefined; this.stand(row, this.rows[place - 1]); });
  }

  trim() {
    const extra = this.rows.length - KEEP;
    if (extra < KEEP / 10) return;
    for (const row of this.rows.splice(0, extra)) if (row.arrow) this.byNumber.delete(row.arrow[NUMBER]);
  }

  get top() { return this.rows.length ? this.rows[0].y - this.rows[0].fold : 0; }

  // How far the first `count` rows reach down.
  heightOf(count) {
    const last = this.rows[Math.min(count, this.rows.length) - 1];
    return MARGIN + (last ? last.y - this.top + this.row : 0);
  }

  get height() { return this.heightOf(this.rows.length); }

  // The places of the first and the last row between two heights.
  between(low, high) {
    let from = 0, to = this.rows.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (this.rows[middle].y - this.top + this.row < low) from = middle + 1; else to = middle;
    }
    let end = from;
    while (end < this.rows.length && this.rows[end].y - this.top - this.rows[end].fold < high) end++;
    return [from, end];
  }

  name(lane) {
    if (lane === MIDDLEBOX) return "middlebox";
    return (lane <= SERVER ? this.servers[SERVER - lane] : this.lanes[lane]) ?? (lane < 0 ? "server" : "client");
  }

  // What stands beside an arrow. Where clients share a head it says whose it is.
  label(arrow, folded) {
    const who = folded ? `${this.name(arrow[LANE])}: ` : "";
    return `${arrow[TROUBLE] ? "✗ " : ""}${who}${arrow[LABEL]}`;
  }

  say(row) {
    if (row.words) return `The rules changed: ${row.words}`;
    const { arrow } = row;
    const note = arrow[NOTE] ? ` (${arrow[NOTE]})` : arrow[TROUBLE] ? " (failed)" : "";
    return `${this.name(arrow[START])} → ${this.name(arrow[END])}: ${arrow[LABEL]}${note}`;
  }

  count() {
    const all = this.leftOut + this.arrows;
    if (!all) return "";
    const failed = this.failed ? ` · ✗ ${this.failed.toLocaleString("en")}` : "";
    const left = this.leftOut ? ` · the first ${this.leftOut.toLocaleString("en")} left out` : "";
    return `${all.toLocaleString("en")} ${all === 1 ? "arrow" : "arrows"}${failed}${left}`;
  }
}

export function milliseconds(seconds) {
  if (seconds >= 60) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
  const value = seconds * 1000;
  return value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString("en");
}

export function duration(seconds) {
  return seconds < 60 ? `${seconds.toFixed(1)} s` : `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
}
