"""What an ad can be made of: placements, scenes, text styles, fonts. Asked of the aiserver now and then.

Until it has answered, and while it is away, what was built in serves: the maker's page always opens.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Final

from nanococoa_backend.messages import Locale, has, say
from nanococoa_client.api import Aiserver
from nanococoa_client.errors import ServiceError
from nanococoa_client.schemas import FormatSpec

FRESH_SECONDS: Final = 300.0
RETRY_SECONDS: Final = 10.0

GROUPS: Final = ("social", "kakao", "naver", "google", "banner", "other")
FAMILIAR: Final = ("square", "portrait", "story", "wide", "kakao_bizboard")
"""Placements that are shown at once; the others unfold by their group."""

FIRST_FORMATS: Final = ("square", "story")
"""Chosen when nobody chose."""

FIRST_SCENES: Final = (
    "window", "wood", "podium", "market", "marble", "fresh", "lantern", "hanok", "kitchen", "blossom", "autumn",
    "water",
)  # fmt: skip
"""The ones shops take most come first."""

NO_TEXT: Final = "-no-text"
"""What the aiserver adds to a placement's name for the variant without words."""

_SOCIAL: Final = frozenset({"square", "portrait", "story", "reels", "wide"})


@dataclass(frozen=True, slots=True)
class Catalogue:
    """``is_current``: as the aiserver told it, not as it was built in.

    ``abilities``: editing, vision_language, clip, as far as it has the models.
    """

    formats: tuple[FormatSpec, ...]
    styles: tuple[str, ...]
    scenes: tuple[str, ...]
    fonts: tuple[str, ...] = ()
    abilities: frozenset[str] = frozenset()
    is_current: bool = False

    def format(self, name: str) -> FormatSpec | None:
        return next((spec for spec in self.formats if spec.name == name), None)

    def first_formats(self) -> list[str]:
        known = [name for name in FIRST_FORMATS if self.format(name)]
        return known or [spec.name for spec in self.formats[:1]]

    def known(self, names: Sequence[str]) -> list[str]:
        """Those of ``names`` that can be made."""
        return [name for name in names if self.format(name)]

    def familiar(self) -> list[FormatSpec]:
        found = (self.format(name) for name in FAMILIAR)
        return [spec for spec in found if spec is not None]

    def by_group(self) -> list[tuple[str, list[FormatSpec]]]:
        """What is not shown at once, group by group; empty groups are left out."""
        rest = [spec for spec in self.formats if spec.name not in FAMILIAR]
        groups = [(group, [spec for spec in rest if group_of(spec.name) == group]) for group in GROUPS]
        return [(group, specs) for group, specs in groups if specs]


def group_of(name: str) -> str:
    """Where a placement is found: its owner by the name's beginning."""
    first = name.partition("_")[0]
    if name in _SOCIAL:
        return "social"
    return first if first in GROUPS else "other"


def format_title(catalogue: Catalogue, name: str, locale: Locale) -> str:
    """The placement's name in words; an unknown one (of another aiserver) is shown by its plain name."""
    if name == "edited":
        return say(locale, "formats.edited")
    spec = catalogue.format(name.removesuffix(NO_TEXT)) or built_in().format(name.removesuffix(NO_TEXT))
    if spec is None:
        return name
    title = title_of(spec, locale)
    return say(locale, "formats.without_text", title=title) if name.endswith(NO_TEXT) else title


def title_of(spec: FormatSpec, locale: Locale) -> str:
    return spec.title_ko if locale == "ko" else spec.title_en


def style_title(name: str, locale: Locale) -> str:
    return say(locale, f"editor.styles.{name}") if has(f"editor.styles.{name}") else name


def outline(width: int, height: int, side: float = 24.0) -> dict[str, float]:
    """The picture at its true ratio inside a 28 by 28 square, as an SVG rectangle, never thinner than 3."""
    scale = side / max(width, height)
    wide, high = max(3.0, width * scale), max(3.0, height * scale)
    return {
        "x": round((28 - wide) / 2, 1),
        "y": round((28 - high) / 2, 1),
        "width": round(wide, 1),
        "height": round(high, 1),
    }


class CatalogueWatch:
    """``now`` is what is known; asked anew every few minutes."""

    def __init__(self, aiserver: Aiserver) -> None:
        self._aiserver = aiserver
        self.now = built_in()

    async def run(self) -> None:
        """Ask until cancelled."""
        while True:
            learned = await self.learn()
            await asyncio.sleep(FRESH_SECONDS if learned else RETRY_SECONDS)

    async def learn(self) -> bool:
        """Whether the aiserver told. What it says is taken as a whole or not at all."""
        try:
            formats, told = await self._aiserver.formats(), await self._aiserver.resources()
        except ServiceError:
            return False
        if not formats:
            return False
        self.now = Catalogue(
            tuple(formats),
            tuple(told.styles),
            _in_words(told.scenes) or built_in().scenes,
            tuple(sorted(told.fonts)),
            frozenset(name for name, there in told.models.items() if there),
            is_current=True,
        )
        return True


@lru_cache(1)
def built_in() -> Catalogue:
    """As of this version's making (``tools/dashboard/catalogue_snapshot.py``)."""
    kept = json.loads(resources.files(__package__).joinpath("catalogue.json").read_text("utf-8"))
    formats = tuple(FormatSpec.model_validate(spec) for spec in kept["formats"])
    return Catalogue(formats, tuple(kept["styles"]), _in_words(kept["scenes"]))


def _in_words(scenes: Sequence[str]) -> tuple[str, ...]:
    """Only scenes that have a name and words among the sentences, the familiar ones first."""
    known = [name for name in scenes if has(f"scenes.{name}.words")]
    first = [name for name in FIRST_SCENES if name in known]
    return (*first, *(name for name in known if name not in first))
