"""The table of a rulebook: a mark, a rule, its section and what was observed, in HTML and in plain text."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from wirelab.boss.table import html_table


@dataclass(frozen=True)
class Finding:
    """What became of one rule."""

    sentence: str
    section: str
    lesson: int
    kept: bool
    observed: str

    @property
    def mark(self) -> str:
        """A symbol and a word."""
        return "✓ yes" if self.kept else "✗ no"


@dataclass(frozen=True)
class Rulebook:
    """The rules with what was observed at each; shows itself as a table."""

    name: str
    findings: tuple[Finding, ...]

    @property
    def headline(self) -> str:
        """How many rules are kept."""
        kept = sum(finding.kept for finding in self.findings)
        return f"The rules of Engine.IO and Socket.IO, {self.name}: {kept} of {len(self.findings)} kept"

    def __repr__(self) -> str:
        lines = [self.headline]
        for each in self.findings:
            rule = textwrap.fill(f"{each.sentence} ({each.section})", 100, subsequent_indent=" " * 6)
            lines += [f"{each.mark:<6}{rule}", textwrap.indent(textwrap.fill(each.observed, 100), " " * 6)]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = [(f.kept, f.mark, f.sentence, (f.section, f.observed)) for f in self.findings]
        return html_table(self.headline, ("", "A server …", "Where it stands", "What was observed"), rows)
