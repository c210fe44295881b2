"""How a wish stands, for a person: agents in words, what is left, the pictures there are. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

from nanococoa_backend.ads.progress import wait_in_words
from nanococoa_backend.homepages.models import HomepageTask
from nanococoa_backend.messages import Locale, has, say
from nanococoa_backend.platform.homepage_contract import AGENTS

StepState: TypeAlias = Literal["done", "now", "later"]


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    title: str
    state: StepState


@dataclass(frozen=True, slots=True)
class Progress:
    """``screenshots`` are addresses, in the order in which they were taken."""

    id: str
    status: str
    percent: int
    headline: str
    line: str
    steps: tuple[Step, ...]
    screenshots: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def progress_of(task: HomepageTask, locale: Locale) -> Progress:
    """``task.progress`` is the service's last word on it, None before it has said anything."""
    told = task.progress or {}
    percent = 100 if task.status == "completed" else min(99, round(told.get("progress_percent") or 0))
    return Progress(
        id=str(task.id),
        status=task.status,
        percent=percent,
        headline=_headline(task, told, locale),
        line=_line(task, told, locale),
        steps=_steps(task, told, locale),
        screenshots=_screenshots(task, told),
    )


def _headline(task: HomepageTask, told: dict[str, Any], locale: Locale) -> str:
    if task.status in ("completed", "failed", "stopped"):
        return say(locale, f"homepages.headline.{task.status}")
    if task.stop_wanted:
        return say(locale, "homepages.headline.stopping")
    if task.status == "running":
        return wait_in_words(told.get("eta_seconds"), locale) or say(locale, f"homepages.running.{task.kind}")
    if task.kind in ("make", "edit") or task.tries:
        return say(locale, f"homepages.headline.{'kept' if task.tries else 'waiting'}")
    return say(locale, f"homepages.running.{task.kind}")


def _line(task: HomepageTask, told: dict[str, Any], locale: Locale) -> str:
    """What is being done: the agent, and its step where there is a word for it."""
    agent, step = told.get("agent"), told.get("step")
    if task.status != "running" or agent not in AGENTS:
        before = (told.get("queue_position") or 1) - 1
        return say(locale, "ads.queue.before", count=before) if before > 0 else ""
    words = [f"homepages.agent.{agent}", f"homepages.step.{step}"]
    return " · ".join(say(locale, key) for key in words if has(key))


def _steps(task: HomepageTask, told: dict[str, Any], locale: Locale) -> tuple[Step, ...]:
    if task.kind not in ("make", "edit"):
        return ()
    agents = [agent for agent in AGENTS if agent != "publisher"]
    at = agents.index(told["agent"]) if told.get("agent") in agents else -1
    if task.status == "completed" or told.get("agent") == "publisher":
        at = len(agents)
    return tuple(
        Step(name, say(locale, f"homepages.agent.{name}"), "done" if index < at else "now" if index == at else "later")
        for index, name in enumerate(agents)
    )


def _screenshots(task: HomepageTask, told: dict[str, Any]) -> tuple[str, ...]:
    shots = told.get("screenshots") or []
    return tuple(f"/homepages/{task.homepage_id}/tasks/{task.id}/screenshots/{shot['name']}" for shot in shots)
