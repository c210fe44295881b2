"""Lines of a list as orders: names looked up, prices read, sizes and scenes recognised in either language. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from pydantic import ValidationError

from nanococoa_backend.ads.catalogue import Catalogue
from nanococoa_backend.ads.copywriter import suggestions
from nanococoa_backend.ads.schemas import AdOrder
from nanococoa_backend.batch.tables import Line
from nanococoa_backend.messages import LOCALES, Locale, say
from nanococoa_backend.platform.wording import won
from nanococoa_backend.products.schemas import ProductFacts
from nanococoa_client.schemas import AdCopy

LONGEST_COPY: Final = 200
LONGEST_SCENE: Final = 1000

FAMILIAR: Final = {
    "square": ("정사각형", "정사각", "피드", "1:1", "feed"),
    "portrait": ("세로", "세로형", "4:5"),
    "story": ("스토리", "9:16", "stories"),
    "wide": ("가로", "가로형", "와이드", "링크", "link"),
    "kakao_bizboard": ("비즈보드", "카카오비즈보드", "bizboard"),
}
"""What people write for the placements they use most."""

_BETWEEN: Final = re.compile(r"[,;/|+\n]+")


class RowProblem(Exception):
    """A row can't become an ad; ``key`` says why (``batch.rows.*``)."""

    def __init__(self, key: str, **details: object) -> None:
        super().__init__(key)
        self.key, self.details = key, details


@dataclass(frozen=True, slots=True)
class Wishes:
    """What holds where a row says nothing."""

    scene: str
    formats: Sequence[str]
    use_brand: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """``photo``: the name of a file; empty where the row names none."""

    line: int
    facts: ProductFacts
    photo: str
    order: AdOrder


@dataclass(slots=True)
class Refused:
    """A row that was left out, with why; told before anything is made."""

    line: int
    name: str
    key: str
    details: dict[str, object] = field(default_factory=dict)

    def sentence(self, locale: Locale) -> str:
        return say(locale, self.key, **self.details)


def row_of(line: Line, wishes: Wishes, catalogue: Catalogue, locale: Locale) -> Row:
    """Raises RowProblem."""
    cells = line.cells
    facts = _facts(cells)
    order = order_of(
        facts,
        cells.get("copy", ""),
        scene=cells.get("scene", ""),
        formats=_formats(cells.get("sizes", ""), catalogue) or list(wishes.formats),
        wishes=wishes,
        catalogue=catalogue,
        locale=locale,
    )
    return Row(line.number, facts, cells.get("photo", ""), order)


def order_of(
    facts: ProductFacts,
    copy: str,
    *,
    scene: str,
    formats: list[str],
    wishes: Wishes,
    catalogue: Catalogue,
    locale: Locale,
) -> AdOrder:
    """Raises RowProblem."""
    if len(copy) > LONGEST_COPY:
        raise RowProblem("copy_long", limit=LONGEST_COPY)
    if len(scene) > LONGEST_SCENE:
        raise RowProblem("scene_long", limit=LONGEST_SCENE)
    known = scene_of(scene, catalogue) if scene else wishes.scene
    return AdOrder(
        scene=known,
        background="" if known else scene,
        fields=_copy(facts, copy, locale),
        formats=formats,
        use_brand=wishes.use_brand,
        locale=locale,
    )


def scene_of(words: str, catalogue: Catalogue) -> str:
    """A preset by its name or title; empty where the words are the owner's own."""
    wanted = _plain(words)
    for name in catalogue.scenes:
        titles = (say(locale, f"scenes.{name}.title") for locale in LOCALES)
        if wanted in (_plain(name), *(_plain(title) for title in titles)):
            return name
    return ""


def _formats(words: str, catalogue: Catalogue) -> list[str]:
    """Raises RowProblem for a size nobody knows."""
    return list(dict.fromkeys(_format(part.strip(), catalogue) for part in _BETWEEN.split(words) if part.strip()))


def _format(word: str, catalogue: Catalogue) -> str:
    wanted = _plain(word)
    for spec in catalogue.formats:
        pixels = f"{spec.width}x{spec.height}"
        names = (
            spec.name,
            spec.title_ko,
            spec.title_en,
            pixels,
            pixels.replace("x", "×"),
            *FAMILIAR.get(spec.name, ()),
        )
        if wanted in {_plain(name) for name in names}:
            return spec.name
    raise RowProblem("size_unknown", size=word[:40])


def _facts(cells: dict[str, str]) -> ProductFacts:
    if not cells.get("product"):
        raise RowProblem("no_name")
    given = {"name": cells["product"], **{name: cells.get(name, "") for name in ("price", "unit", "notes")}}
    try:
        return ProductFacts.model_validate(given)
    except ValidationError as error:
        field_name = str(error.errors()[0]["loc"][0])
        raise RowProblem(f"{field_name}_wrong", value=given[field_name][:40]) from None


def _copy(facts: ProductFacts, copy: str, locale: Locale) -> AdCopy:
    """The row's own words (``headline | second line``), else what the product's facts give."""
    headline, _, sub = (part.strip() for part in re.sub(r"\s*\n\s*", "|", copy, count=1).partition("|"))
    if not headline:
        return suggestions(facts, locale)[0]
    price = won(facts.price, locale)
    return AdCopy(headline=headline, sub=sub.replace("|", " "), price=price, unit=facts.unit if price else "")


def _plain(text: str) -> str:
    return re.sub(r"[\s_-]+", "", text).casefold()
