// The crowd as dots, drawn on one canvas: a dot is lit as its client hears the message, and fades.

import { make } from "../../page/page.js";
import { across } from "./places.js";

const FADE_MILLISECONDS = 900, SHADES = 6;
const FRAME_MILLISECONDS = 28;  // of two frames the page draws, one is enough for what fades
const DOT = 5, LIT = 8, PITCH = 10;  // pixels; what has heard is larger, not only of another colour
const FADES = !matchMedia("(prefers-reduced-motion: reduce)").matches;

export class Crowd {
  constructor() {
    this.root = make("canvas", { class: "wl-crowd", role: "img" });
    this.dots = [];
    this.litAt = new Float64Array(0);
    this.text = "";
    this.heard = 0;
    this.frame = 0;
    this.readAt = this.drawnAt = 0;
  }

  // Where each of them is: client number n is in the rooms whose bits n has.
  show({ count, text }, plan, rooms, width) {
    const key = [count, width].join();
    this.rooms = rooms;
    if (text !== this.text) this.begin(text);
    if (this.key === key) return;
    this.key = key;
    if (this.litAt.length !== count) this.litAt = new Float64Array(count);
    const scale = devicePixelRatio || 1, height = plan.height;
    Object.assign(this.root, { width: Math.round(width * scale), height: Math.round(height * scale) });
    Object.assign(this.root.style, { width: `${width}px`, height: `${height}px` });
    this.context = this.root.getContext("2d");
    this.context.scale(scale, scale);
    const taken = new Map();
    this.dots = Array.from({ length: count }, (_, number) => this.dot(number, plan, width, taken));
    this.ask();
  }

  // From the foot of its cell upwards.
  dot(number, plan, width, taken) {
    const mine = this.rooms.filter((_, bit) => (number >> bit) & 1);
    const cell = plan.cells.find(({ rooms }) => rooms.length === mine.length && mine.every((room) => rooms.includes(room)));
    const place = taken.get(cell) ?? 0;
    taken.set(cell, place + 1);
    const column = width / plan.columns, left = across(cell.column, width, plan) + 14;
    const inARow = Math.max(1, Math.floor((column - 28) / PITCH));
    return { x: left + (place % inARow) * PITCH + PITCH / 2, y: cell.top + cell.height - 4 - Math.floor(place / inARow) * PITCH };
  }

  // A new message: nobody has heard it yet.
  begin(text) {
    this.text = text;
    this.heard = 0;
    if (!FADES) this.litAt.fill(0);
    this.ask();
  }

  // `bits`: a bit for each client, in base64.
  hear({ text, bits }) {
    if (text !== this.text) this.begin(text);
    const bytes = atob(bits), now = performance.now();
    for (let place = 0; place < bytes.length; place++) {
      for (let byte = bytes.charCodeAt(place), bit = 0; byte; byte >>= 1, bit++) {
        if (byte & 1) this.lit(place * 8 + bit, now);
      }
    }
    this.ask();
  }

  lit(number, now) {
    this.litAt[number] = now;
    this.heard += 1;
  }

  ask() {
    this.frame ||= requestAnimationFrame((now) => {
      this.frame = 0;
      this.draw(now);
    });
  }

  // Asked for once a second: to read a style costs more than to draw.
  inks(now) {
    if (!this.read || now - this.readAt > 1000) {
      const style = getComputedStyle(this.root);
      this.read = { dark: style.getPropertyValue("--wl-edge"), bright: style.getPropertyValue("--wl-good") };
      this.readAt = now;
    }
    return this.read;
  }

  // One path for each shade, whatever the number of dots.
  draw(now) {
    const { context, dots, litAt } = this;
    if (!context) return;
    if (now - this.drawnAt < FRAME_MILLISECONDS) return this.ask();
    this.drawnAt = now;
    const { dark, bright } = this.inks(now);
    const paths = Array.from({ length: SHADES + 1 }, () => new Path2D());
    let glows = false;
    for (let number = 0; number < dots.length; number++) {
      const age = litAt[number] ? (FADES ? (now - litAt[number]) / FADE_MILLISECONDS : 0) : 1;
      const shade = age >= 1 ? 0 : Math.max(1, Math.ceil((1 - age) * SHADES));
      const size = shade ? DOT + ((LIT - DOT) * shade) / SHADES : DOT;
      paths[Math.min(shade, SHADES)].rect(dots[number].x - size / 2, dots[number].y - size / 2, size, size);
      glows ||= shade > 0;
    }
    context.clearRect(0, 0, this.root.width, this.root.height);
    paths.forEach((path, shade) => {
      context.globalAlpha = shade ? 0.4 + (0.6 * shade) / SHADES : 0.55;
      context.fillStyle = shade ? bright : dark;
      context.fill(path);
    });
    if (glows && FADES) this.ask();
  }

  dispose() { cancelAnimationFrame(this.frame); }
}
