"""What a plain sentence says of the ad that is wanted, by rules: own products' names, scenes, placements, prices.

Words that hint at a scene or a placement stand in the catalogues (``chat.hints.*``). Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from nanococoa_backend.messages import LOCALES, Locale, catalogue, say

_QUOTED: Final = re.compile(r"[\"'“”‘’「」『』]([^\"'“”‘’「」『』]{2,60})[\"'“”‘’「」『』]")
_PRICE: Final = re.compile(r"(\d[\d,]*\s*만\s*(?:\d[\d,]*\s*천\s*)?원|\d[\d,]*\s*원|₩\s*\d[\d,]*)")
_WORD: Final = re.compile(r"[0-9A-Za-z가-힣]+")
_ENDINGS: Final = re.compile(r"(?:으로|에서|에게|이랑|하고|이라고|라고|은|는|이|가|을|를|의|로|도|만|과|와|랑|에)$")
ENDING: Final = 8
"""Letters after a yes or no that are still only its politeness."""

LONGEST_HEADLINE: Final = 60
SHORTEST: Final = 2
"""Letters of a word that can name a product; a single syllable is in too many sentences."""


@dataclass(frozen=True, slots=True)
class Known:
    """What there is to choose from: products by id, scenes and placements by name."""

    products: Mapping[str, str]
    scenes: Sequence[str]
    formats: Mapping[str, str]
    locale: Locale = "ko"


def understood(text: str, known: Known) -> dict[str, Any]:
    """Only what is said: ``product``, ``scene``, ``headline``, ``price``, ``formats``."""
    rest = " ".join(text.split())
    found: dict[str, Any] = {
        "product": product_in(rest, known.products),
        "scene": scene_in(rest, known),
        "formats": formats_in(rest, known),
        "price": price_in(rest),
        "headline": headline_in(_PRICE.sub(",", rest)),
    }
    return {name: value for name, value in found.items() if value}


def product_in(text: str, products: Mapping[str, str]) -> str | None:
    """The product whose name has most in common with ``text``; None when none or several fit alike."""
    said = {_stem(word) for word in _WORD.findall(text.lower())} | set(_WORD.findall(text.lower()))
    joined = "".join(_WORD.findall(text.lower()))
    scores = {key: _score(name.lower(), said, joined) for key, name in products.items()}
    best = max(scores.values(), default=0)
    leaders = [key for key, score in scores.items() if score == best and best > 0]
    return leaders[0] if len(leaders) == 1 else None


def scene_in(text: str, known: Known) -> str | None:
    """A scene by its title, or by a word that hints at it."""
    for scene in known.scenes:
        if _has(text, say(known.locale, f"scenes.{scene}.title")):
            return scene
    return next((scene for scene in known.scenes if any(_has(text, hint) for hint in hints("scene", scene))), None)


def formats_in(text: str, known: Known) -> list[str]:
    named = [name for name, title in known.formats.items() if _has(text, title)]
    hinted = [name for name in known.formats if any(_has(text, hint) for hint in hints("format", name))]
    return list(dict.fromkeys([*named, *hinted]))


def price_in(text: str) -> str | None:
    """The price as it was written."""
    found = _PRICE.search(text)
    return re.sub(r"\s+", "", found.group(1)) if found else None


def headline_in(text: str) -> str | None:
    """What stands in quotation marks, what is said before 라고, or an occasion (``명절 특가``)."""
    if found := _QUOTED.search(text):
        return found.group(1).strip()
    for pattern in [catalogue(locale)[f"chat.rules.{rule}"] for rule in ("saying", "occasion") for locale in LOCALES]:
        if (found := re.search(pattern, text, re.IGNORECASE)) and len(said := found.group(1).strip()) >= SHORTEST:
            return said[:1].upper() + said[1:LONGEST_HEADLINE]
    return None


def agrees(text: str) -> bool:
    """Whether ``text`` says yes and hardly more."""
    return _short_answer(text, "yes")


def refuses(text: str) -> bool:
    return _short_answer(text, "no")


def wants_other(text: str) -> str | None:
    """What shall be changed: product, scene, words or formats."""
    for part in ("scene", "words", "formats", "product"):
        if any(_has(text, word) for word in _rule(part)):
            return part
    return None


def wants_no_text(text: str) -> bool:
    return any(_has(text, word) for word in _rule("no_text"))


def hints(kind: str, name: str) -> list[str]:
    """In either language: shops mix them."""
    key = f"chat.hints.{kind}.{name}"
    return _list("ko", key) + _list("en", key)


def _list(locale: Locale, key: str) -> list[str]:
    return [word.strip() for word in catalogue(locale).get(key, "").split(",") if word.strip()]


def _short_answer(text: str, name: str) -> bool:
    words = "".join(_WORD.findall(text.lower()))
    known = _rule(name)
    return any(words.startswith(word) and len(words) <= len(word) + ENDING for word in known)


def _rule(name: str) -> list[str]:
    """In either language."""
    return [word for locale in LOCALES for word in _list(locale, f"chat.rules.{name}")]


def _score(name: str, said: set[str], joined: str) -> int:
    """The whole name counts most; else its words that were said, longer ones more."""
    words = [word for word in _WORD.findall(name) if len(word) >= SHORTEST]
    if words and "".join(words) in joined:
        return 1000 + len(name)
    return sum(len(word) for word in words if word in said)


def _stem(word: str) -> str:
    """Without the particle that Korean hangs on a noun."""
    short = _ENDINGS.sub("", word)
    return short if len(short) >= SHORTEST else word


def _has(text: str, wanted: str) -> bool:
    if re.search(r"[A-Za-z]", wanted):
        return re.search(rf"\b{re.escape(wanted)}\b", text, re.IGNORECASE) is not None
    return wanted.replace(" ", "") in text.replace(" ", "")
