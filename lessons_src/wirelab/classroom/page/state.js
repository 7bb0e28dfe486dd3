// How the connection stands: a bar that is always in sight, a sentence for those who hear the page, and what it
// went through.

import { $ } from "./dom.js";

const SIGNS = { "connected": "●", "waiting": "◔", "trying": "→", "given up": "✗", "silent": "…" };
const LOOKS = { "connected": "good", "waiting": "wait", "trying": "try", "given up": "bad", "silent": "ice" };
const TICK = 100, MOST_EVENTS = 60;

/** @type {any} */
let ticking = null;

const seconds = (milliseconds) => `${(Math.max(0, milliseconds) / 1000).toFixed(1)} s`;

export class State {
  constructor(line, kept) {
    this.line = line;
    this.kept = kept;
    clearInterval(ticking);
    ticking = setInterval(() => this.show(), TICK);
    $("events").replaceChildren();
  }

  show() {
    const { state } = this.line;
    const silence = this.line.silence();
    const name = silence ? "silent" : state.name;
    $("state").dataset.look = LOOKS[name];
    $("sign").textContent = SIGNS[name];
    $("state-words").textContent = this.words(name, state, silence);
    $("more").textContent = this.more(name, state);
    $("again").hidden = name !== "given up";
    const left = name === "waiting" ? Math.max(0, state.until - performance.now()) / state.delay : 0;
    $("wait").hidden = !left;
    $("wait").firstElementChild.style.width = `${100 * (1 - left)}%`;
    this.speak(name, state);
  }

  words(name, state, silence) {
    switch (name) {
      case "connected": return "connected";
      case "silent": return `connected, but silent for ${seconds(silence)}`;
      case "waiting": return `waiting: next try in ${seconds(state.until - performance.now())}`;
      case "trying": return state.attempt ? "trying to come back" : "connecting";
      default: return "given up";
    }
  }

  more(name, state) {
    const kept = this.kept();
    const keeps = kept ? `keeps ${kept} message${kept === 1 ? "" : "s"}` : "";
    const how = { connected: state.transport, silent: state.transport, "given up": state.why };
    const attempt = state.attempt ? `try ${state.attempt}` : "";
    return [how[name] ?? attempt, keeps].filter(Boolean).join(" · ");
  }

  // Once for each change: a countdown that is read out would say nothing else.
  speak(name, state) {
    if (this.spoken === name) return;
    this.spoken = name;
    const sentences = {
      "connected": `Connected, ${state.transport}.`, "waiting": "The connection is lost. The page comes back by itself.",
      "silent": "The server is silent.", "given up": `Given up: ${state.why}.`,
    };
    if (sentences[name]) $("spoken").textContent = sentences[name];
  }

  note(words) {
    const item = document.createElement("li");
    const time = document.createElement("time");
    time.textContent = new Date().toTimeString().slice(0, 8);
    item.append(time, words);
    $("events").prepend(item);
    while ($("events").childElementCount > MOST_EVENTS) $("events").lastElementChild.remove();
  }
}
