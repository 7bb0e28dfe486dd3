// This page's clients, told by the kernel what to do: its WebSocket, and the official client where the widget brings it.

import { Driver } from "./driver.mjs";
import { Line } from "./line.js";

// The official library travels as text in a trait of the widget: a page without a network has no other way to it.
function imported(source) {
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  return import(url).finally(() => URL.revokeObjectURL(url));
}

export class PageClients {
  constructor(model) {
    let library = null;
    this.line = new Line(model, (order) => this.driver.obey(order));
    this.driver = new Driver({
      say: (message) => this.line.report(message),
      way: async (kind, url, options) => {
        if (kind === "WebSocket") return { url: await this.line.way(url), options };
        const { url: origin, path } = await this.line.officialWay(url);
        return { url: origin, options: { ...options, path } };
      },
      official: async () => {
        library ??= imported(model.get("official_client"));
        return (await library).io;
      },
    });
  }

  // The state of this page's WebSocket, "OPEN", if it has one.
  get readyState() {
    const raw = [...this.driver.clients.values()].find((client) => client.state !== undefined);
    return raw?.state ?? "";
  }

  appear() { this.line.appear(); }

  vanish() { if (this.line.vanish()) this.driver.closeAll(); }
}
