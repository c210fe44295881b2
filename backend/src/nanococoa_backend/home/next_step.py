"""The home page's one suggestion: the first thing that is worth doing, from plain facts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Step: TypeAlias = Literal[
    "add_product", "look_again", "check_cutout", "make_first", "look_at_ad", "tell_shop", "add_meanwhile", "make_more"
]


@dataclass(frozen=True, slots=True)
class Situation:
    """How the shop stands, counted in products. ``ready``: with a cut-out; ``ads``: made or under way."""

    products: int
    failed: int
    uncertain: int
    running: int
    has_contact: bool
    ready: int = 0
    ads: int = 0
    ads_to_look_at: int = 0


def next_step(now: Situation) -> Step:
    """What needs the owner comes before what would be nice."""
    if now.products == 0:
        return "add_product"
    if now.failed:
        return "look_again"
    if now.uncertain:
        return "check_cutout"
    if now.ads == 0 and now.ready:
        return "make_first"
    if now.ads_to_look_at:
        return "look_at_ad"
    if not now.has_contact:
        return "tell_shop"
    return "make_more" if now.ready else "add_meanwhile"
