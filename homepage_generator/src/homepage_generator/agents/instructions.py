"""Instructions that are clear enough to be followed without an LLM: hide, show, move, shorten, and new values that are
written out. All or nothing: one part that is not understood, and the page stays as it is."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from functools import lru_cache
from importlib import resources
from typing import Final, Literal, TypeAlias

from homepage_generator.errors import EditUnclear
from homepage_generator.messages import LOCALES, say
from homepage_generator.spec.fields import SectionView, sections_of
from homepage_generator.spec.patch import Patch, apply
from homepage_generator.spec.site import SiteSpec

Patches: TypeAlias = list[tuple[str, Patch]]
_LINES: Final = ("items",)
_BAR: Final = " | "
_QUOTES: Final = "\"'“”‘’"


def understood(spec: SiteSpec, section: str | None, instruction: str) -> Patches:
    """Patches in the order they are to be made. Raises EditUnclear."""
    found: Patches = []
    for clause in _clauses(instruction):
        patches = _Clause(spec, section, clause).patches()
        for name, patch in patches:  # the next one begins where this one ended
            spec, _ = apply(spec, name, patch)
        found += patches
    if not found:
        raise EditUnclear
    return found


def _clauses(instruction: str) -> list[str]:
    parts = re.split(r"\n+|(?<=[요다줘])[.!]\s+|;\s+", instruction.strip())
    return [part.strip().rstrip(".!") for part in parts if part.strip()]


class _Clause:
    """One wish. ``chosen``: the section its owner pointed at, if any."""

    def __init__(self, spec: SiteSpec, chosen: str | None, text: str) -> None:
        self._views = sections_of(spec).sections
        self._kinds = {section.id: section.kind for _, section in spec.sections()}
        self._chosen = next((view for view in self._views if view.id == chosen), None)
        self._text = text

    def patches(self) -> Patches:
        ways = (self._replaced, self._changed, self._stock, self._shortened, self._moved, self._hidden)
        found = next(filter(None, (way() for way in ways)), None)
        if found is None:
            raise EditUnclear
        return found

    def _replaced(self) -> Patches:
        """'A'를 'B'로."""
        patterns = (_pattern("changes", name) for name in ("quoted_ko", "quoted_en"))
        match = next(filter(None, (pattern.search(self._text) for pattern in patterns)), None)
        if match is None:
            return []
        old, new = match["what"].strip(_QUOTES), match["value"].strip(_QUOTES)
        for view in self._here():
            for field in view.fields:
                if old and old in field.value:
                    return [(view.id, Patch(fields={field.name: field.value.replace(old, new)}))]
        return []

    def _changed(self) -> Patches:
        for what, value in self._pairs():
            if found := self._field(what, value) or self._price(what, value):
                return found
        return []

    def _pairs(self) -> Iterator[tuple[str, str]]:
        """What is to be changed, and to what; the longest name first."""
        if match := _pattern("changes", "en").search(self._text):
            yield match["what"].strip(), match["value"].strip().strip(_QUOTES)
        elif match := _pattern("changes", "ko").search(self._text):
            words = match["text"].split()
            for at in range(len(words) - 1, 0, -1):
                value = " ".join(words[at:]).strip(_QUOTES)
                yield _bare(" ".join(words[:at])), value

    def _field(self, what: str, value: str) -> Patches:
        """A field by its name, after its section's where that is told."""
        for name in _table()["fields"]:
            match = re.fullmatch(rf"(?P<of>.*?)\s*(?:의\s*)?(?:{_table()['fields'][name]})", what, re.IGNORECASE)
            if match is None:
                continue
            view = self._named(_bare(match["of"])) if match["of"] else None
            if match["of"] and view is None:
                continue
            if found := self._holder(name, view):
                return [(found.id, Patch(fields={name: value.replace(" / ", "\n") if name == "headline" else value}))]
        return []

    def _holder(self, name: str, view: SectionView | None) -> SectionView | None:
        """The section whose field it is: the one told, the one pointed at, else the only one, or the hero's."""
        if name == "title" and view is None and self._chosen is None:
            return None
        candidates = [view] if view else [self._chosen] if self._chosen else self._views
        holders = [one for one in candidates if one and any(field.name == name for field in one.fields)]
        if not holders and view is None:
            holders = [one for one in self._views if any(field.name == name for field in one.fields)]
        return holders[0] if holders else None

    def _price(self, what: str, value: str) -> Patches:
        product = _pattern("changes", "price_of").sub("", _pattern("changes", "price").sub("", what))
        if not re.search(r"\d|시가", value) or not product.strip():
            return []
        return self._row(_bare(product), lambda parts: [parts[0], value, *parts[2:]])

    def _stock(self) -> Patches:
        """품절."""
        back = _verb("back_in_stock", self._text)
        if not back and not _verb("sold_out", self._text):
            return []
        product = _bare(_pattern("verbs", "back_in_stock" if back else "sold_out").split(self._text)[0])
        labels = {say(locale, "fields.sold_out") for locale in LOCALES}

        def changed(parts: list[str]) -> list[str]:
            kept = [part for part in parts if part not in labels]
            return kept if back else [*kept, say("ko", "fields.sold_out")]

        return self._row(product, changed)

    def _row(self, product: str, changed: Callable[[list[str]], list[str]]) -> Patches:
        """The one line of prices or menu that begins with this name."""
        wanted = _folded(product)
        rows = [
            (view, field.name, field.value.split("\n"), at)
            for view in self._here()
            if view.kind in ("prices", "menu")
            for field in view.fields
            if field.name in _LINES
            for at, line in enumerate(field.value.split("\n"))
            if wanted and _folded(line.split(_BAR.strip())[0]) == wanted
        ]
        if len(rows) != 1:
            return []
        view, name, lines, at = rows[0]
        lines[at] = _BAR.join(changed([part.strip() for part in lines[at].split(_BAR.strip())]))
        return [(view.id, Patch(fields={name: "\n".join(lines)}))]

    def _shortened(self) -> Patches:
        if not _verb("shorten", self._text) or (view := self._meant()) is None:
            return []
        texts = {field.name: field.value for field in view.fields if field.name in ("lead", "text")}
        shorter = {name: _half(text) for name, text in texts.items() if _half(text) != text}
        return [(view.id, Patch(fields=shorter))] if shorter else []

    def _moved(self) -> Patches:
        top, bottom = _verb("top", self._text), _verb("bottom", self._text)
        up, down = top or _verb("up", self._text), bottom or _verb("down", self._text)
        if up == down or (view := self._meant()) is None or view.fixed:
            return []
        way: Literal["up", "down"] = "up" if up else "down"
        room = self._room(view, way)
        times = room if _verb("farthest", self._text) else min(1, room)
        return [(view.id, Patch(move=way))] * times

    def _room(self, view: SectionView, way: Literal["up", "down"]) -> int:
        """Neighbours it can change places with."""
        same = [one for one in self._views if one.page == view.page]
        at = same.index(view)
        passed = same[:at][::-1] if way == "up" else same[at + 1 :]
        return next((number for number, one in enumerate(passed) if one.fixed), len(passed))

    def _hidden(self) -> Patches:
        show, hide = _verb("show", self._text), _verb("hide", self._text)
        if show == hide or (view := self._meant()) is None or view.fixed:
            return []
        return [(view.id, Patch(hidden=hide))]

    def _here(self) -> list[SectionView]:
        return [self._chosen] if self._chosen else self._views

    def _meant(self) -> SectionView | None:
        """The section named in the words, else the one pointed at."""
        return self._named(self._text, whole=False) or self._chosen

    def _named(self, text: str, *, whole: bool = True) -> SectionView | None:
        """By heading or kind; the longest name wins, two of the same length are none."""
        found: dict[str, int] = {}
        for view in self._views:
            heading = next((field.value for field in view.fields if field.name == "title"), "")
            names = [re.escape(name) for name in (heading, view.title_ko, view.title_en) if name]
            for name in [*names, _table()["sections"][view.kind]]:
                match = (re.fullmatch if whole else re.search)(name, text, re.IGNORECASE)
                found[view.id] = max(found.get(view.id, 0), len(match[0]) if match else 0)
        best = max(found.values(), default=0)
        winners = [view for view in self._views if best and found[view.id] == best]
        return winners[0] if len(winners) == 1 else None


def _half(text: str) -> str:
    """The first half of its sentences, one at least."""
    paragraphs = text.split("\n\n")
    if len(paragraphs) > 1:
        return "\n\n".join(paragraphs[: (len(paragraphs) + 1) // 2])
    sentences = re.split(r"(?<=[.!?])\s+", text)
    return " ".join(sentences[: (len(sentences) + 1) // 2])


def _bare(text: str) -> str:
    """Without the particle at its end."""
    return _pattern("changes", "particle").sub("", text.strip()).strip()


def _folded(text: str) -> str:
    return re.sub(r"\s+", "", text).casefold()


def _verb(name: str, text: str) -> bool:
    return _pattern("verbs", name).search(text) is not None


@lru_cache
def _pattern(table: str, name: str) -> re.Pattern[str]:
    return re.compile(_table()[table][name], re.IGNORECASE)


@lru_cache
def _table() -> dict[str, dict[str, str]]:
    file = resources.files("homepage_generator.agents").joinpath("instructions.toml")
    return tomllib.loads(file.read_text("utf-8"))
