// The connection to the class: the official client, and how it stands in one object that the page shows.

// @ts-expect-error The class's server hands out the official client under this name.
import { io } from "/socket.io.js";

const TRANSPORTS = { websocket: "WebSocket", polling: "long-polling" };
const SILENT_AFTER = 1500;  // milliseconds after the ping that was due

export class Line {
  // `changed(state)` hears of each change, `note(words)` of what happened; the rest of what a server says is
  // listened to with `on`.
  constructor(settings, auth, changed, note) {
    this.changed = changed;
    this.note = note;
    this.state = { name: "trying", attempt: 0, until: 0, delay: 0, transport: "", why: "" };
    this.interval = settings.interval;
    this.heard = 0;
    this.lostAt = 0;
    this.socket = io(location.origin, {
      auth, forceNew: true, transports: ["websocket", "polling"], tryAllTransports: true, autoConnect: false,
      reconnectionDelay: settings.delay, reconnectionDelayMax: settings.longest, timeout: settings.timeout,
      reconnectionAttempts: settings.attempts,
    });
    this.watch(this.socket, settings);
  }

  watch(socket, settings) {
    const manager = socket.io;
    this.watchBackoff(manager.backoff);
    manager.on("reconnect_attempt", (attempt) => this.become("trying", { attempt }));
    manager.on("reconnect_failed", () => {
      const tries = `after ${settings.attempts} ${settings.attempts === 1 ? "try" : "tries"}`;
      this.note(`gave up ${tries}`);
      this.become("given up", { why: tries });
    });
    manager.on("open", () => {
      this.alive();
      manager.engine.on("upgrade", () => this.become(this.state.name, { transport: this.transport() }));
    });
    manager.on("ping", () => this.alive());
    socket.on("connect", () => this.connected());
    socket.on("disconnect", (reason) => this.lost(reason));
  }

  // The manager tells nobody how long it is going to wait; it asks its back-off.
  watchBackoff(backoff) {
    const { duration } = backoff;
    backoff.duration = () => {
      const delay = duration.call(backoff);
      this.become("waiting", { delay, until: performance.now() + delay, attempt: backoff.attempts });
      this.note(`waits ${(delay / 1000).toFixed(1)} s, then try ${backoff.attempts}`);
      return delay;
    };
  }

  connect() {
    this.become("trying", { attempt: 0 });
    this.socket.connect();
  }

  connected() {
    const after = this.lostAt ? ` after ${((performance.now() - this.lostAt) / 1000).toFixed(1)} s` : "";
    this.note(this.lostAt ? `is back${after}` : "is connected");
    this.lostAt = 0;
    this.become("connected", { attempt: 0, transport: this.transport() });
  }

  lost(reason) {
    this.lostAt = performance.now();
    this.note(`lost: ${reason}`);
    if (!this.socket.active) this.become("given up", { why: reason });
  }

  refused(why) { this.become("given up", { why }); }

  // Milliseconds of a silence that is longer than it should be; 0 while all is well.
  silence() {
    const silent = performance.now() - this.heard;
    return this.state.name === "connected" && silent > this.interval + SILENT_AFTER ? silent : 0;
  }

  alive() { this.heard = performance.now(); }

  transport() { return TRANSPORTS[this.socket.io.engine?.transport?.name] ?? ""; }

  become(name, more) {
    this.state = { ...this.state, name, ...more };
    this.changed(this.state);
  }
}
