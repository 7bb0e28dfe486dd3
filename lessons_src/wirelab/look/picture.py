"""Static pictures that a saved notebook keeps: an SVG inside an <img>, with its text alternative."""

from __future__ import annotations

import base64
import hashlib
import html
from dataclasses import dataclass

STATIC = '<img class="wl-static"'
"""So the HTML of a picture begins."""
_PAGE_IS_DARK = "[data-jp-theme-light=false]", ".vscode-dark"


def turned_in_the_dark(image: str) -> str:
    """A style for the image of that CSS selector: its lightness is turned over where the page is dark.

    An <img> does not know the theme of the page around it. Where styles are taken out (a notebook that is not
    trusted), the light picture stays.
    """
    selectors = ", ".join(f"{page} {image}" for page in _PAGE_IS_DARK)
    return f"<style>{selectors} {{ filter: invert(0.92) hue-rotate(180deg); }}</style>"


def name_of(page: str) -> str:
    """What tells one picture from another: a digest of its HTML."""
    return hashlib.sha256(page.encode()).hexdigest()[:16]


_DARK = turned_in_the_dark("img.wl-static")


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
        return f'{STATIC} alt="{alt}" style="max-width:100%" src="{source}">{_DARK}'

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/html": self.to_html(), "text/plain": self.text}
