// Which moment is shown: the present, or one of the recording, standing still or played at some speed.

export class Playhead {
  // `begin()` and `now()` give the first moment and the present in seconds; the present of a recording is its end.
  constructor(begin, now) {
    this.begin = begin;
    this.now = now;
    this.speed = 1;
    this.playing = true;
    this.place = null; // null: the present
  }

  get live() { return this.place === null; }

  get time() { return this.live ? this.now() : this.place; }

  // Let `seconds` of the watcher's time pass.
  pass(seconds) {
    if (this.live || !this.playing) return;
    this.place += seconds * this.speed;
    if (this.place >= this.now()) this.goLive();
  }

  goLive() { this.place = null; this.playing = true; }

  seek(time) { this.place = Math.max(this.begin(), Math.min(time, this.now())); }

  pause() { this.seek(this.time); this.playing = false; }

  play() { this.playing = true; }

  // Slower than it happened: what is shown falls behind, from where it is.
  setSpeed(speed) {
    this.speed = speed;
    if (speed < 1 && this.live) { this.seek(this.time); this.playing = true; }
  }
}
