"""What a customer's sentence asks for: scene, palette and light, by weighted terms in Korean and English.

All terms are looked for at once and the longest win where they overlap, so a compound means what it means as a whole.
A wish that no term was found for is said to be unknown; the product's own colours then decide.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

LENGTH_BONUS = 0.05  # of a term's weight per letter: longer terms are surer
LIGHTS = {"left": -0.8, "right": 0.8, "centre": -0.2}
PARTICLES = (
    "은 는 이 가 을 를 의 에 로 으로 에서 에는 와 과 도 만 위 위에 속 앞 한 인 같은 처럼 이나 나 배경 느낌 분위기 "
    "빛 색 톤 풍 색의 빛의 톤의 톤으로 색으로"
)
"""What may follow a short Korean term: case particles, and the nouns a background is described with."""
_PARTICLE = "|".join(sorted(PARTICLES.split(), key=len, reverse=True))
_AFTER_ONE_LETTER = rf"(?=$|[^가-힣]|(?:{_PARTICLE})(?:$|[^가-힣]))"
_NEGATED_AFTER = re.compile(
    r"\s*(?:은|는|이|가|을|를|색|배경|느낌|분위기)?\s*"
    r"(?:말고|없이|없는|없게|빼고|빼 주|제외|아닌|싫|안 되|금지)"
)
_NEGATED_BEFORE = re.compile(
    r"(?:\bno|\bnot|\bwithout|\bavoid|\bexcept|\bnever|\binstead of)(?:\s+(?:any|a|an|the|too|in))?\s+$"
)
_NAMES_THE_GROUND = re.compile(
    r"\s*(?:색|빛|톤)?\s*(?:의|으로|한)?\s*"
    r"(?:배경|벽|바닥|바탕|톤|background|backdrop|wall|tone|scene|floor|surface)"
)


@dataclass(frozen=True, slots=True)
class Term:
    """One entry of the lexicon: ``kind`` is scene, palette, tone, light or nothing; ``means`` its name there."""

    text: str
    kind: str
    means: str
    weight: float
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Found:
    """A term where it stands in a sentence."""

    term: Term
    start: int
    end: int
    negated: bool
    ground: bool

    @property
    def score(self) -> float:
        return self.term.weight * (1 + LENGTH_BONUS * len(self.term.text))


@dataclass(frozen=True, slots=True)
class Wish:
    """What was understood; None where the sentence says nothing. ``tone`` is a palette by mood only."""

    scene: str | None
    palette: str | None
    tone: str | None
    light: float | None
    why: tuple[str, ...]

    @property
    def known(self) -> bool:
        return any(part is not None for part in (self.scene, self.palette, self.tone))


def understand(text: str, negative: str = "") -> Wish:
    """The wish in ``text``; what ``negative`` names, or the text itself rules out, is never chosen."""
    found = find_terms(text)
    against = [hit.term for hit in found if hit.negated] + [hit.term for hit in find_terms(negative)]
    banned = {(term.kind, term.means) for term in against}
    wanted = [hit for hit in found if not hit.negated and (hit.term.kind, hit.term.means) not in banned]
    scene = _heaviest([hit for hit in wanted if hit.term.kind == "scene"])
    palette = _palette([hit for hit in wanted if hit.term.kind == "palette"])
    tone = _heaviest([hit for hit in wanted if hit.term.kind == "tone"])
    lights = [LIGHTS[hit.term.means] for hit in wanted if hit.term.kind == "light"]
    return Wish(scene, palette, tone, lights[0] if lights else None, _why(wanted, {scene, palette, tone}))


def find_terms(text: str) -> list[Found]:
    """The terms of ``text`` in reading order, none inside another."""
    plain = " ".join(text.lower().split())
    every = ((term, match) for term in lexicon() for match in term.pattern.finditer(plain))
    taken: list[Found] = []
    for term, match in sorted(every, key=lambda hit: (hit[1].start() - hit[1].end(), hit[0].kind != "nothing")):
        if all(match.end() <= other.start or match.start() >= other.end or _same(match, other) for other in taken):
            taken.append(_found(plain, term, match))
    return sorted((hit for hit in taken if hit.term.kind != "nothing"), key=lambda hit: hit.start)


@lru_cache(1)
def lexicon() -> tuple[Term, ...]:
    """Every term of ``keywords.toml``."""
    text = resources.files(__package__).joinpath("keywords.toml").read_text("utf-8")
    return tuple(_terms(tomllib.loads(text)))


def _terms(data: dict[str, Any]) -> Iterable[Term]:
    for scene, by_weight in data["scenes"].items():
        for weight, texts in by_weight.items():
            yield from (_term(text, "scene", scene, float(weight)) for text in texts)
    for kind, section in (("palette", "palettes"), ("tone", "tones"), ("light", "light")):
        for means, texts in data[section].items():
            yield from (_term(text, kind, means, 3.0) for text in texts)
    yield from (_term(text, "nothing", "nothing", 0.0) for text in data["nothing"]["terms"])


def _term(text: str, kind: str, means: str, weight: float) -> Term:
    return Term(text, kind, means, weight, re.compile(_pattern(text)))


def _pattern(text: str) -> str:
    """Where a term counts: an English one as whole words, a Korean one by how easily it hides in other words."""
    if text.isascii():
        return rf"(?<![a-z]){re.escape(text)}(?:'s|s|es)?(?![a-z])"
    body = re.escape(text)
    if len(text) == 1:
        return rf"(?<![가-힣]){body}{_AFTER_ONE_LETTER}"
    if len(text) == 2:
        return rf"(?<![가-힣]){body}|{body}(?=$|[^가-힣]|(?:{_PARTICLE})(?:$|[^가-힣]))"
    return body


def _same(match: re.Match[str], other: Found) -> bool:
    """The same words may mean a scene and a tone at once (시원한), unless they mean nothing."""
    return (match.start(), match.end()) == (other.start, other.end) and other.term.kind != "nothing"


def _found(text: str, term: Term, match: re.Match[str]) -> Found:
    negated = bool(_NEGATED_AFTER.match(text, match.end()) or _NEGATED_BEFORE.search(text[: match.start()]))
    return Found(term, match.start(), match.end(), negated, bool(_NAMES_THE_GROUND.match(text, match.end())))


def _heaviest(hits: Sequence[Found]) -> str | None:
    """The meaning with the largest sum; the earlier one where sums are equal."""
    sums: dict[str, float] = {}
    for hit in hits:
        sums[hit.term.means] = sums.get(hit.term.means, 0.0) + hit.score
    return max(sums, key=lambda means: sums[means]) if sums else None


def _palette(hits: Sequence[Found]) -> str | None:
    """The colour said of the background itself, else the first one said."""
    ground = [hit for hit in hits if hit.ground]
    chosen = (ground or list(hits))[:1]
    return chosen[0].term.means if chosen else None


def _why(hits: Sequence[Found], meanings: set[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(h.term.text for h in hits if h.term.means in meanings or h.term.kind == "light"))
