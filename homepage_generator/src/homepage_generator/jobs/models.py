"""What a job is to those who ask."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

from homepage_generator.errors import HomepageError

Status: TypeAlias = Literal["pending", "running", "waiting", "completed", "failed", "stopped"]
FINISHED: Final = frozenset({"completed", "failed", "stopped"})


@dataclass(frozen=True, slots=True)
class NewJob:
    """``slug``: the site it works on."""

    kind: Literal["make", "edit"]
    request: dict[str, Any]
    locale: str
    slug: str = ""
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """``owner``: whose claim it is, while it runs."""

    id: str
    kind: str
    slug: str
    request: dict[str, Any]
    locale: str
    status: Status
    attempts: int
    agent: str | None
    step: str
    percent: float
    created: float
    started: float | None
    finished: float | None
    changed: int
    screenshots: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    result: dict[str, Any] | None = None
    error: HomepageError | None = None
    stop_wanted: bool = False
    owner: str = ""
    queue_position: int | None = None
    eta: float | None = None
