"""What a page says besides its owner's words: labels, in both languages."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from homepage_generator.spec.types import DAYS, Day, Locale

HERE: Final = Path(__file__).parent


class Words:
    def __init__(self, catalogue: dict[str, Any]) -> None:
        self._catalogue = catalogue

    def __call__(self, key: str, **values: object) -> str:
        """``title.menu`` names a table's entry."""
        found: Any = self._catalogue
        for part in key.split("."):
            found = found[part]
        return str(found).format(**values)

    def days(self, days: Sequence[Day]) -> str:
        """ "월–금", "월·수", "매일"."""
        given = [day for day in DAYS if day in days]
        if len(given) == len(DAYS):
            return self("daily")
        return "·".join("–".join(self(f"days.{day}") for day in ends) for ends in _runs(given))


def _runs(days: list[Day]) -> list[list[Day]]:
    """Neighbouring days as their first and last; two neighbours stay two."""
    runs: list[list[Day]] = []
    for day in days:
        if runs and DAYS.index(day) == DAYS.index(runs[-1][-1]) + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return [ends for run in runs for ends in ([[run[0], run[-1]]] if len(run) > 2 else [[day] for day in run])]


@lru_cache
def words(locale: Locale) -> Words:
    return Words(tomllib.loads((HERE / f"{locale}.toml").read_text("utf-8")))
