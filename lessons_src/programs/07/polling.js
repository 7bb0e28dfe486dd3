class PollingSocket {
  leaving = new AbortController();
  headers = {};
  constructor(url) {
    this.url = url;
    this.open();
  }
  async open() {
    const answer = await fetch(this.url + "open", { method: "POST" });
    this.headers = { "X-Session": await answer.text() };
    this.onopen?.();
    try {
      for (;;) {
        const news = await fetch(this.url, { headers: this.headers, signal: this.leaving.signal });
        this.onmessage?.({ data: await news.text() });
      }
    } catch {
      this.onclose?.();
    }
  }
  send(data) {
    fetch(this.url, { method: "POST", headers: this.headers, body: data });
  }
  close() {
    this.leaving.abort();
  }
}
const open = () => "WebSocket" in globalThis ? new WebSocket(url) : new PollingSocket(oldUrl);
