// The server's part of the board: its rooms as areas that overlap, and what is said of each.

import { draw } from "../stage.js";
import { across } from "./places.js";

const LETTER = 7.4;

// What the aim says of a room: a sign and a word.
function role(room, { to, but }) {
  if (but.includes(room)) return "✗ left out";
  return to.includes(room) ? "→ meant" : "";
}

export class Areas {
  constructor() {
    this.root = draw("svg", { class: "wl-areas", "aria-hidden": "true" });
    this.flights = draw("g", {});
  }

  show(plan, aim, width) {
    const key = JSON.stringify([aim.to, aim.but, width]);
    if (this.key === key) return;
    this.key = key;
    this.root.setAttribute("viewBox", `0 0 ${width} ${plan.height}`);
    this.root.replaceChildren(
      draw("rect", { class: "wl-frame", x: 0.5, y: 0.5, width: width - 1, height: plan.height - 1, rx: 10 }),
      draw("text", { class: "wl-server", x: 14, y: 19 }, "server"),
      draw("text", { class: "wl-quietly", x: 14, y: 36 }, "the rooms are in its memory, and nowhere else"),
      ...plan.areas.flatMap((area) => this.area(area, aim, width, plan)),
      draw("text", { class: "wl-quietly", x: across(3, width, plan) + 14, y: plan.head + 24 }, "in no room"),
      this.hover = draw("rect", { class: "wl-hover", rx: 8, visibility: "hidden" }),
      this.flights);
  }

  area({ room, left, right, inset, top, bottom, name_right: nameRight }, aim, width, plan) {
    const from = across(left, width, plan) + inset, to = across(right, width, plan) - inset;
    const said = role(room, aim), text = said ? `${room} ${said}` : room;
    const wide = text.length * LETTER + 14, x = nameRight ? to - wide - 10 : from + 10;
    return [
      draw("rect", { class: "wl-area", "data-room": room, "data-role": said.slice(0, 1), x: from, y: top, width: to - from, height: bottom - top, rx: 14 }),
      draw("rect", { class: "wl-tag", "data-room": room, x, y: top + 5, width: wide, height: 18, rx: 9 }),
      draw("text", { class: "wl-roomname", x: x + wide / 2, y: top + 18, "text-anchor": "middle" }, text),
    ];
  }

  // The cell over which a chip is held.
  hold(cell, width, plan) {
    this.hover.setAttribute("visibility", cell ? "visible" : "hidden");
    if (!cell) return;
    const x = across(cell.column, width, plan) + 10;
    for (const [name, value] of Object.entries({ x, y: cell.top - 4, width: width / plan.columns - 20, height: cell.height + 8 })) this.hover.setAttribute(name, value);
  }
}
