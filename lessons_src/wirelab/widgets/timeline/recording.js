// A recording as the kernel made it (recording.py), by lanes: what stood when, and what happened then.

const OWN_SPAN = new Set(["waiting", "trying"]); // each begins a span, even after another of its kind
const NOTHING = { delay: null, unjittered: null, attempt: 0, transport: "", kept: 0, sent: 0, echoed: 0, refused: 0 };
const MARKS = { sent: "↑", received: "↓", kept: "▣", refused: "✗", failed: "✗", disconnected: "✗" };

// The number of elements, of a list ordered by `key`, that are not later than `time`.
export function countUntil(list, time, key = "time") {
  let from = 0, to = list.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (list[middle][key] <= time) from = middle + 1; else to = middle;
  }
  return from;
}

export class LaneRecord {
  constructor() {
    this.entries = [];
    this.spans = [];
    this.marks = [];
  }

  add(entry) {
    this.entries.push(entry);
    const open = this.spans.at(-1);
    if (!open || open.state !== entry.state || OWN_SPAN.has(entry.kind)) {
      if (open) open.end = entry.time;
      this.spans.push({ number: this.spans.length, start: entry.time, end: Infinity, state: entry.state, entry });
    }
    if (MARKS[entry.kind]) this.marks.push({ time: entry.time, sign: MARKS[entry.kind], kind: entry.kind });
  }

  // The latest entry up to that time, if there is one.
  at(time) { return this.entries[countUntil(this.entries, time) - 1]; }

  // The spans that are to be seen between two times.
  between(from, to) {
    const first = Math.max(0, countUntil(this.spans, from, "start") - 1);
    return this.spans.slice(first, countUntil(this.spans, to, "start")).filter(({ end }) => end > from);
  }

  marksBetween(from, to) { return this.marks.slice(countUntil(this.marks, from), countUntil(this.marks, to)); }
}

export class Recorded {
  constructor({ lanes, parameters, entries, end = 0 }) {
    this.lanes = lanes;
    this.parameters = parameters;
    this.entries = [];
    this.end = end;
    this.byLane = new Map([...lanes, { key: "orders" }].map(({ key }) => [key, new LaneRecord()]));
    this.add(entries);
  }

  add(entries) {
    for (const given of entries) {
      const entry = { ...NOTHING, ...given };
      this.entries.push(entry);
      this.byLane.get(entry.lane).add(entry);
      this.end = Math.max(this.end, entry.time);
    }
  }

  get begin() { return this.entries[0]?.time ?? 0; }

  lane(key) { return this.byLane.get(key); }

  // The time of the entry before or after a moment; the ends of the recording if there is none.
  beside(time, side) {
    const place = countUntil(this.entries, time);
    if (side > 0) return this.entries[place]?.time ?? this.end;
    let before = place - 1;
    while (before >= 0 && this.entries[before].time >= time - 1e-6) before--;
    return this.entries[before]?.time ?? this.begin;
  }

  // The last order, and what happened since.
  said(time) {
    let place = countUntil(this.entries, time) - 1;
    while (place > 0 && !this.entries[place].said) place--;
    const said = [this.lane("orders").at(time)?.said, this.entries[place]?.said];
    return [...new Set(said)].filter(Boolean).join(" ");
  }

  // Whether no message could get through.
  brokenAt(time) {
    return (this.lane("server").at(time)?.state ?? "up") !== "up" || this.lane("cable").at(time)?.state === "pulled";
  }
}
