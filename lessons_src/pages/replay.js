// Recorded demos in a page without a kernel: the widgets' own scripts, and models that answer from what was recorded.

const LONGEST_PAUSE_MILLISECONDS = 1600, LEAST_PAUSE_MILLISECONDS = 350;
const HERE = "This is a recording. Where the course runs, this button works.";
const loaded = new Map();

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== false) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

// A widget's module, its style once; a page in a file may import nothing but what it holds itself.
function widget(name) {
  if (!loaded.has(name)) {
    const { esm, css } = window.WIDGETS[name];
    document.head.append(make("style", {}, css));
    loaded.set(name, import(URL.createObjectURL(new Blob([esm], { type: "text/javascript" }))));
  }
  return loaded.get(name);
}

async function unpacked(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
}

// What anywidget hands to a widget, without a kernel behind it.
class Model {
  constructor(state = {}) {
    this.state = state;
    this.listeners = new Map();
  }

  get(name) { return this.state[name]; }

  set(name, value) {
    this.state[name] = value;
    this.changed = name;
  }

  save_changes() { this.tell(`change:${this.changed}`); }

  on(event, listener) { this.listeners.set(event, [...(this.listeners.get(event) ?? []), listener]); }

  off(event, listener) { this.listeners.set(event, (this.listeners.get(event) ?? []).filter((each) => each !== listener)); }

  tell(event, ...content) { for (const listener of this.listeners.get(event) ?? []) listener(...content); }

  send() {}
}

// A panel's states, one after the other. `frames` are [seconds, what has changed since the one before].
class Film extends Model {
  constructor(frames, note) {
    super();
    this.frames = frames;
    this.note = note;
    this.place = 0;
    this.timer = null;
    this.obeyed = {};
  }

  get playing() { return this.timer !== null; }

  // What a page says of itself, or asks to be shown, needs no answer; what a hand does is not done here.
  send(message) {
    if (message.page !== undefined || message.type === "show") return;
    this.note(HERE);
    if (message.view) this.obeyed[message.view] = message.number;
    queueMicrotask(() => this.at(this.place));
  }

  at(place) {
    this.place = Math.max(0, Math.min(place, this.frames.length - 1));
    const state = Object.assign({}, ...this.frames.slice(0, this.place + 1).map(([, news]) => news));
    this.tell("msg:custom", { ...state, obeyed: this.obeyed, type: "state" }, []);
    this.onChange?.();
  }

  step(by = 1) { this.seek(this.place + by); }

  seek(place) {
    this.pause();
    this.at(place);
  }

  play() {
    if (this.place >= this.frames.length - 1) this.at(0);
    this.next();
  }

  pause() {
    clearTimeout(this.timer);
    this.timer = null;
    this.onChange?.();
  }

  next() {
    if (this.place >= this.frames.length - 1) return this.pause();
    const gap = (this.frames[this.place + 1][0] - this.frames[this.place][0]) * 1000;
    const pause = Math.max(LEAST_PAUSE_MILLISECONDS, Math.min(gap, LONGEST_PAUSE_MILLISECONDS));
    this.timer = setTimeout(() => { this.at(this.place + 1); this.next(); }, pause);
    this.onChange?.();
  }
}

// The frame inspector: a state for each setting, and for each single bit of the first frame.
class Inspected extends Model {
  constructor({ states, first }, note) {
    super();
    Object.assign(this, { states, first, note, key: first });
  }

  send(message) {
    let key = this.key;
    if (message.type === "reset") key = this.first;
    if (message.type === "undo") key = key.split(" ").slice(0, 3).join(" ");
    if (message.type === "build") {
      const { opcode, sender, fin } = message.settings;
      key = `${opcode} ${sender} ${fin ? "fin" : "more"}`;
    }
    if (message.type === "flip") {
      const parts = key.split(" ");
      key = parts[3] === String(message.bit) ? parts.slice(0, 3).join(" ") : `${key} ${message.bit}`;
    }
    const state = this.states[key];
    const isOwn = message.type === "build" && message.settings.message !== this.states[this.first].settings.message;
    if (!state || isOwn) this.note("Recorded are this message with each setting, and the first frame with one bit flipped.");
    else this.key = key;
    queueMicrotask(() => this.tell("msg:custom", this.states[this.key], []));
  }
}

async function render(name, model, place) {
  const { default: exported } = await widget(name);
  const made = typeof exported === "function" ? exported() : exported;
  await made.initialize?.({ model });
  made.render({ model, el: place });
}

