"""How large the words of a zone can be: an estimate from syllable widths, so that the browser only has to shrink.

All lengths are em of the zone's body size unless named otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, inf, log

from nanococoa_aiserver.layout.styles.model import FILLERS, Face, Zone
from nanococoa_aiserver.layout.typography import break_lines, text_width

BODY_LH, GAP = 1.4, 0.55
PRICE, SMALL, SHOP = 1.95, 0.76, 0.95
"""Price, small print and shop in body sizes (headline : price : body is about 3 : 2 : 1)."""
ASPECTS = (30.0, 9.0, 5.0, 3.2, 2.2, 1.5, 1.0, 0.7)
TOO_MUCH = 99.0
LEAST_HEADLINE = 1.35
"""A headline nearer to the body's size is none."""


@dataclass(frozen=True, slots=True)
class Fit:
    """Body size in rem, headline in body sizes, its lines; ``fits`` is false when no size will do."""

    size: float
    headline: float
    lines: tuple[str, ...]
    fits: bool


@lru_cache(512)
def line_choices(text: str, most: int) -> tuple[tuple[str, ...], ...]:
    """The best breaks of a headline for wide to narrow places, one line first."""
    found = (tuple(break_lines(text, aspect, most, 1.2)) for aspect in ASPECTS)
    return tuple(dict.fromkeys(found))


def fit(zone: Zone, face: Face, texts: Mapping[str, str], box: tuple[float, float], sizes: tuple[float, float]) -> Fit:
    """Body size, headline size and lines for ``box`` (width, height in rem); ``sizes`` are least and most rem."""
    least, most = sizes
    size, best, best_score = most, None, -inf
    while size >= least * 0.999:
        for candidate in _candidates(zone, face, texts, (box[0] / size, box[1] / size), size):
            score = _score(candidate)
            if score > best_score:
                best, best_score = candidate, score
        size *= 0.96
    return best or Fit(least, 1.0, _narrowest(zone, texts), False)


def _candidates(zone: Zone, face: Face, texts: Mapping[str, str], box: tuple[float, float], size: float) -> list[Fit]:
    width, height = box
    rest = sum(row_height(row, texts, width) for row in zone.rows)
    gaps = GAP * max(0, sum(1 for row in zone.rows if has_words(row, texts)) - 1)
    room = height - rest - gaps
    if "headline" not in zone.slots() or not texts.get("headline"):
        return [Fit(size, 1.0, (), True)] if room >= 0 else []
    found = []
    for lines in line_choices(texts["headline"], zone.max_lines):
        wide = max(text_width(line) for line in lines) * face.display_width
        tall = len(lines) * face.display_lh
        headline = min(zone.ratio, width / wide * 0.97, room / tall)
        if headline >= LEAST_HEADLINE:
            found.append(Fit(size, headline, lines, True))
    return found


def _score(fit: Fit) -> float:
    """Large body first, then a large headline; a headline of many small lines is worth less."""
    return 1.3 * log(fit.size) + log(fit.size * fit.headline) - 0.02 * len(fit.lines)


def _narrowest(zone: Zone, texts: Mapping[str, str]) -> tuple[str, ...]:
    headline = texts.get("headline", "") if "headline" in zone.slots() else ""
    return line_choices(headline, zone.max_lines + 2)[-1] if headline else ()


def has_words(row: str, texts: Mapping[str, str]) -> bool:
    """Whether anything of a row is shown."""
    return any(slot in FILLERS or natural(slot, texts) for slot in row.replace("|", " ").split())


def row_height(row: str, texts: Mapping[str, str], width: float) -> float:
    """Height of a row without the headline."""
    left, _, right = (part.split() for part in row.partition("|"))
    if not right:
        return _stack_height(left, texts, width)
    wide = max((natural(slot, texts) for slot in right), default=0.0)
    own = min(wide, 0.62 * width) if any(natural(slot, texts) for slot in left) else width
    rest = width - own - 1.4 if wide else width
    return max(_stack_height(left, texts, rest), _stack_height(right, texts, own))


def _stack_height(slots: Sequence[str], texts: Mapping[str, str], width: float) -> float:
    heights = [height for slot in slots if (height := token_height(slot, texts, width))]
    return sum(heights) + 0.3 * max(0, len(heights) - 1)


def natural(slot: str, texts: Mapping[str, str]) -> float:
    """Width of a slot's words on one line."""
    if slot == "price":
        return max(PRICE * 0.95 * text_width(texts.get("price", "")), text_width(_above(texts)))
    scale = {"small_print": SMALL, "shop": SHOP}.get(slot, 1.0)
    return scale * text_width(texts.get(slot, ""))


def token_height(slot: str, texts: Mapping[str, str], width: float) -> float:
    """Height of a slot's words in a column of ``width``; the headline counts as nothing."""
    if slot in FILLERS:
        return 0.0 if slot == "*" else 0.5
    if slot == "headline" or not natural(slot, texts):
        return 0.0
    if slot == "table":
        return 6.0
    if slot == "price":
        return _price_height(texts, width)
    scale = {"small_print": SMALL, "shop": SHOP}.get(slot, 1.0)
    lines = _wrapped(natural(slot, texts), max(1.0, width))
    return scale * BODY_LH * lines + (0.35 if slot == "shop" else 0)


def _price_height(texts: Mapping[str, str], width: float) -> float:
    if PRICE * 0.88 * text_width(texts.get("price", "")) > width:  # a price is never broken
        return TOO_MUCH
    above = text_width(_above(texts))
    tall = PRICE * 1.08 if texts.get("price") else 0.0
    return tall + (1.3 * _wrapped(above, max(1.0, width)) + 0.25 if above else 0)


def _above(texts: Mapping[str, str]) -> str:
    return "  ".join(texts[role] for role in ("discount", "old_price", "unit") if texts.get(role))


def _wrapped(natural_width: float, width: float) -> int:
    """Lines of words broken at spaces: about an eighth of every line stays empty."""
    return 1 if natural_width <= width else ceil(natural_width / width * 1.14)
