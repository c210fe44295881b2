"""How an ad stands, for a person: steps in words, what is left, what waits before it. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, TypeAlias

from nanococoa_backend.ads.models import Ad
from nanococoa_backend.messages import Locale, has, say

AD_STEPS: Final = (
    "segment", "background", "composite", "refine", "self_check", "analyse", "design", "render", "export",
)  # fmt: skip
EDIT_STEPS: Final = ("look", "locate", "edit", "check", "finish")
TEXT_STEPS: Final = frozenset({"analyse", "design", "render", "export"})
"""From here on the picture is there and only words are missing."""

ALMOST: Final = 4
"""Seconds under which a countdown says nothing any more."""

StepState: TypeAlias = Literal["done", "now", "later"]


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    title: str
    state: StepState


@dataclass(frozen=True, slots=True)
class Progress:
    """``headline`` is the large line, ``line`` the small one below the bar, ``preview`` the picture without words."""

    status: str
    percent: int
    headline: str
    line: str
    place: str
    steps: tuple[Step, ...]
    preview: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def progress_of(ad: Ad, locale: Locale) -> Progress:
    """``ad.progress`` is the aiserver's last word on it, None before it has said anything."""
    told = ad.progress or {}
    steps = _steps(ad, told, locale)
    percent = round(told.get("progress_percent") or 0)
    ended = {"completed": 100}.get(ad.status)
    return Progress(
        status=ad.status,
        percent=ended if ended is not None else min(99, percent),
        headline=_headline(ad, told, locale),
        line=_line(ad, steps, locale),
        place=_place(ad, told, locale),
        steps=steps,
        preview=_preview(ad, told),
    )


def step_names(ad: Ad) -> tuple[str, ...]:
    return EDIT_STEPS if ad.kind == "edit" else AD_STEPS


def wait_in_words(seconds: float | None, locale: Locale) -> str:
    """``약 40초 남았어요``: rounded to what one can wait by; empty when nobody knows."""
    if seconds is None:
        return ""
    if seconds <= ALMOST:
        return say(locale, "ads.eta.almost")
    if seconds < 55:
        return say(locale, "ads.eta.seconds", seconds=max(5, 5 * round(seconds / 5)))
    return say(locale, "ads.eta.minutes", minutes=max(1, round(seconds / 60)))


def _headline(ad: Ad, told: dict[str, Any], locale: Locale) -> str:
    if ad.status in ("completed", "failed", "stopped"):
        return say(locale, f"ads.headline.{ad.status}")
    if ad.stop_wanted:
        return say(locale, "ads.headline.stopping")
    before = (told.get("queue_position") or 1) - 1
    if ad.status == "pending" and before > 0:
        return say(locale, "ads.queue.before", count=before)
    if ad.status == "running":
        return wait_in_words(told.get("eta_seconds"), locale) or say(locale, "ads.headline.running")
    return say(locale, f"ads.headline.{ad.status}")


def _line(ad: Ad, steps: tuple[Step, ...], locale: Locale) -> str:
    if ad.status == "completed":
        return say(locale, "ads.step_all", count=len(steps))
    number = next((index for index, step in enumerate(steps, 1) if step.state == "now"), None)
    if number is None:
        return say(locale, "ads.step_none")
    return say(locale, "ads.step_of", step=steps[number - 1].title, number=number, count=len(steps))


def _place(ad: Ad, told: dict[str, Any], locale: Locale) -> str:
    if ad.status == "waiting":
        return say(locale, "ads.queue.kept" if ad.tries else "ads.queue.sending")
    before = (told.get("queue_position") or 1) - 1
    if ad.status == "pending" and before > 0:
        wait = told.get("eta_seconds")
        return (
            say(locale, "ads.queue.later", wait=wait_in_words(wait, locale)) if wait else say(locale, "ads.queue.soon")
        )
    return say(locale, "ads.queue.mine")


def _steps(ad: Ad, told: dict[str, Any], locale: Locale) -> tuple[Step, ...]:
    names = step_names(ad)
    at = names.index(told["step"]) if told.get("step") in names else -1
    if ad.status == "completed":
        at = len(names)
    elif ad.status in ("waiting", "pending"):
        at = -1
    return tuple(
        Step(name, say(locale, f"ads.step.{name}"), "done" if index < at else "now" if index == at else "later")
        for index, name in enumerate(names)
        if has(f"ads.step.{name}")
    )


def _preview(ad: Ad, told: dict[str, Any]) -> str:
    """The address of the picture without words, once there is one."""
    artifact = str(told.get("step1_result") or "").rpartition("/")[2]
    return f"/ads/{ad.id}/preview?picture={artifact}" if artifact else ""
