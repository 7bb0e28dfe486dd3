// A raw WebSocket as browsers and Node have it. It reports what it observes, under the names of the WebSocket API.

const STATES = ["CONNECTING", "OPEN", "CLOSING", "CLOSED"];

export class RawClient {
  constructor(report) {
    this.report = report;
    this.socket = null;
  }

  // As the WebSocket API names it.
  get state() { return this.socket ? STATES[this.socket.readyState] : "no socket"; }

  connect(url) {
    const { report } = this;
    let opened = false;
    const socket = new WebSocket(url);
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    report({ kind: "trying", name: "new WebSocket", text: url });
    socket.onopen = () => {
      opened = true;
      const text = socket.extensions && `extensions: ${socket.extensions}`;
      report({ kind: "connected", name: "onopen", text, transport: "WebSocket" });
    };
    socket.onmessage = ({ data }) => report({ kind: "received", name: "onmessage", data: [data] });
    socket.onerror = () => report({ kind: "note", name: "onerror", text: "the browser does not tell why" });
    socket.onclose = ({ code, reason, wasClean }) => report({
      kind: opened ? "disconnected" : "failed", name: "onclose",
      text: `code ${code}, reason "${reason}", wasClean ${wasClean}`, code, reason, clean: wasClean,
    });
    return socket;
  }

  send(message) {
    this.socket.send(message);
    this.report({ kind: "sent", name: "send", data: [message] });
    if (this.socket.readyState <= WebSocket.OPEN) return;
    const text = `The socket is ${this.state}: the browser threw that message away. No exception: only its console says so.`;
    this.report({ kind: "note", name: "note", text });
  }

  emit() { throw new Error("A raw WebSocket has messages, no events: use send."); }

  call() { this.emit(); }

  close() { this.socket?.close(); }
}
