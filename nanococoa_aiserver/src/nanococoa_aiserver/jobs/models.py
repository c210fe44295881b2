"""What the job service answers with: plain values, pictures only as artifact ids, times in seconds since the epoch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from nanococoa_aiserver.jobs.names import Kind, Lane, Status
from nanococoa_client.errors import ServiceError


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job as it was accepted. ``duplicate`` is true when the idempotency key was known and nothing was enqueued."""

    id: str
    kind: Kind
    lane: Lane
    status: Status
    created: float
    duplicate: bool = False


@dataclass(frozen=True, slots=True)
class JobView:
    """One job's state, everything ``StatusResponse`` needs.

    ``step`` is the name of the step under way (or the one that failed), ``stage`` the published name of its half.
    ``results`` holds what each finished step returned, ``previews`` pictures shown before the end, by field name
    (``step1_result``). ``eta`` counts down between updates and is negative when late; null when it cannot be known.
    """

    id: str
    kind: Kind
    lane: Lane
    status: Status
    params: dict[str, Any]
    locale: str
    created: float
    percent: float = 0.0
    stage: str | None = None
    step: str | None = None
    sub_step: str | None = None
    share: float = 0.0
    elapsed: float = 0.0
    eta: float | None = None
    step_eta: float | None = None
    queue_position: int | None = None
    started: float | None = None
    finished: float | None = None
    engine: str = "studio"
    worker: str | None = None
    attempts: int = 0
    parent: str | None = None
    from_step: str | None = None
    previews: dict[str, str] = field(default_factory=dict)
    results: dict[str, dict[str, Any]] = field(default_factory=dict)
    step_seconds: dict[str, float] = field(default_factory=dict)
    error: ServiceError | None = None

    @property
    def result(self) -> dict[str, Any]:
        """What the last finished step returned: the whole answer of a light job, ``export``'s of an ad."""
        return next(reversed(self.results.values()), {})

    @property
    def outputs(self) -> dict[str, str]:
        """Artifact ids by format."""
        return dict(self.result.get("outputs") or {}) if self.status == "completed" else {}

    @property
    def layer(self) -> dict[str, Any] | None:
        """The editable text layer (``AdLayer`` as JSON)."""
        layer: dict[str, Any] | None = self.result.get("layer")
        return layer

    @property
    def checks(self) -> dict[str, Any]:
        """Measured legibility and fidelity (``Checks`` as JSON)."""
        return dict(self.result.get("checks") or {})

    @property
    def warnings(self) -> list[tuple[str, dict[str, Any]]]:
        """Message keys with their details, in the order of the steps, each once."""
        found: list[tuple[str, dict[str, Any]]] = []
        for result in self.results.values():
            found += [(key, details) for key, details in result.get("warnings", []) if (key, details) not in found]
        return found


@dataclass(frozen=True, slots=True)
class JobsPage:
    jobs: list[JobView]
    total: int


@dataclass(frozen=True, slots=True)
class Event:
    """A change of a job; ``id`` grows with time across the database. ``data`` is what a client should be told."""

    id: int
    job_id: str
    kind: str
    data: dict[str, Any]
    created: float


@dataclass(frozen=True, slots=True)
class WorkerState:
    """A worker process as its last heartbeat told; ``age`` in seconds since then.

    ``why`` says why an engine was chosen, where that needs saying; ``state`` is what the engine tells of itself
    (graphics memory, what lies in it, swaps, retries), empty for the studio.
    """

    id: str
    machine: str
    pid: int
    engine: str
    age: float
    why: str = ""
    state: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stats:
    """Numbers for /metrics and /dashboard. Seconds are medians of recent jobs, by step."""

    waiting: dict[Lane, int]
    running: dict[Lane, int]
    by_status: dict[Status, int]
    oldest_wait: dict[Lane, float]
    expected_wait: dict[Lane, float]
    step_seconds: dict[str, float]
    workers: list[WorkerState]
