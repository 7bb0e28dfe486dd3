"""The course's one set of colours: a colour and a dash for each layer, safe for colour-blind eyes."""

from __future__ import annotations

from dataclasses import dataclass

from wirelab.decode import Layer


@dataclass(frozen=True, slots=True)
class Ink:
    """How a layer is drawn; `tag` is what tells it apart without colour."""

    tag: str
    light: str
    dark: str
    dash: str


INKS = {
    Layer.TCP: Ink("TCP", "#5b6675", "#aeb9c7", "2 4"),
    Layer.HTTP: Ink("HTTP", "#a65300", "#ffb65c", "8 4"),
    Layer.WEBSOCKET: Ink("WS", "#005fae", "#70b8ff", "none"),
    Layer.ENGINEIO: Ink("EIO", "#00735a", "#45d3a8", "12 3 3 3"),
    Layer.SOCKETIO: Ink("SIO", "#9b2377", "#f49ad6", "none"),
}
NAMES = {
    Layer.TCP: "TCP",
    Layer.HTTP: "HTTP",
    Layer.WEBSOCKET: "WebSocket",
    Layer.ENGINEIO: "Engine.IO",
    Layer.SOCKETIO: "Socket.IO",
}
STATES = {
    "good": "#009e73",
    "wait": "#e69f00",
    "try": "#56b4e9",
    "bad": "#d55e00",
    "ice": "#cc79a7",
}
"""Fills for how somebody stands, by Okabe and Ito; dark letters can be read on each, in both themes."""
ROOMS = {
    "gold": Ink("gold", "#8a6100", "#f2c14e", "none"),
    "silver": Ink("silver", "#4a6076", "#b9c9db", "9 4"),
    "copper": Ink("copper", "#a4401a", "#f2956d", "2 4"),
}
"""The rooms of lesson 14."""
TROUBLE_LIGHT, TROUBLE_DARK = "#b3261e", "#ff8a80"
COLD_LIGHT, COLD_DARK = "#3f78c4", "#8fb8f0"
"""What stands still."""


def css_variables(root: str) -> str:
    """The palette as CSS custom properties on the selector `root`, for both themes of JupyterLab."""

    inks = [*INKS.values(), *ROOMS.values()]

    def block(selector: str, dark: bool) -> str:
        lines = [f"  --wl-{ink.tag.lower()}: {ink.dark if dark else ink.light};" for ink in inks] + [
            f"  --wl-trouble: {TROUBLE_DARK if dark else TROUBLE_LIGHT};",
            f"  --wl-cold: {COLD_DARK if dark else COLD_LIGHT};",
        ]
        return f"{selector} {{\n" + "\n".join(lines) + "\n}\n"

    fills = "".join(f"  --wl-{state}: {colour};\n" for state, colour in STATES.items())
    dark = block(f'[data-jp-theme-light="false"] {root}', dark=True)
    return f"{root} {{\n{fills}}}\n{block(root, dark=False)}{dark}"
