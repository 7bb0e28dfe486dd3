// What has happened, once more: in slow motion, step by step, or wherever the slider is drawn. Needs no kernel.

const ARROW_MILLISECONDS = 1100, MARK_MILLISECONDS = 700, SILENCE_MILLISECONDS = 900, LONGEST_MILLISECONDS = 60_000;
const STEP_MILLISECONDS = 900;

export class Replay {
  // `onChange` is called for each new picture, `onEnd` when the last row has been shown.
  constructor(ladder, onChange, onEnd) {
    Object.assign(this, { ladder, onChange, onEnd, position: null, playing: false });
  }

  get isOn() { return this.position !== null; }

  // How many rows are whole, and how far the next one has come.
  get shown() { return this.isOn ? Math.floor(this.position) : this.ladder.rows.length; }

  get gone() { return this.isOn ? this.position - Math.floor(this.position) : 1; }

  from(position) {
    this.position = Math.max(0, Math.min(position, this.ladder.rows.length));
    this.onChange();
  }

  start() {
    this.position = 0;
    this.play();
  }

  play() {
    this.playing = true;
    this.last = undefined;
    this.next();
    this.onChange();
  }

  pause() {
    this.playing = false;
    cancelAnimationFrame(this.frame);
    clearTimeout(this.timer);
    this.onChange();
  }

  step() {
    this.pause();
    this.from(Math.floor(this.position) + 1);
  }

  stop() {
    this.pause();
    this.position = null;
    this.onChange();
    this.onEnd();
  }

  next() {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (calm) this.timer = setTimeout(() => this.advance(1), STEP_MILLISECONDS);
    else this.frame = requestAnimationFrame((time) => {
      const passed = this.last === undefined ? 0 : time - this.last;
      this.last = time;
      this.advance(passed / this.milliseconds(this.ladder.rows[this.shown]));
    });
  }

  milliseconds(row) {
    const usual = (row?.words ? MARK_MILLISECONDS : ARROW_MILLISECONDS) + (row?.fold ? SILENCE_MILLISECONDS : 0);
    return Math.min(usual, LONGEST_MILLISECONDS / Math.max(1, this.ladder.rows.length));
  }

  advance(rows) {
    if (!this.playing) return;
    const whole = Math.floor(this.position);
    this.position = Math.min(rows < 1 ? this.position + rows : whole + rows, this.ladder.rows.length);
    if (this.position >= this.ladder.rows.length) { this.stop(); return; }
    this.onChange();
    this.next();
  }
}

// Stands in for the kernel: answers from a recording (see message.py) what the view asks.
export class Recording {
  constructor(recorded) {
    this.recorded = recorded;
    this.layer = recorded.layer;
    this.listeners = new Set();
  }

  on(_, listener) { this.listeners.add(listener); }

  off(_, listener) { this.listeners.delete(listener); }

  send(message) {
    if (message.type === "layer") this.layer = message.layer;
    const picture = this.recorded.layers[this.layer];
    if (message.type === "ready" || message.type === "layer") this.answer({ ...picture, view: message.view });
    if (message.type === "select" && picture.details[message.number]) {
      const details = picture.details[message.number];
      const bytes = Uint8Array.from(atob(details.bytes), (letter) => letter.charCodeAt(0));
      this.answer({ ...details, view: message.view }, [bytes]);
    }
  }

  answer(message, buffers) { queueMicrotask(() => this.listeners.forEach((listener) => listener(message, buffers))); }
}
