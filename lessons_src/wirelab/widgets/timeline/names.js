// The names beside the lanes: who it is, how it stands, and what became of its messages.

import { make } from "../../page/page.js";
import { lookOf, partWaited, signOf, stateWords } from "./words.js";

function put(element, text) { if (element.textContent !== text) element.textContent = text; }

// In a picture and in words: ↑3 ↓2 is sent and echoed.
function counts({ sent, echoed, kept, refused }) {
  const words = [[sent, "↑", "sent"], [echoed, "↓", "echoed"], [kept, "▣", "kept in its buffer"], [refused, "✗", "refused by its library"]];
  return words.filter(([number, , what]) => number || what === "sent").map(([number, sign, what]) => [`${sign}${number}`, `${number} ${what}`]);
}

export class Name {
  constructor({ key, name, about }, height) {
    this.sign = make("span", { class: "wl-sign", "aria-hidden": "true" });
    this.words = make("span", { class: "wl-words" });
    this.counts = make("span", { class: "wl-counts", role: "img" });
    this.root = make("div", { class: "wl-name", role: "listitem", "data-lane": key, style: `height: ${height}px` },
      this.sign,
      make("span", { class: "wl-who", title: about }, make("strong", {}, name), " ", make("span", { class: "wl-about" }, about)),
      this.words, this.counts);
  }

  show(record, time, broken) {
    const entry = record.at(time);
    this.root.dataset.state = entry?.state ?? "";
    this.root.dataset.look = entry ? lookOf(entry.state) : "none";
    const [span] = record.between(time, time).slice(-1);
    const part = entry?.state === "waiting to reconnect" ? partWaited(span.entry, time) : null;
    this.sign.classList.toggle("wl-pie", part !== null);
    if (part !== null) this.sign.style.setProperty("--wl-part", part.toFixed(3));
    put(this.sign, part === null && entry ? signOf(entry.state) : "");
    const believes = broken && entry?.state === "connected";
    this.root.toggleAttribute("data-mistaken", Boolean(believes));
    put(this.words, entry ? stateWords(entry, span ?? { entry, start: entry.time }, time, broken) : "");
    const messages = entry?.sent || entry?.kept || entry?.refused ? counts(entry) : [];
    put(this.counts, messages.map(([short]) => short).join(" "));
    this.counts.hidden = !messages.length;
    this.counts.setAttribute("aria-label", messages.map(([, long]) => long).join(", "));
  }
}
