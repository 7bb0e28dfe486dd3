"""Static pictures that a saved notebook keeps: an SVG inside an <img>, with its text alternative."""

from __future__ import annotations

import base64
import html
from dataclasses import dataclass

# An <img> does not know the theme of the page around it, so the page turns the picture's lightness over.
# Where styles are taken out (a notebook that is not trusted), the light picture stays.
_DARK = (
    "<style>[data-jp-theme-light=false] img.wl-static, .vscode-dark img.wl-static "
    "{ filter: invert(0.92) hue-rotate(180deg); }</style>"
)


@dataclass(frozen=True, slots=True)
class Picture:
    """An SVG and the same in words; shows itself in JupyterLab, on GitHub and in a terminal."""

    svg: str
    text: str

    def to_html(self) -> str:
        """An <img> element: unlike a bare SVG it is shown in notebooks that are not trusted, too."""
        data = base64.b64encode(self.svg.encode()).decode()
        alt = html.escape(self.text, quote=True).replace("\n", "&#10;")
        source = f"data:image/svg+xml;base64,{data}"
        return f'<img class="wl-static" alt="{alt}" style="max-width:100%" src="{source}">{_DARK}'

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/html": self.to_html(), "text/plain": self.text}
