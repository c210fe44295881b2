"""Which styles suit an ad: points from the trade, the occasion, the offer, the headline, the scene and the wish."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from nanococoa_aiserver.layout.colour import Mood
from nanococoa_aiserver.layout.styles.model import STYLES, load_style, source
from nanococoa_aiserver.layout.veil import BUSY
from nanococoa_client.schemas import AdCopy

REFUSED = -50.0
"""A style below this can't show the ad at all."""


@dataclass(frozen=True, slots=True)
class StyleScore:
    """A style, its points and what spoke for or against it."""

    style: str
    score: float
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Signals:
    """What a style is chosen by. ``busy`` as ``veil.busyness``, ``aspect`` the product's width over height."""

    copy: AdCopy
    prompt: str = ""
    scene: str = ""
    busy: float = 0.0
    aspect: float = 1.0
    position: str = "auto"


@dataclass(slots=True)
class _Ballot:
    """Points collected per style."""

    points: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STYLES, 1.0))
    why: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, reason: str, **points: float) -> None:
        for style, value in points.items():
            self.points[style] += value
            self.why[style].append(f"{value:+g} {reason}")

    def scores(self) -> list[StyleScore]:
        found = (StyleScore(name, round(value, 2), tuple(self.why[name])) for name, value in self.points.items())
        return sorted(found, key=lambda score: (-score.score, STYLES.index(score.style)))


def rank_styles(signals: Signals) -> list[StyleScore]:
    """All ten styles, best first; those that can't show the ad are below ``REFUSED``."""
    ballot = _Ballot()
    for vote in (_trade, _occasion, _offer, _voice, _length, _scene, _wish):
        vote(signals, ballot)
    return ballot.scores()


def best_three(ranking: Iterable[StyleScore]) -> list[StyleScore]:
    """The three best that are not refused, each of another family."""
    chosen: list[StyleScore] = []
    for score in ranking:
        families = {load_style(other.style).family for other in chosen}
        if score.score > REFUSED and load_style(score.style).family not in families:
            chosen.append(score)
    return chosen[:3]


def mood_for(signals: Signals, own: Mood) -> Mood:
    """The mood wished for, else the trade's, else the style's own."""
    for kind, text in (("wish", signals.prompt), ("trade", _words(signals.copy))):
        for entry in _found(kind, text):
            if "mood" in entry:
                return _mood(entry["mood"])
    return own


def occasion_of(signals: Signals) -> str:
    """``chuseok``, ``seollal``, ``other`` or nothing."""
    entries = _found("occasion", _words(signals.copy) + " " + signals.prompt)
    return str(entries[0]["name"]) if entries else ""


def percent_off(copy: AdCopy) -> int:
    """The discount in per cent, 0 when it is none."""
    found = re.search(r"(\d+)\s*%", copy.discount)
    return int(found[1]) if found else 0


def _trade(signals: Signals, ballot: _Ballot) -> None:
    for entry in _found("trade", _words(signals.copy))[:1]:
        ballot.add(f"trade: {entry['name']}", **entry["styles"])


def _occasion(signals: Signals, ballot: _Ballot) -> None:
    if occasion_of(signals):
        ballot.add("occasion", season=4, shout=-1)
    else:
        ballot.add("no occasion", season=-2)


def _offer(signals: Signals, ballot: _Ballot) -> None:
    copy, percent = signals.copy, percent_off(signals.copy)
    if percent >= 20:
        ballot.add("discount of 20 % or more", number=2.5, coupon=1.5, shout=1, editorial=-1.5, cover=-1)
    elif copy.discount:
        ballot.add("discount", coupon=1.5, shout=0.5)
    if not copy.price and not copy.discount:
        ballot.add("nothing to count", number=-99, coupon=-99, shout=-0.5, editorial=1, cover=1)
    elif not percent and len(re.sub(r"\D", "", copy.price)) > 4:
        ballot.add("price of many digits", number=-2.5)
    if copy.discount and not percent:
        ballot.add("discount without a number", number=-2)


def _voice(signals: Signals, ballot: _Ballot) -> None:
    text = _words(signals.copy)
    if re.search(r"[!~]", text):
        ballot.add("exclaims", shout=1, friendly=0.7, editorial=-1.5)
    if re.search(r"(요|죠|까)[.?!~]?$", signals.copy.headline):
        ballot.add("speaks", friendly=0.8, lower=0.3)
    if re.search(r"다\.?$|[가-힣]\.$", signals.copy.headline):
        ballot.add("states", editorial=0.5, split=0.5)


def _length(signals: Signals, ballot: _Ballot) -> None:
    letters = len(signals.copy.headline.replace(" ", ""))
    total = sum(len(text) for text in signals.copy.given().values())
    if letters <= 8:
        ballot.add("short headline", cover=1.5, shout=0.5)
    if letters > 12:
        ballot.add("long headline", cover=-4, split=0.8, lower=0.5)
    if letters > 20:
        ballot.add("very long headline", shout=-2, number=-1, season=-1, catalog=0.8)
    if len(signals.copy.sub) > 24:
        ballot.add("long second line", catalog=1, split=0.5, shout=-0.7)
    if total > 140:
        ballot.add("much to say", split=4, catalog=3, shout=-6, cover=-9, number=-6, coupon=-5, friendly=-3, season=-3)
    if not signals.copy.headline:
        ballot.add("no headline", cover=-6, shout=-4, coupon=-4, friendly=-2, season=-3, editorial=-2, lower=1, split=1)


def _scene(signals: Signals, ballot: _Ballot) -> None:
    if signals.busy > BUSY:
        ballot.add("busy scene", split=0.8, coupon=0.8, number=0.8, friendly=0.8, catalog=0.8, shout=0.8)
        ballot.add("busy scene", editorial=-1.2, cover=-0.8)
    else:
        ballot.add("calm scene", editorial=0.5, cover=0.3, lower=0.4)
    if signals.aspect > 1.6:
        ballot.add("wide product", cover=-0.5, lower=0.3)
    if signals.aspect < 0.5:
        ballot.add("tall product", editorial=0.3, split=0.3)


def _wish(signals: Signals, ballot: _Ballot) -> None:
    for style in STYLES:
        names = (style, load_style(style).title_ko, load_style(style).title_en.lower())
        if any(name in signals.prompt.lower() for name in names):
            ballot.add("named", **{style: 12})
    for entry in _found("wish", signals.prompt):
        ballot.add("wish", **entry["styles"])
    if signals.position in ("left", "right", "bottom", "top"):
        turning = {s: 1.0 for s in STYLES if signals.position in load_style(s).layouts["square"].turns}
        ballot.add("text position", **turning)


def _words(copy: AdCopy) -> str:
    return " ".join(copy.given().values())


def _found(kind: str, text: str) -> list[Mapping[str, Any]]:
    """Entries of ``kind`` with a word in ``text``, the one with the longest words first."""
    lowered = text.lower()
    weights = [(sum(len(word) for word in entry["words"] if word in lowered), entry) for entry in _rules()[kind]]
    return [entry for weight, entry in sorted(weights, key=lambda pair: -pair[0]) if weight]


def _mood(name: str) -> Mood:
    moods: dict[str, Mood] = {"loud": "loud", "normal": "normal", "soft": "soft", "lux": "lux"}
    return moods[name]


@lru_cache(1)
def _rules() -> dict[str, list[dict[str, Any]]]:
    return tomllib.loads(source("shared", "select.toml"))
