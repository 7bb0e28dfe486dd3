// The rooms board in the page. Clients, rooms and rounds are the kernel's; two of the clients are this page.

import { PageClients } from "../../clients/page_clients.js";
import { make, newId, offeredButton } from "../../page/page.js";
import { Areas } from "./areas.js";
import { Chips } from "./chips.js";
import { Controls } from "./controls.js";
import { Crowd } from "./crowd.js";
import { Details } from "./details.js";
import { across } from "./places.js";
import { Replay } from "./replay.js";

class View {
  constructor(model, page, root) {
    this.model = model;
    this.width = this.frame = 0;
    this.page = page;
    this.id = newId();
    this.sent = 0;
    const order = (message) => model.send({ ...message, view: this.id, number: ++this.sent });
    this.areas = new Areas();
    this.details = new Details(order);
    this.controls = new Controls(order);
    this.chips = new Chips({
      order,
      choose: (name) => this.details.choose(name),
      hold: (cell) => this.areas.hold(cell, this.width, this.state.plan),
    });
    this.outside = make("div", { class: "wl-outside", "aria-hidden": "true" }, "not connected");
    this.crowd = new Crowd();
    this.stage = make("div", { class: "wl-stage" }, this.areas.root, this.crowd.root, this.outside, this.chips.root);
    this.status = make("div", { class: "wl-status", role: "status", "aria-live": "polite" });
    this.replay = new Replay({
      stage: this.stage, layer: this.areas.flights,
      say: (words) => this.say(words),
      spot: (name) => this.spot(name),
      head: () => ({ x: this.width / 2 + 60, y: this.state.plan.head / 2 }),
    });
    this.play = offeredButton("Play", "The last message in slow motion", () => { this.replay.play(); this.offer(); });
    this.step = offeredButton("Step", "The last message, one step at a time", () => this.replay.step());
    this.flow = make("button", { class: "wl-flow", onclick: () => order({ type: "flow" }), title: "One message after the other, ten a second" }, "Keep sending");
    const reset = make("button", { onclick: () => order({ type: "reset" }), title: "A new server, new connections, everyone where they were" }, "Reset");
    root.append(make("section", { class: "wl-rooms", "aria-label": "Rooms board" },
      make("header", {}, make("strong", {}, "Who hears it?"), make("span", { class: "wl-quiet" }, "Move a chip: drag it, or press G, S, C on it. Enter marks it, P pulls its cable."),
        make("span", { class: "wl-actions" }, this.play.button, this.step.button, this.flow, reset)),
      this.status,
      make("div", { class: "wl-body" }, this.stage, make("div", { class: "wl-side" }, this.controls.root, this.details.root))));
    this.onMessage = (message) => {
      if (message.type === "state") this.take(message);
      else if (message.type === "crowd") this.crowd.hear(message);
    };
    model.on("msg:custom", this.onMessage);
    this.resizing = new ResizeObserver(([{ contentRect }]) => {
      this.width = contentRect.width;
      this.ask();
    });
    this.resizing.observe(this.stage);
    page.appear();
  }

  take(state) {
    this.state = state;
    this.ask();
  }

  // What is shown is shown once a frame, however often the kernel says something.
  ask() {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      if (this.state) this.show(this.state);
    });
  }

  show(state) {
    this.controls.show(state, (state.obeyed[this.id] ?? 0) >= this.sent);
    this.details.show(state);
    this.draw();
    this.replay.show(state.round, state.flowing);
    this.offer();
    this.say(this.words ?? null);
  }

  draw() {
    const { width } = this;
    if (!width) return;
    const { plan, aim, members } = this.state;
    this.stage.style.height = `${plan.height + plan.strip}px`;
    this.areas.show(plan, aim, width);
    this.areas.root.style.height = `${plan.height}px`;
    const places = JSON.stringify([width, members.map(({ spot }) => spot)]);
    if (this.places !== places) this.replay.forget();
    this.places = places;
    this.chips.show(members, plan, width);
    this.showCrowd();
    const isEmpty = members.every(({ known }) => known);
    this.outside.textContent = isEmpty ? "not connected: nobody" : "not connected";
    this.outside.toggleAttribute("data-empty", isEmpty);
    this.stage.toggleAttribute("data-predicting", this.state.predicting);
  }

  showCrowd() {
    const { crowd, plan, rooms, flowing } = this.state;
    this.crowd.root.hidden = this.flow.hidden = !crowd.count;
    if (!crowd.count) return;
    this.crowd.show(crowd, plan, rooms, this.width);
    this.crowd.root.setAttribute("aria-label", `A crowd of ${crowd.count.toLocaleString("en")} more clients, an eighth in each combination of rooms`);
    this.flow.setAttribute("aria-pressed", String(flowing));
    this.flow.textContent = flowing ? "Stop the flow" : "Keep sending";
  }

  offer() {
    const { round } = this.state;
    const why = round?.over ? "" : "Nothing has been sent yet that could be shown again.";
    this.play.offer(why);
    this.step.offer(why);
    this.play.button.textContent = this.replay.playing ? "Stop" : "Play";
  }

  // A line about a step of the replay, or (null) the kernel's word.
  say(words) {
    this.words = words;
    const said = words ?? this.state?.said ?? "";
    if (this.status.textContent !== said) this.status.textContent = said;
    if (!words && this.state) this.play.button.textContent = this.replay.playing ? "Stop" : "Play";
  }

  spot(name) {
    const { spot, stuck } = this.state.members.find((member) => member.name === name);
    const { plan } = this.state;
    return { x: across(spot.left, this.width, plan) + 14, y: spot.top + plan.chip / 2, stuck };
  }

  dispose() {
    cancelAnimationFrame(this.frame);
    this.replay.end();
    this.crowd.dispose();
    this.resizing.disconnect();
    this.model.off("msg:custom", this.onMessage);
    this.page.vanish();
  }
}

export default () => {
  let page;
  return {
    initialize({ model }) { page = new PageClients(model); },
    render({ model, el }) {
      const view = new View(model, page, el);
      return () => view.dispose();
    },
  };
};
