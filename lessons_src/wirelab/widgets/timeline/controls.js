// What can be pressed and set: the buttons that break and mend, the sliders, and the way through what was recorded.

import { make, offeredButton } from "../../page/page.js";

/** @type {[string, string[][]][]} */
const BUTTONS = [
  ["The server", [
    ["kill", "Kill", "SIGKILL: its process ends at once"],
    ["freeze", "Freeze", "SIGSTOP: its process stands still"],
    ["thaw", "Thaw", "SIGCONT: it goes on"],
    ["restart", "Restart", "A new process on the old port"],
  ]],
  ["The cable", [
    ["pull", "Pull the cable", "Nothing passes, and nobody is told"],
    ["plug", "Plug in", "What was held back passes"],
  ]],
  ["Everyone", [
    ["send", "Send", "Each client sends a message, connected or not"],
    ["reset", "Reset", "A new server, and everyone connects anew with the sliders' values"],
  ]],
];
const SLIDERS = { reconnectionDelay: "the first delay", reconnectionDelayMax: "the cap", randomizationFactor: "the jitter" };
const SPEEDS = [["1", "1 ×"], ["0.5", "½ ×"], ["0.25", "¼ ×"], ["0.1", "⅒ ×"]];
const WINDOWS = ["8", "15", "30", "60"];

function inUnits(name, value) { return name === "randomizationFactor" ? String(Number(value.toFixed(1))) : `${Math.round(value * 1000)} ms`; }

export class Buttons {
  constructor(press) {
    this.offers = new Map();
    this.root = make("div", { class: "wl-controls" }, ...BUTTONS.map(([group, buttons]) =>
      make("div", { role: "group", "aria-label": group }, ...buttons.map(([name, label, title]) => {
        const { button, offer } = offeredButton(label, title, () => press(name));
        this.offers.set(name, offer);
        return button;
      }))));
  }

  show(refusals) { for (const [name, offer] of this.offers) offer(refusals[name]); }
}

export class Sliders {
  constructor(choose) {
    this.choose = choose;
    this.root = make("div", { class: "wl-sliders", role: "group", "aria-label": "For the next connections" });
    this.sliders = new Map();
    this.chosen = new Map();
  }

  show(wanted, ranges, inForce) {
    if (!this.sliders.size) this.build(ranges);
    let differs = false;
    for (const [name, { input, put }] of this.sliders) {
      if (this.chosen.get(name) === wanted[name]) this.chosen.delete(name);
      if (!this.chosen.has(name)) { // else the kernel has not heard of the last move yet
        input.value = wanted[name];
        put();
      }
      differs ||= wanted[name] !== inForce[name];
    }
    this.note.toggleAttribute("data-differs", differs);
    this.note.textContent = differs ? "Reset puts them in force" : "for the next connections";
  }

  build(ranges) {
    for (const [name, title] of Object.entries(SLIDERS)) {
      const [min, max, step] = ranges[name];
      const output = make("span", { class: "wl-value" });
      const input = make("input", {
        type: "range", min, max, step, "aria-label": name,
        oninput: () => {
          put();
          this.chosen.set(name, Number(input.value));
          this.choose(name, Number(input.value));
        },
      });
      const put = () => {
        const text = inUnits(name, Number(input.value));
        if (output.textContent !== text) output.textContent = text;
        input.setAttribute("aria-valuetext", text);
      };
      this.sliders.set(name, { input, put });
      this.root.append(make("label", { title }, make("code", {}, name), input, output));
    }
    this.note = make("span", { class: "wl-note" });
    this.root.append(this.note);
  }
}

// Every parameter on which the picture depends.
export function parameterList(parameters) {
  return Object.entries(parameters).map(([name, value]) => {
    const text = typeof value === "string" ? value : inUnits(name, value);
    return make("span", { class: "wl-parameter" }, make("code", {}, name), ` ${text} `);
  });
}

export class Player {
  // `changed()` is called when another moment, speed or window is wanted.
  constructor(playhead, beside, changed, setWindow) {
    this.playhead = playhead;
    const act = (action) => () => { action(); changed(); };
    const stop = (time) => { playhead.seek(time); playhead.playing = false; };
    this.play = make("button", { class: "wl-play", onclick: act(() => playhead.playing ? playhead.pause() : playhead.play()) }, "Pause");
    this.liveButton = make("button", { onclick: act(() => playhead.goLive()), title: "Show what happens now" }, "Live");
    this.scrubber = make("input", {
      type: "range", class: "wl-scrub", step: 0.05, "aria-label": "Moment of the recording",
      oninput: act(() => stop(Number(this.scrubber.value))),
    });
    this.time = make("span", { class: "wl-value wl-time" });
    this.speed = make("select", { "aria-label": "Speed", onchange: act(() => playhead.setSpeed(Number(this.speed.value))) },
      ...SPEEDS.map(([value, label]) => make("option", { value }, label)));
    this.window = make("select", { "aria-label": "Seconds in sight", onchange: act(() => setWindow(Number(this.window.value))) },
      ...WINDOWS.map((value) => make("option", { value, ...(value === "15" && { selected: "" }) }, `${value} s in sight`)));
    this.root = make("div", { class: "wl-player", role: "group", "aria-label": "Recording" },
      make("button", { onclick: act(() => stop(beside(playhead.time, -1))), title: "Back to what happened before", "aria-label": "Step back" }, "◂ Step"),
      this.play,
      make("button", { onclick: act(() => stop(beside(playhead.time, 1))), title: "On to what happened next", "aria-label": "Step" }, "Step ▸"),
      this.scrubber, this.time, this.speed, this.window, this.liveButton);
  }

  show(begin, end) {
    const { playhead } = this;
    const { time } = playhead;
    this.play.textContent = playhead.playing ? "Pause" : "Play";
    this.scrubber.min = String(begin);
    this.scrubber.max = String(Math.max(end, begin + 0.05));
    this.scrubber.value = String(time);
    const words = `${time.toFixed(1)} s${playhead.live ? "" : ` of ${end.toFixed(1)} s`}`;
    if (this.time.textContent !== words) this.time.textContent = words;
    this.scrubber.setAttribute("aria-valuetext", words);
    this.liveButton.setAttribute("aria-pressed", String(playhead.live));
    if (playhead.live && this.speed.value !== "1") { this.speed.value = "1"; playhead.speed = 1; }
  }
}
