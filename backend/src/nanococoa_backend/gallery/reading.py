"""What was measured on finished pictures, in a shop owner's words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from nanococoa_backend.messages import Locale, say
from nanococoa_client.schemas import Checks

Mood: TypeAlias = Literal["ok", "care"]

CLEARLY = 7.0
"""WCAG's enhanced contrast: from here on text reads well on any screen in any light."""


@dataclass(frozen=True, slots=True)
class Finding:
    mood: Mood
    text: str


def findings_of(checks: Checks, warnings: Sequence[str], locale: Locale) -> list[Finding]:
    """The good news and what to look at; nothing about what was not measured."""
    found = [*_legibility(checks, locale), *_fidelity(checks, locale), *_self_check(checks, locale)]
    return [*found, *(Finding("care", warning) for warning in warnings)]


def _legibility(checks: Checks, locale: Locale) -> list[Finding]:
    seen = checks.legibility
    if seen is None or seen.glyphs == 0:
        return []
    if not seen.passed:
        return [Finding("care", say(locale, "gallery.check.illegible", count=seen.failing or seen.overflow or 1))]
    name = "clear" if seen.worst_contrast >= CLEARLY else "legible"
    return [Finding("ok", say(locale, f"gallery.check.{name}"))]


def _fidelity(checks: Checks, locale: Locale) -> list[Finding]:
    seen = checks.fidelity
    if seen is None:
        return []
    found = []
    if seen.core_difference == 0:
        found.append(Finding("ok", say(locale, "gallery.check.untouched")))
    if seen.cutout_verdict == "uncertain":
        found.append(Finding("care", say(locale, "gallery.check.uncertain")))
    return found


def _self_check(checks: Checks, locale: Locale) -> list[Finding]:
    seen = checks.self_check
    if seen is None or seen.verdict == "unknown":
        return []
    if seen.verdict == "pass":
        return [Finding("ok", say(locale, "gallery.check.as_asked"))]
    return [Finding("care", say(locale, "gallery.check.not_as_asked"))]
