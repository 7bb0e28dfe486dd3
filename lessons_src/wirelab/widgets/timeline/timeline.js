// The timeline in the page: live beside a kernel, or from a recording alone. This page is one of its clients.

import { PageClients } from "../../clients/page_clients.js";
import { make } from "../../page/page.js";
import { Buttons, Player, Sliders, parameterList } from "./controls.js";
import { Name } from "./names.js";
import { Playhead } from "./playhead.js";
import { Recorded } from "./recording.js";
import { Track } from "./track.js";

const FRAME_MILLISECONDS = 33, STILL_MILLISECONDS = 500, SAYING_MILLISECONDS = 250;
const LOW = 24, HIGH = 38;
const LEGEND = [["good", "● connected, up"], ["wait", "◔ waiting, fills up"], ["try", "→ trying"], ["bad", "✗ gone, down"], ["ice", "‖ frozen"]];

function clock() { return performance.now() / 1000; }

class TimelineView {
  constructor(model, page, root) {
    this.model = model;
    this.page = page;
    this.offset = -Infinity;
    this.ended = 0;
    this.playhead = new Playhead(() => this.recorded?.begin ?? 0, () => this.present);
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
    this.inSight = true;
    this.build(root);
    this.onMessage = (message) => this.receive(message);
    model.on("msg:custom", this.onMessage);
    this.resizing = new ResizeObserver(() => { this.fit(); this.paintSoon(); });
    this.watching = new IntersectionObserver(([{ isIntersecting }]) => { this.inSight = isIntersecting; this.paintSoon(); });
    this.watching.observe(this.root);
    this.onShown = () => this.paintSoon();
    document.addEventListener("visibilitychange", this.onShown);
    if (page) {
      page.appear();
      model.send({ type: "show" });
    } else {
      this.begin(model.get("recording"));
      this.playhead.seek(0);
    }
  }

  // The present of what is recorded, in its seconds.
  get present() { return this.running ? clock() + this.offset : this.ended; }

  build(root) {
    const press = (button) => this.model.send({ type: "press", button });
    this.buttons = new Buttons((button) => { this.playhead.goLive(); press(button); });
    this.sliders = new Sliders((name, value) => this.model.send({ type: "set", name, value }));
    this.parameters = make("div", { class: "wl-parameters" });
    this.status = make("div", { class: "wl-status", role: "status", "aria-live": "polite" });
    this.names = make("div", { class: "wl-names", role: "list", "aria-label": "Lanes" });
    this.sheet = make("div", { class: "wl-sheet" });
    this.player = new Player(this.playhead, (time, side) => this.recorded?.beside(time, side) ?? 0,
      () => this.paintSoon(), (window) => { this.track.window = window; this.fit(); });
    this.root = make("section", { class: "wl-timeline", "aria-label": "Reconnection timeline" },
      make("header", {}, make("strong", {}, "Who comes back?"), this.parameters),
      ...(this.page ? [make("div", { class: "wl-board" }, this.buttons.root, this.sliders.root)] : []),
      this.status,
      make("div", { class: "wl-body" }, this.names, this.sheet),
      this.player.root,
      make("div", { class: "wl-legend" },
        ...LEGEND.map(([look, words]) => make("span", { "data-look": look }, words)),
        make("span", {}, "↑ sent ↓ echo ▣ kept"), make("span", { class: "wl-dashed" }, "dashed: computed")));
    root.append(this.root);
  }

  receive(message) {
    if (message.type === "all") this.begin(message.recording);
    else if (message.type !== "more" || !this.recorded) return;
    else this.recorded.add(message.entries);
    this.running = message.running;
    this.ended = message.now;
    this.offset = Math.max(this.offset, message.now - clock());
    this.notice = message.notice;
    this.buttons.show(message.refusals);
    this.sliders.show(message.wanted, message.ranges, this.recorded.parameters);
    this.paintSoon();
  }

  begin(recording) {
    const isAnother = recording.began !== this.recorded?.began;
    this.recorded = Object.assign(new Recorded(recording), { began: recording.began });
    this.ended = this.recorded.end;
    if (isAnother) {
      this.offset = -Infinity;
      this.playhead.goLive();
    }
    this.parameters.replaceChildren(...parameterList(recording.parameters));
    let top = 0;
    const rows = recording.lanes.map((lane) => {
      const height = ["server", "cable"].includes(lane.key) ? LOW : HIGH;
      top += height;
      return { lane, key: lane.key, height, top: top - height };
    });
    this.rows = rows.map(({ lane, height }) => ({ key: lane.key, name: new Name(lane, height) }));
    this.names.replaceChildren(...this.rows.map(({ name }) => name.root));
    const window = this.track?.window;
    this.track = new Track(rows, top);
    if (window) this.track.window = window;
    this.sheet.replaceChildren(this.track.root);
    this.resizing.disconnect();
    this.resizing.observe(this.sheet);
    this.fit();
  }

  fit() { if (this.track && this.sheet.clientWidth) this.track.resize(this.sheet.clientWidth); }

  // As often as there is something to move, in steps for whoever wants no motion, and not at all out of sight.
  paintSoon() {
    if (this.planned || !this.inSight || document.hidden || this.gone) return;
    const wait = this.still.matches ? STILL_MILLISECONDS : FRAME_MILLISECONDS;
    const since = performance.now() - (this.painted ?? -Infinity);
    this.planned = setTimeout(() => requestAnimationFrame(() => {
      this.planned = undefined;
      this.paint();
    }), Math.max(0, wait - since));
  }

  paint() {
    if (!this.recorded) return;
    const { recorded, playhead } = this;
    const passed = (performance.now() - (this.painted ?? performance.now())) / 1000;
    this.painted = performance.now();
    playhead.pass(this.moved ? passed : 0);
    const { time } = playhead;
    this.track.show(recorded, time);
    const broken = recorded.brokenAt(time);
    for (const { key, name } of this.rows) name.show(recorded.lane(key), time, broken);
    this.player.show(recorded.begin, Math.max(this.present, recorded.end));
    this.say((playhead.live && this.notice) || recorded.said(time));
    this.moved = playhead.live ? this.running : playhead.playing;
    if (this.moved) this.paintSoon();
  }

  // Not every word of a quick series: a screen reader would never come to its end.
  say(line) {
    this.line = line;
    this.saying ??= setTimeout(() => {
      this.saying = undefined;
      if (this.status.textContent !== this.line) this.status.textContent = this.line;
    }, SAYING_MILLISECONDS);
  }

  dispose() {
    this.gone = true;
    clearTimeout(this.planned);
    clearTimeout(this.saying);
    this.resizing.disconnect();
    this.watching.disconnect();
    document.removeEventListener("visibilitychange", this.onShown);
    this.model.off("msg:custom", this.onMessage);
    this.page?.vanish();
  }
}

export default () => {
  let page = null;
  return {
    initialize({ model }) { if (!model.get("recording")?.entries) page = new PageClients(model); },
    render({ model, el }) {
      const view = new TimelineView(model, page, el);
      return () => view.dispose();
    },
  };
};
