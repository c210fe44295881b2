"""Which letters a page shows in which face: read from the finished HTML, so that no letter is missing."""

from __future__ import annotations

from collections.abc import Sequence
from html.parser import HTMLParser
from typing import Final

from homepage_generator.render.theme import Face

_SILENT: Final = frozenset({"script", "style", "title", "svg"})
_VOID: Final = frozenset({"meta", "link", "img", "br", "hr", "input", "source"})
_SPOKEN: Final = ("placeholder", "value")


class Letters(HTMLParser):
    """Collects the letters of each face while documents are fed to it."""

    def __init__(self, faces: Sequence[Face]) -> None:
        super().__init__(convert_charrefs=True)
        self.letters: list[set[str]] = [set("0123456789") for _ in faces]
        self._only = [frozenset(face.only) for face in faces]
        self._open: list[tuple[str, frozenset[str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        for name in _SPOKEN:
            self._take(said.get(name) or "")
        if tag in _VOID:
            return
        names = {tag, *(f".{name}" for name in (said.get("class") or "").split())}
        self._open.append((tag, frozenset(names)))

    def handle_endtag(self, tag: str) -> None:
        for at in range(len(self._open) - 1, -1, -1):
            if self._open[at][0] == tag:
                del self._open[at:]
                return

    def handle_data(self, data: str) -> None:
        if not any(tag in _SILENT for tag, _ in self._open):
            self._take(data)

    def _take(self, data: str) -> None:
        around = frozenset[str]().union(*(names for _, names in self._open)) if self._open else frozenset()
        for only, letters in zip(self._only, self.letters, strict=True):
            if not only or only & around:
                letters.update(data)
