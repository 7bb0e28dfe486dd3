// States in words, signs and colours' names: what is shown and what is read out are the same.

const SIGNS = {
  "connected": "●", "waiting to reconnect": "◔", "trying to connect": "→", "disconnected": "✗", "given up": "✗",
  "not connected": "○", "absent": "–", "up": "●", "frozen": "‖", "down": "✗", "plugged in": "●", "pulled": "✗",
};
const LOOKS = {
  "connected": "good", "waiting to reconnect": "wait", "trying to connect": "try", "disconnected": "bad", "given up": "bad",
  "up": "good", "frozen": "ice", "down": "bad", "plugged in": "good", "pulled": "bad",
};

export function signOf(state) { return SIGNS[state] ?? ""; }

export function lookOf(state) { return LOOKS[state] ?? "none"; }

export function seconds(value) { return `${value.toFixed(value < 10 ? 1 : 0)} s`; }

// The parts of a waiting that are over, from 0 to 1; null if it is not known how long it is.
export function partWaited(entry, time) {
  if (entry?.kind !== "waiting" || !entry.delay) return entry?.kind === "waiting" ? 1 : null;
  return Math.min(1, Math.max(0, (time - entry.time) / entry.delay));
}

// How a client stands, in a few words.
export function stateWords(entry, span, time, broken) {
  if (!entry) return "";
  const attempt = entry.attempt ? `, attempt ${entry.attempt}` : "";
  switch (entry.state) {
    case "waiting to reconnect": {
      const { delay } = span.entry;
      if (span.entry.kind !== "waiting" || delay === null) return "waits";
      return `waits ${seconds(Math.max(0, delay - (time - span.start)))}${attempt}`;
    }
    case "trying to connect": return `tries${attempt}`;
    case "connected": return broken ? "believes it is connected" : ["connected", entry.transport].filter(Boolean).join(", ");
    case "disconnected": return "gone for good";
    case "absent": return "not here";
    default: return entry.state;
  }
}
