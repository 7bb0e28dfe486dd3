// The official Socket.IO client, in Node or in a page. It reports what it observes, under the library's own names.

function described({ message, description }) {
  return description > 0 ? `${message} (HTTP ${description})` : message;
}

// The manager tells nobody how long it is going to wait; it asks its back-off.
function watchBackoff({ backoff }, report) {
  const { duration } = backoff;
  backoff.duration = function observed() {
    const milliseconds = duration.call(this);
    report({ kind: "waiting", name: "reconnect", delay: milliseconds / 1000, attempt: this.attempts });
    return milliseconds;
  };
}

export class OfficialClient {
  constructor(report, io) {
    this.report = report;
    this.io = io;
    this.socket = null;
  }

  // `over` is another client, whose connection this one shares as a further namespace.
  connect(url, { endpoint, answers, ...options }, over) {
    this.report({ kind: "trying", name: over ? "socket" : "io", text: url });
    this.socket = over
      ? over.socket.io.socket(endpoint, { auth: over.socket.auth, ...options })
      : this.io(`${url}${endpoint}`, { forceNew: true, ...options });
    this.watch(this.socket, answers);
  }

  watch(socket, answers) {
    const { report } = this;
    const manager = socket.io;
    const transport = () => manager.engine?.transport?.name ?? "";
    let offered = [];
    const watchHandshake = () => manager.engine?.once("handshake", ({ upgrades }) => { offered = upgrades; });
    const upgrading = () => transport() === "polling" && manager.engine.opts.upgrade !== false
      && offered.includes("websocket") && (manager.opts.transports ?? offered).includes("websocket");
    watchHandshake();
    manager.on("open", () => {
      const { engine } = manager;
      const over = (kind, name, text = "") => {
        offered = []; // perhaps before "connect"
        report({ kind, name, text, transport: transport() });
      };
      engine.once("upgrade", () => over("upgraded", "upgrade"));
      engine.once("upgradeError", ({ message }) => over("not upgraded", "upgradeError", message));
    });
    watchBackoff(manager, report);
    manager.on("reconnect_attempt", (attempt) => {
      report({ kind: "trying", name: "reconnect_attempt", attempt });
      queueMicrotask(watchHandshake); // the manager makes its next engine right after this
    });
    manager.on("reconnect_failed", () => report({ kind: "given up", name: "reconnect_failed" }));
    socket.on("connect", () => report({
      kind: "connected", name: "connect", transport: transport(), recovered: socket.recovered, upgrading: upgrading(),
    }));
    socket.on("connect_error", (error) => report({ kind: "failed", name: "connect_error", text: described(error), retrying: socket.active && manager.reconnection() }));
    socket.on("disconnect", (reason) => report({ kind: "disconnected", name: "disconnect", text: reason, retrying: socket.active && manager.reconnection() }));
    socket.onAnyOutgoing((...data) => report({ kind: "sent", name: "emit", data: data.filter((each) => typeof each !== "function") }));
    socket.onAny((...data) => {
      const acknowledge = typeof data.at(-1) === "function" ? data.pop() : null;
      report({ kind: "received", name: data[0], data });
      if (acknowledge && Object.hasOwn(answers, data[0])) acknowledge(answers[data[0]]);
    });
  }

  send(message) { this.emit("message", message); }

  emit(...event) {
    if (!this.socket.connected) this.report({ kind: "kept", name: "emit", data: event });
    this.socket.emit(...event);
  }

  call(milliseconds, ...event) { return this.socket.timeout(milliseconds).emitWithAck(...event); }

  close() {
    const { socket } = this;
    socket?.disconnect();
    // The manager lets go with its last namespace; but it waits for an upgrade under way, behind some middleboxes for ever.
    if (socket?.io.skipReconnect) socket.io.engine?.transport?.close();
  }
}
