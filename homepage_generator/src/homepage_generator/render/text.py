"""Which letters a page shows in which face: read from the finished HTML, so that no letter is missing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from typing import Final

from homepage_generator.render.theme import Face

_SILENT: Final = frozenset({"script", "style", "title", "svg"})
_VOID: Final = frozenset({"meta", "link", "img", "br", "hr", "input", "source"})
_SPOKEN: Final = ("placeholder", "value")


_RULE: Final = re.compile(r"([^{}]+)\{([^{}]*)\}")
_CONTENT: Final = re.compile(r'content:"([^"]*)"')
_OUTSIDE: Final = re.compile(r",(?![^(]*\))")
_EITHER: Final = re.compile(r":(?:is|where)\(([^()]*)\)")
_CONDITION: Final = re.compile(r"::?(?!is\b|where\b)[\w-]+(\((?:[^()]|\([^()]*\))*\))?|\[[^\]]*\]|#[\w-]+|@media[^{]*")
_NAMES: Final = re.compile(r"\.[\w-]+|\b[a-z]+\d?\b")


def set_in(css: str, where: Sequence[str]) -> Iterator[frozenset[str]]:
    """What rules with one of these words in them are about: tags and ``.classes`` that are all around a text."""
    for selectors, declared in _RULE.findall(css):
        if any(word in declared for word in where):
            for selector in _OUTSIDE.split(selectors):
                yield from map(_names, _apart(_CONDITION.sub("", selector)))


def _apart(selector: str) -> list[str]:
    """A selector for each thing that ``:is()`` names."""
    either = _EITHER.search(selector)
    if not either:
        return [selector]
    return [one for name in either[1].split(",") for one in _apart(selector.replace(either[0], name.strip(), 1))]


def _names(selector: str) -> frozenset[str]:
    return frozenset(_NAMES.findall(selector)) - {"html"}


class Letters(HTMLParser):
    """Collects the letters of each face while documents are fed to it."""

    def __init__(self, faces: Sequence[Face], css: str) -> None:
        super().__init__(convert_charrefs=True)
        said = {*"0123456789", *"".join(_CONTENT.findall(css))}
        self.letters = [set(said) for _ in faces]
        self._where = [set(set_in(css, face.where)) for face in faces]
        self._all = [not face.where for face in faces]
        self._capitals = "text-transform:uppercase" in css
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
        shown = data + data.upper() if self._capitals else data
        around = frozenset[str]().union(*(names for _, names in self._open)) if self._open else frozenset()
        for where, all_text, letters in zip(self._where, self._all, self.letters, strict=True):
            if all_text or any(names <= around for names in where):
                letters.update(shown)
