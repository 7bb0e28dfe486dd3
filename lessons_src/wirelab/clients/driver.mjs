// Clients that do as they are told. An order is {id, do, with: [client, ...]}; the answer to it is {id, result} or
// {id, error}; what client number n observes on its connection number c is {client: n, connection: c, kind, name, …}.

import { OfficialClient } from "./official.mjs";
import { pack, unpack } from "./pack.mjs";
import { RawClient } from "./raw.mjs";

export class Driver {
  // `say(message)` brings a message to the kernel, `way(library, url, options)` gives the address and the options as
  // they are used here, `official()` the official library's `io`.
  constructor({ say, way, official }) {
    this.say = say;
    this.way = way;
    this.official = official;
    this.clients = new Map();
    this.connections = new Map();
  }

  async obey({ id, do: action, with: values }) {
    try {
      this.say({ id, result: pack(await this[action](...unpack(values))) });
    } catch (error) {
      this.say({ id, error: error.message });
    }
  }

  // An order to be answered, and nothing else.
  hello() {}

  async connect(number, connection, library, url, options, over) {
    this.close(number);
    this.connections.set(number, connection);
    const report = (seen) => this.say(pack({ client: number, connection, time: Date.now() / 1000, ...seen }));
    const first = this.clients.get(over);
    const way = await this.way(library, url, options);
    const client = library === "WebSocket" ? new RawClient(report) : new OfficialClient(report, await this.official());
    if (this.connections.get(number) !== connection) return; // closed or connected anew meanwhile
    this.clients.set(number, client);
    client.connect(way.url, way.options, first);
  }

  send(number, message) { this.client(number).send(message); }

  emit(number, ...event) { this.client(number).emit(...event); }

  call(number, milliseconds, ...event) { return this.client(number).call(milliseconds, ...event); }

  close(number) {
    this.clients.get(number)?.close();
    this.clients.delete(number);
    this.connections.delete(number);
  }

  closeAll() {
    for (const number of [...this.connections.keys()]) this.close(number);
  }

  client(number) {
    if (!this.clients.has(number)) throw new Error("This client has no connection: connect first.");
    return this.clients.get(number);
  }
}
