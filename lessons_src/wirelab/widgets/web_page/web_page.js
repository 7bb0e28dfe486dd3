// A frame with a page of the learner's server, at the address by which this browser reaches it.

import { Line } from "../../clients/line.js";
import { make } from "../../page/page.js";

class View {
  constructor(model, line, root) {
    this.frame = make("iframe", { title: "A page of your own server", style: `height: ${model.get("height")}px` });
    this.address = make("code", { class: "wl-address" });
    this.tab = make("a", { target: "_blank", rel: "noopener", class: "wl-tab" }, "Open in a tab of its own");
    root.append(make("section", { class: "wl-page", "aria-label": "A page of your own server" },
      make("header", {},
        make("button", { onclick: () => this.load() }, "Reload"),
        this.address, this.tab),
      this.frame));
    line.way(model.get("url")).then((way) => {
      this.url = way.replace(/^ws/, "http");
      this.address.textContent = this.url;
      this.tab.href = this.url;
      this.load();
    });
  }

  load() { this.frame.src = this.url; }
}

export default () => {
  let line;
  return {
    initialize({ model }) { line = new Line(model); },
    render({ model, el }) {
      line.appear();
      new View(model, line, el);
      return () => line.vanish();
    },
  };
};
