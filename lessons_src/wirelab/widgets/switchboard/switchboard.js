// The switchboard in the page. The board is the kernel's; this page adds its own WebSocket as one more client.

import { PageClients } from "../../clients/page_clients.js";
import { make } from "../../page/page.js";
import { SceneView, clientHeads, scenePlaces } from "../scene.js";

const MARK_WORDS = { IDLE: "idle", CONNECTING: "connecting", OPEN: "connected", SENT: "waiting for the echo", SILENT: "silent", DOWN: "failed", ABSENT: "absent" };
// Since when a client is as it is: "for" while it goes on, "ago" for what has happened; the others are timeless.
const SINCE = { CONNECTING: "for", SENT: "for", SILENT: "for", OPEN: "ago", DOWN: "ago" };
const TICK_MILLISECONDS = 500;
const FIRST_ROW = 72, ROW = 42, NAMES = 118;  // of the lines, where they do not begin at the cards

class View {
  constructor(model, page, el) {
    this.model = model;
    this.cards = new Map();
    this.switches = new Map();
    const order = (type) => () => model.send({ type });
    this.clients = make("div", { class: "wl-clients" });
    this.scene = new SceneView();
    this.lines = make("div", { class: "wl-lines" }, this.scene.root);
    this.status = make("div", { class: "wl-status", role: "status", "aria-live": "polite" });
    this.groups = make("div", { class: "wl-groups" });
    el.append(make("section", { class: "wl-board", "aria-label": "Switchboard" },
      this.picture = make("div", { class: "wl-picture" },
        make("header", {},
          make("strong", {}, "Switchboard"),
          make("span", { class: "wl-actions" },
            make("button", { class: "wl-main", onclick: order("try_all"), title: "Every client connects anew and sends a message" }, "Try all"),
            make("button", { onclick: order("send_all"), title: "Every connected client sends a message" }, "Send all"),
            make("button", { onclick: order("reset"), title: "All switches off, all clients gone" }, "Reset"))),
        this.lines, this.clients),
      this.status, this.groups));
    this.onMessage = (message) => { if (message.type === "state") this.show(message); };
    model.on("msg:custom", this.onMessage);
    this.page = page;
    page.appear();
    this.ticking = setInterval(() => this.tick(), TICK_MILLISECONDS);
    this.resizing = new ResizeObserver(() => this.draw());
    this.resizing.observe(this.picture);
  }

  tick() {
    const passed = (performance.now() - this.received) / 1000;
    for (const { since } of this.cards.values()) since(passed);
  }

  show({ said, scene, clients, groups }) {
    if (!this.cards.size) this.build(clients, groups);
    this.received = performance.now();
    for (const client of clients) this.cards.get(client.name).show(client);
    this.tick();
    for (const { name, on } of groups.flatMap(({ switches }) => switches)) {
      this.switches.get(name).setAttribute("aria-checked", on);
    }
    if (this.status.textContent !== said) this.status.textContent = said;
    this.shown = scene;
    this.draw();
  }

  // The lines begin at the cards, or, where the cards stand below, at names of their own.
  draw() {
    const { width, left, top } = this.lines.getBoundingClientRect();
    if (!this.shown || !width) return;
    const { lines, servers } = this.shown;
    const cards = [...this.clients.children].map((card) => card.getBoundingClientRect());
    const besides = cards[0].right <= left + 1;
    const rows = besides ? cards.map((card) => card.top + card.height / 2 - top) : lines.map((_, number) => FIRST_ROW + ROW * number);
    this.lines.style.height = besides ? "" : `${rows.at(-1) + 24}px`;
    if (besides) {
      this.scene.show(this.shown, scenePlaces(0, width - 34, servers.length, rows));
      return;
    }
    const at = scenePlaces(NAMES, width - 22, servers.length, rows);
    const named = { ...this.shown, servers: servers.map((server) => ({ ...server, about: "" })) };
    this.scene.show(named, at, clientHeads(named, at, 0));
  }

  build(clients, groups) {
    this.clients.replaceChildren(...clients.map((client) => this.card(client)));
    this.groups.replaceChildren(...groups.map(({ name, switches }) => make("div", { role: "group", "aria-label": name },
      make("h4", {}, name), ...switches.map((each) => this.switch(each)))));
  }

  card({ name, label }) {
    const mark = make("span", { class: "wl-mark" });
    const saw = make("span", { class: "wl-saw" });
    const time = make("span", { class: "wl-since wl-quiet" });
    let now = {};
    const transport = make("span", { class: "wl-transport" });
    const order = (type) => () => this.model.send({ type, name });
    const card = make("div", { class: "wl-client", role: "group", "aria-label": name },
      make("div", { class: "wl-who" }, mark, make("strong", {}, name), make("span", { class: "wl-quiet" }, label)),
      make("div", { class: "wl-told" }, saw, " ", time),
      make("div", { class: "wl-buttons" },
        make("button", { onclick: order("connect"), "aria-label": `Connect ${name}` }, "Connect"),
        make("button", { onclick: order("send"), "aria-label": `Send with ${name}` }, "Send")),
      transport);
    const show = (client) => {
      now = client;
      card.dataset.phase = now.phase;
      card.dataset.transport = now.transport.toLowerCase();
      mark.textContent = now.mark;
      mark.setAttribute("aria-label", MARK_WORDS[now.phase]);
      saw.textContent = now.saw;
      transport.textContent = now.transport;
    };
    const since = (passed) => {
      const seconds = Math.floor(now.seconds + passed);
      const words = { for: `· for ${seconds} s`, ago: `· ${seconds} s ago` };
      const text = (seconds > 0 && words[SINCE[now.phase]]) || "";
      if (time.textContent !== text) time.textContent = text;
    };
    this.cards.set(name, { show, since });
    return card;
  }

  switch({ name, does }) {
    const button = make("button", {
      class: "wl-switch", role: "switch", "aria-checked": "false",
      onclick: () => this.model.send({ type: "turn", name, on: button.getAttribute("aria-checked") !== "true" }),
    }, make("span", { class: "wl-knob", "aria-hidden": "true" }), make("code", {}, name), make("span", { class: "wl-quiet" }, does));
    this.switches.set(name, button);
    return button;
  }

  dispose() {
    clearInterval(this.ticking);
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
