"""What a customer's sentence asks for: scene, palette and light, by weighted terms in Korean and English.

All terms are looked for at once and the longest win where they overlap, so a compound means what it means as a whole.
A wish that no term was found for is said to be unknown; the product's own colours then decide.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

LENGTH_BONUS = 0.05  # of a term's weight per letter: longer terms are surer
READ_AT_MOST = 1000  # letters of a prompt; no description of a background is longer
LIGHTS = {"left": -0.8, "right": 0.8, "centre": -0.2}
PARTICLES = (
    "은 는 이 가 을 를 의 에 로 으로 에서 에는 와 과 도 만 위 위에 속 앞 한 인 같은 처럼 이나 나 배경 느낌 분위기 "
    "빛 색 톤 풍 색의 빛의 톤의 톤으로 색으로"
)
"""What may follow a short Korean term: case particles, and the nouns a background is described with."""
_PARTICLE = "|".join(sorted(PARTICLES.split(), key=len, reverse=True))
_KOREAN_END = re.compile(rf"(?=$|[^가-힣]|(?:{_PARTICLE})(?:$|[^가-힣]))")
_ENGLISH_END = re.compile(r"(?:'s|s|es)?(?![a-z])")
_HANGUL, _LATIN = re.compile(r"[가-힣]"), re.compile(r"[a-z]")
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
    plain = " ".join(text[:READ_AT_MOST].lower().split())
    every = [(term, start, end) for term in lexicon() for start, end in _places(term.text, plain)]
    taken: list[Found] = []
    for term, start, end in sorted(every, key=lambda hit: (hit[1] - hit[2], hit[0].kind != "nothing")):
        if all(end <= other.start or start >= other.end or _same(start, end, other) for other in taken):
            taken.append(_found(plain, term, start, end))
    return sorted((hit for hit in taken if hit.term.kind != "nothing"), key=lambda hit: hit.start)


@lru_cache(1)
def lexicon() -> tuple[Term, ...]:
    """Every term of ``keywords.toml``."""
    text = resources.files(__package__).joinpath("keywords.toml").read_text("utf-8")
    return tuple(_terms(tomllib.loads(text)))


def _terms(data: dict[str, Any]) -> Iterable[Term]:
    for scene, by_weight in data["scenes"].items():
        for weight, texts in by_weight.items():
            yield from (Term(text, "scene", scene, float(weight)) for text in texts)
    for kind, section in (("palette", "palettes"), ("tone", "tones"), ("light", "light")):
        for means, texts in data[section].items():
            yield from (Term(text, kind, means, 3.0) for text in texts)
    yield from (Term(text, "nothing", "nothing", 0.0) for text in data["nothing"]["terms"])


def _places(word: str, text: str) -> Iterator[tuple[int, int]]:
    """Where a term counts: an English one as whole words, a Korean one by how easily it hides in other words."""
    start = text.find(word)
    while start >= 0:
        end = start + len(word)
        if word.isascii():
            after = _ENGLISH_END.match(text, end)
            if after and not _LATIN.match(text[start - 1 : start]):
                yield start, after.end()
        elif _korean_word(text, start, end):
            yield start, end
        start = text.find(word, start + 1)


def _korean_word(text: str, start: int, end: int) -> bool:
    """One letter needs a whole word, two a word's beginning or end; three are sure anywhere."""
    begins = not _HANGUL.match(text[start - 1 : start])
    ends = _KOREAN_END.match(text, end) is not None
    needed = {1: begins and ends, 2: begins or ends}
    return needed.get(end - start, True)


def _same(start: int, end: int, other: Found) -> bool:
    """The same words may mean a scene and a tone at once (시원한), unless they mean nothing."""
    return (start, end) == (other.start, other.end) and other.term.kind != "nothing"


def _found(text: str, term: Term, start: int, end: int) -> Found:
    negated = bool(_NEGATED_AFTER.match(text, end) or _NEGATED_BEFORE.search(text[:start]))
    return Found(term, start, end, negated, bool(_NAMES_THE_GROUND.match(text, end)))


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