function player(film) {
  const count = film.frames.length;
  const play = make("button", { type: "button", onclick: () => (film.playing ? film.pause() : film.play()) }, "▶ Play");
  const step = make("button", { type: "button", onclick: () => film.step(), title: "One change at a time" }, "Step");
  const back = make("button", { type: "button", onclick: () => film.step(-1), "aria-label": "One change back" }, "←");
  const slider = make("input", { type: "range", min: 0, max: count - 1, value: 0, "aria-label": "Moment of the recording",
    oninput: () => film.seek(Number(slider.value)) });
  const where = make("span", { class: "where" });
  film.onChange = () => {
    play.textContent = film.playing ? "‖ Pause" : "▶ Play";
    slider.value = film.place;
    where.textContent = `${film.place + 1} of ${count}`;
  };
  return make("div", { class: "player" }, play, back, step, slider, where);
}

// Puts what was recorded into the place of its picture.
async function mount(place, packed) {
  const shot = await unpacked(packed);
  const note = make("span", { class: "note", role: "status" });
  const label = make("p", { class: "recorded" }, make("b", {}, "● Recorded"), " while the course was built. ", note);
  const stage = make("div", { class: "stage" });
  const say = (words) => { note.textContent = words; };
  place.replaceChildren(label, stage);
  if (shot.widget === "Wire") {
    const { mount: show } = await widget("Wire");
    show(stage, shot.recording);
  } else if (shot.widget === "Timeline") {
    await render("Timeline", new Model({ recording: shot.recording }), stage);
  } else if (shot.widget === "FrameInspector") {
    await render(shot.widget, new Inspected(shot, say), stage);
  } else {
    const film = new Film(shot.frames, say);
    place.insertBefore(player(film), stage);
    await render(shot.widget, film, stage);
    film.at(0);
  }
  place.dataset.shown = shot.widget;
}

// A recording that cannot be shown leaves the picture that was there.
async function tryToMount(place, packed) {
  const before = [...place.childNodes];
  try {
    await mount(place, packed);
  } catch (error) {
    place.replaceChildren(...before);
    console.error(error);
  }
}

function openDemos() {
  const watching = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      watching.unobserve(target);
      tryToMount(target, window.RECORDED[target.dataset.shot]);
    }
  }, { rootMargin: "600px" });
  for (const place of document.querySelectorAll("[data-shot]")) watching.observe(place);
}

// A tile of the boss's list opens the wires of its run.
function openRuns() {
  for (const board of document.querySelectorAll("[data-review]")) {
    for (const tile of board.querySelectorAll(".wl-tile")) {
      const keys = Object.keys(window.RECORDED).filter((key) => key.startsWith(`${board.dataset.review} ${tile.dataset.row} `));
      tile.addEventListener("toggle", () => {
        for (const key of keys.splice(0)) {
          const place = make("div", { class: "demo" });
          tile.append(place);
          tryToMount(place, window.RECORDED[key]);
        }
      });
    }
  }
}

// A prediction is the real widget; its answer stands further down and waits for a choice.
function ask(place) {
  const { name, question, options } = JSON.parse(place.dataset.ask);
  const answer = document.querySelector(`[data-answers="${name}"]`);
  const model = new Model({ question, options, choice: "" });
  const reveal = (choice) => {
    for (const each of answer?.querySelectorAll("[data-choice]") ?? []) each.hidden = each.dataset.choice !== choice;
    answer?.querySelector(".wait").toggleAttribute("hidden", true);
  };
  model.on("change:choice", () => reveal(model.get("choice")));
  answer?.querySelector("button")?.addEventListener("click", () => reveal(""));
  for (const each of answer?.querySelectorAll("[data-choice]") ?? []) each.hidden = true;
  if (answer) answer.querySelector(".wait").hidden = false;
  place.replaceChildren();
  render("Prediction", model, place);
}

function chooseTheme() {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  let chosen = null;
  try { chosen = localStorage.getItem("theme"); } catch { /* a page in a file may have no store */ }
  const show = () => {
    const isDark = chosen ? chosen === "dark" : dark.matches;
    document.body.dataset.jpThemeLight = String(!isDark);
    button.textContent = isDark ? "☀ Light" : "☾ Dark";
  };
  const button = make("button", { type: "button", class: "theme", onclick: () => {
    chosen = document.body.dataset.jpThemeLight === "true" ? "dark" : "light";
    try { localStorage.setItem("theme", chosen); } catch { /* then it holds for this page */ }
    show();
  } });
  dark.addEventListener("change", show);
  document.querySelector(".top").append(button);
  show();
}

chooseTheme();
openDemos();
openRuns();
document.querySelectorAll("[data-ask]").forEach(ask);
