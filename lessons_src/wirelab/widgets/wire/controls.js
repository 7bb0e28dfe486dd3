// The bar above the wire: play, step, replay and reset, the slider, and the layers.

import { make } from "../../page/page.js";

const KEYS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

function set(element, name, value) { if (element[name] !== value) element[name] = value; }

export class Controls {
  // `act` has a function for each button: play, step, replay, reset, goOn; and scrub(position), layer(name).
  constructor(act) {
    this.act = act;
    this.play = make("button", { class: "wl-play", onclick: act.play }, "Pause");
    this.step = make("button", { class: "wl-step", onclick: act.step, title: "Show the next arrow and stop there" }, "Step");
    this.replay = make("button", { class: "wl-replay", onclick: act.replay, title: "Show what happened once more, in slow motion" }, "Again");
    this.reset = make("button", { onclick: act.reset, title: "Begin with an empty picture" }, "Reset");
    this.goOn = make("button", { onclick: act.goOn, title: "This picture ended with its cell. Show what has passed since, and go on live" }, "Go on");
    this.layers = make("div", { class: "wl-layers", role: "radiogroup", "aria-label": "Layer" });
    this.slider = make("input", {
      class: "wl-slider", type: "range", min: "0", max: "0", value: "0", "aria-label": "How much of it is shown",
      oninput: () => act.scrub(Number(this.slider.value)),
    });
    this.root = make("div", { class: "wl-bar" },
      make("div", { class: "wl-buttons" }, this.play, this.step, this.replay, this.reset, this.goOn), this.slider, this.layers);
  }

  // Each change costs the page a layout: only what is new is written.
  show({ moving, live, waiting, replaying, empty }) {
    set(this.play, "textContent", moving ? "Pause" : "Play");
    set(this.play, "title", live && !replaying ? "" : "Show what happened once more, in slow motion");
    set(this.step, "textContent", waiting && !replaying ? `Step (${waiting.toLocaleString("en")} waiting)` : "Step");
    set(this.replay, "textContent", replaying ? "To the end" : "Again");
    set(this.replay, "hidden", !replaying && (!live || empty));
    set(this.goOn, "hidden", live || replaying);
  }

  showPosition(shown, rows) {
    set(this.slider, "disabled", !rows);
    set(this.slider, "max", String(rows));
    set(this.slider, "value", String(shown));
    this.slider.setAttribute("aria-valuetext", `${shown} of ${rows}`);
  }

  showLayers(layers, current) {
    const focused = this.layers.contains(document.activeElement);
    this.layers.replaceChildren(...layers.map(({ name, tag }, at) => {
      const chosen = name === current;
      return make("button", {
        role: "radio", "aria-checked": String(chosen), class: "wl-layer", "data-tag": tag, tabindex: chosen ? "0" : "-1",
        onclick: () => this.act.layer(name),
        onkeydown: (event) => {
          const side = KEYS[event.key];
          if (!side) return;
          event.preventDefault(); event.stopPropagation();
          this.act.layer(layers[(at + side + layers.length) % layers.length].name);
        },
      }, name);
    }));
    if (focused) this.layers.querySelector("[aria-checked=true]").focus();
  }

  showTraffic(tags) {
    for (const layer of this.layers.children) {
      const empty = !tags.includes(layer.dataset.tag);
      if (layer.classList.contains("wl-unused") === empty) continue;
      layer.classList.toggle("wl-unused", empty);
      layer.title = empty ? "Nothing has passed at this layer" : "";
    }
  }
}
