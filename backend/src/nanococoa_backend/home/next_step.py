"""The home page's one suggestion: the first thing that is worth doing, from plain facts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Step: TypeAlias = Literal["add_product", "look_again", "check_cutout", "tell_shop", "add_meanwhile", "add_more"]


@dataclass(frozen=True, slots=True)
class Situation:
    """How the shop stands."""

    products: int
    failed: int
    uncertain: int
    running: int
    has_contact: bool


def next_step(now: Situation) -> Step:
    """What needs the owner comes before what would be nice."""
    if now.products == 0:
        return "add_product"
    if now.failed:
        return "look_again"
    if now.uncertain:
        return "check_cutout"
    if not now.has_contact:
        return "tell_shop"
    return "add_meanwhile" if now.running else "add_more"
