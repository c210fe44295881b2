"""What a job's checkpoints hold: plain data, enough to go on in another process; and what its nodes work with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypedDict

from homepage_generator.agents.analyst import Analyst
from homepage_generator.agents.ledger import Ledger
from homepage_generator.agents.port import Agents
from homepage_generator.gate import Report
from homepage_generator.spec.site import SiteSpec
from homepage_generator.spec.work import Work


class Attempt(TypedDict):
    """A version that stood in the browser. ``folder``: its build's name in the job's folder."""

    spec: dict[str, Any]
    report: dict[str, Any]
    folder: str


class State(TypedDict, total=False):
    """``round`` counts versions since the commission, or since the owner's last word; ``built`` counts builds.

    ``alts``: what the analyst saw, by picture. ``fixes`` are the last review's, ``asked`` those of all. ``best`` is the
    version with the fewest findings.
    ``words``: what the owner wants changed before approving; ``answered``: how many of the owner's answers were heard.
    """

    plan: dict[str, Any]
    alts: dict[str, str]
    design: dict[str, Any]
    spec: dict[str, Any]
    fixes: list[dict[str, Any]]
    asked: list[dict[str, Any]]
    round: int
    built: int
    best: Attempt | None
    changes: list[str]
    words: str
    answered: int
    tokens: int
    gave_up: bool
    warnings: list[str]


class Workshop(Protocol):
    """Where a spec becomes a folder, and the folder is looked at."""

    async def build(self, spec: SiteSpec, folder: Path, url: str) -> None:
        """The whole site, in place of what ``folder`` holds. Raises RenderFailed, StorageFull, BrowserGone."""

    async def inspect(self, folder: Path, url: str, shots: Path) -> Report:
        """Raises BrowserGone."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What the nodes of one job work with. ``rewrites``: an LLM that can try an edit again in other words."""

    work: Work
    agents: Agents
    ledger: Ledger
    workshop: Workshop
    analyst: Analyst
    rewrites: bool
