// This page's line to the kernel, and its ways to the kernel's servers. What is said here is in clients/page.py.

import { jupyterBase, mayBeLocal, newId, proxied, reaches } from "../page/page.js";

const REPORT_MILLISECONDS = 33;

export class Line {
  /**
   * @param {any} model
   * @param {(message: any) => any} order takes what the kernel wants done
   */
  constructor(model, order = () => {}) {
    this.model = model;
    this.order = order;
    this.page = newId();
    this.views = 0;
    this.reports = [];
    this.timer = null;
    this.base = jupyterBase();
    /** @type {Promise<any>} */
    this.welcome = new Promise((welcomed) => { this.welcomed = welcomed; });
    this.direct = this.findOut();
    model.on("msg:custom", (message) => this.receive(message));
    window.addEventListener("pagehide", () => { if (this.views) this.leave(); });
    window.addEventListener("pageshow", ({ persisted }) => { if (persisted && this.views) this.announce(); });
  }

  // Whether the kernel's machine is this one, so that a page may go straight to its servers.
  async findOut() {
    if (this.base === null) return true;
    if (!mayBeLocal(this.base)) return false;
    const { probe } = await this.welcome;
    return !probe || reaches(probe);
  }

  // The address of a server of the kernel's, "ws://127.0.0.1:8765/chat", as this page reaches it.
  async way(url) { return (await this.direct) ? url : proxied(url, this.base); }

  // The same for the official client, which wants an origin and a path.
  async officialWay(url) {
    if (await this.direct) return { url, path: "/socket.io/" };
    const { pathname } = new URL(proxied(`${url}/socket.io/`, this.base));
    return { url: location.origin, path: pathname };
  }

  receive(message) {
    if (message.page !== this.page) return;
    if (message.type === "welcome") this.welcomed(message);
    if (message.type === "order") this.order(message);
  }

  // A kernel that has gone must not stop the page's side.
  tell(message) {
    try {
      this.model.send({ ...message, page: this.page });
    } catch (error) {
      console.warn("The kernel does not listen:", error);
    }
  }

  // At once if it is quiet, else with others: a page in the background has slow timers.
  report(report) {
    this.reports.push(report);
    if (this.timer !== null) return;
    this.flush();
    this.timer = setTimeout(() => {
      this.timer = null;
      this.flush();
    }, REPORT_MILLISECONDS);
  }

  flush() {
    if (this.reports.length) this.tell({ type: "reports", reports: this.reports.splice(0) });
  }

  announce() {
    this.tell({ type: "ready", probe: this.base !== null && mayBeLocal(this.base) });
    this.direct.then((direct) => this.tell({ type: "here", direct, origin: location.origin }));
  }

  leave() {
    this.flush();
    this.tell({ type: "gone" });
  }

  // Call these as views of the widget come and go; true: that was the last.
  appear() {
    this.views++;
    this.announce();
  }

  vanish() {
    this.views--;
    if (!this.views) this.leave();
    return !this.views;
  }
}
