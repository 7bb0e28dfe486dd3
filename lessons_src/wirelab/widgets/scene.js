// Who is connected to whom at this moment: each client's line through the middlebox to its server (as in scene.py).

import { SERVER, broken, columns, draw, head, lifeline, shorten, sign } from "./stage.js";

const HEAD = 40, FOOT = 46, REACH = 16, STUB = 18, GAP = 12, LETTER = 6.9, NOTE_LETTER = 6.4;

// The places between the clients' edge and the right edge, for lines that lie in `rows`.
export function scenePlaces(start, right, servers, rows) {
  const { spots, middle, gap, step } = columns(start - 34, right - 30, 1, servers);
  const room = servers === 1 ? Math.min(160, gap) : step - 6;
  const wide = Math.min(190, 2 * gap - room - 12);
  return { start, middle, rows, room, wide, servers: Array.from({ length: servers }, (_, number) => spots.get(SERVER - number)) };
}

export class SceneView {
  constructor() { this.root = draw("svg", { class: "wl-scene", role: "img" }); }

  // Draws it with its words for a screen reader; `more` are further pieces.
  show(scene, at, more = []) {
    const lines = scene.lines.map((line, number) => [line, at.rows[number]]);
    this.root.setAttribute("aria-label", scene.words);
    this.root.replaceChildren(
      ...lifeline(at.middle, FOOT, at.rows.at(-1) + REACH, "running"),
      ...scene.servers.flatMap(({ process }, number) => {
        const last = Math.max(...lines.filter(([line]) => line.server === number).map(([, y]) => y));
        return lifeline(at.servers[number], FOOT, last + REACH, process);
      }),
      ...lines.map(([line, y]) => this.line(line, scene.servers[line.server], at, y)),
      ...head(at.middle, scene.rules, at.wide, LETTER, HEAD),
      ...scene.servers.flatMap(({ name, about }, number) => head(at.servers[number], about ? [name, about] : [name], at.room, LETTER, HEAD)),
      ...more);
  }

  line(line, server, at, y) {
    const right = at.servers[line.server], gap = line.stopped ? GAP : 0;
    const group = draw("g", { class: "wl-connection", "data-client": line.client, "data-tag": line.tag, "data-stopped": line.stopped });
    group.append(draw("title", {}, line.words), ...this.half(line.near, at.start, at.middle - gap, y), ...this.half(line.far, right, at.middle + gap, y));
    if (line.stopped) group.append(...sign(line.stopped, at.middle, y), ...this.note(line, at, y));
    else if (line.near === "open" && line.far === "open") group.append(draw("circle", { class: "wl-dot", cx: at.middle, cy: y, r: 4 }));
    if (server.process === "frozen" && line.far === "open") group.append(...sign("‖", right, y));
    return group;
  }

  // From an end's edge to the middlebox, as far as there is a line.
  half(half, end, middle, y) {
    if (half === "nothing") return [];
    const side = middle > end ? 1 : -1;
    const stroke = draw("line", { class: "wl-half", "data-half": half, x1: end, y1: y, x2: half === "over" ? end + side * STUB : middle, y2: y });
    return half === "over" ? [stroke, draw("circle", { class: "wl-ring", cx: end + side * (STUB + 5), cy: y, r: 5 })] : [stroke];
  }

  note(line, at, y) {
    const most = Math.floor((at.servers[line.server] - at.middle - 40) / NOTE_LETTER);
    const lines = broken(line.note, most);
    const feet = (["nothing", "over"].includes(line.far) ? [[4.5], [-3, 12]] : [[-8], [-8, 17]])[lines.length - 1];
    return lines.map((text, place) => draw("text", { class: "wl-note", x: at.middle + 15, y: y + feet[place] }, shorten(text, most)));
  }
}

// A box with each client's name where its line begins.
export function clientHeads(scene, at, left) {
  const wide = at.start - left;
  return scene.lines.flatMap(({ client }, number) => [
    draw("rect", { class: "wl-head", x: left, y: at.rows[number] - 13, width: wide, height: 26, rx: 6 }),
    draw("text", { class: "wl-headname", x: left + wide / 2, y: at.rows[number] + 4.5, "text-anchor": "middle" }, shorten(client, Math.floor((wide - 6) / LETTER))),
  ]);
}
