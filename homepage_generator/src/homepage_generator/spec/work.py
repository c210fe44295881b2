"""What jobs ask of the graph, and what it tells them: the one seam between waiting, claiming, stopping and making."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol, TypeAlias

from homepage_generator.spec.brief import Brief
from homepage_generator.spec.site import SiteSpec
from homepage_generator.spec.types import Locale

AgentName: TypeAlias = Literal["planner", "designer", "developer", "reviewer", "publisher"]


@dataclass(frozen=True, slots=True)
class EditAsked:
    """A change to a version: words, or a patch of one section (``fields``, ``hidden``, ``move``)."""

    section: str | None = None
    instruction: str | None = None
    patch: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Approval:
    """What the owner said of a page that waited for it. ``words``: what to change, when it was not approved.
    ``number``: the job's first answer is 1, so that an answer is heard once, whoever is killed meanwhile."""

    approved: bool
    words: str = ""
    number: int = 1


@dataclass(frozen=True, slots=True)
class Work:
    """One job. ``job_id`` is also the thread of its checkpoints: the same id again goes on where it was killed.

    make: ``brief``; edit: ``base`` and ``edit``. ``folder`` is the job's own, for builds and screenshots; ``url`` is
    where the site will stand, ending with a slash. ``approve``: wait for the owner once the gate is passed;
    ``answer`` is then what the owner said.
    """

    job_id: str
    kind: Literal["make", "edit"]
    locale: Locale
    url: str
    folder: Path
    brief: Brief | None = None
    base: SiteSpec | None = None
    edit: EditAsked | None = None
    approve: bool = False
    answer: Approval | None = None


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture of the page so far, in the job's folder; ``width`` of the screen it was taken on."""

    path: Path
    width: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """A page that passed the gate, built in ``folder``. ``changes``: in the owner's words, one a change; ``report``
    is the gate's; ``warnings`` are codes of ``warnings.*``."""

    spec: SiteSpec
    folder: Path
    report: dict[str, Any]
    changes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Progress:
    """``step`` is a code of ``steps.*``. The last one carries the outcome, or says that the owner's word is awaited."""

    agent: AgentName
    step: str
    percent: float
    screenshots: dict[str, Shot] = field(default_factory=dict)
    outcome: Outcome | None = None
    awaits_approval: bool = False


class Maker(Protocol):
    """The graph. Cancelling the iteration stops the work; failures are HomepageErrors."""

    def run(self, work: Work) -> AsyncIterator[Progress]: ...

    async def forget(self, job_id: str) -> None:
        """Checkpoints of a job that has ended for good."""
