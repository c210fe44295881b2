"""A sentence set in up to three lines: short ones, of like length, broken where one would breathe."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise
from typing import Final

from homepage_generator.spec.types import Locale

LONGEST: Final[dict[Locale, int]] = {"ko": 11, "en": 16}
"""Characters of a line that stay large at 320 px."""
_LINES: Final = 3
_LEANS_ON_NEXT: Final = re.compile(
    r"한|두|세|네|이|그|저|못|안|더|잘|꼭|첫|매|약|하루|가장|the|an?|of|at|to|in|on|no|and|for|with|one|by",
    re.IGNORECASE,
)
_LEANS_ON_LAST: Final = re.compile(r"(?:것|때|수|명|개|분|번|잔|그릇|시|후|전)(?:만|은|는|이|에|을)?,?|만")
"""Words that mean little without the next, or the one before."""
_PAUSES: Final = re.compile(r",$|[가-힣](?:고|면|며|서|지만|니까|는데)$")
_STUB: Final = 2
_NO_END: Final = re.compile(r"[.。]+$")


def set_in_lines(sentence: str, locale: Locale) -> list[str] | None:
    """None where no three lines hold it."""
    text = _NO_END.sub("", sentence.strip())
    if not text or len(text) > _LINES * LONGEST[locale] + _LINES - 1:
        return None
    words = text.split()
    fitting = [lines for lines in _settings(words) if max(map(len, lines)) <= LONGEST[locale]]
    return min(fitting, key=lambda lines: _cost(lines)) if fitting else None


def _settings(words: Sequence[str]) -> Iterator[list[str]]:
    for count in range(1, min(_LINES, len(words)) + 1):
        for breaks in combinations(range(1, len(words)), count - 1):
            edges = (0, *breaks, len(words))
            yield [" ".join(words[start:end]) for start, end in pairwise(edges)]


def _cost(lines: Sequence[str]) -> float:
    """Long lines make small type, uneven ones a ragged block, and a phrase must not be torn."""
    lengths = [len(line) for line in lines]
    ragged = 0.5 * (max(lengths) - min(lengths))
    torn = sum(4.0 for line in lines[:-1] if _LEANS_ON_NEXT.fullmatch(line.split()[-1]))
    torn += sum(4.0 for line in lines[1:] if _LEANS_ON_LAST.fullmatch(line.split()[0]))
    unpaused = sum(2.5 for line in lines for word in line.split()[:-1] if _PAUSES.search(word))
    stub = 3.0 if len(lines) > 1 and lengths[-1] <= _STUB else 0.0
    return max(lengths) + ragged + torn + unpaused + stub + 1.2 * len(lines)
