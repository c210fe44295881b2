"""A page that grows line by line, its charts beside it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from bench.report.style import Draw, save_chart

SHOWN_WIDTH = 720
"""Pixels that a chart takes on a wide screen; a narrow one makes it as wide as itself."""


class Page:
    """``README.md`` of a folder. ``inputs`` is where the measurements lie that its pictures come from."""

    note: str = ""
    """Stands on every chart that is drawn next: what its figures are worth."""

    def __init__(self, folder: Path, inputs: Path) -> None:
        self.folder = folder
        self._inputs = inputs
        self._blocks: list[str] = []
        self._written = {"README.md"}

    def say(self, *lines: str) -> None:
        """A paragraph."""
        self._blocks.append("\n".join(lines))

    def table(self, heads: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: bool = True) -> None:
        """The first column to the left; the others to the right where they are ``numbers``."""
        marks = ["---"] + ["--:" if numbers else "---"] * (len(heads) - 1)
        self.say(*("| " + " | ".join(_cell(one) for one in row) + " |" for row in (heads, marks, *rows)))

    def chart(self, name: str, words: str, height: float, draw: Draw) -> None:
        """``words`` say what is to be seen to those who can't see it."""
        save_chart(draw, height, self.folder, name, self.note)
        self._written |= {f"{name}.svg", f"{name}-dark.svg"}
        self.say(
            "<picture>",
            f'  <source media="(prefers-color-scheme: dark)" srcset="{name}-dark.svg">',
            f'  <img src="{name}.svg" width="{SHOWN_WIDTH}" alt="{words}">',
            "</picture>",
        )

    def picture(self, file: str, words: str, height: int) -> str:
        """A picture among the measurements, as HTML for a table's cell."""
        source = Path(os.path.relpath(self._inputs / file, self.folder)).as_posix()
        return f'<img src="{source}" height="{height}" alt="{words}">'

    def write(self) -> Path:
        """The page; charts of an earlier report that are no longer on it go."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for old in self.folder.glob("*.svg"):
            if old.name not in self._written:
                old.unlink()
        file = self.folder / "README.md"
        file.write_text("\n\n".join(self._blocks) + "\n", "utf-8")
        return file


def _cell(text: str) -> str:
    return text.replace("|", "/").replace("\n", " ")
