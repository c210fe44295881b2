"""What the graph asks of agents, and what they answer with. Each step is data, so that it can be kept and repeated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final, Protocol

from pydantic import Field

from homepage_generator.spec.brief import Brief
from homepage_generator.spec.patch import Patch
from homepage_generator.spec.sections import SectionKind
from homepage_generator.spec.site import SiteSpec
from homepage_generator.spec.types import Colour, Id, Line, Model, ThemeName

SHORTEN: Final = "shorten"
RESTYLE: Final = "restyle"
DROP: Final = "drop"
"""``Fix.fix`` as the built-in agents know it: less copy (developer), another variant or, where there is none left,
another theme (designer), without the section (developer). Any other words are for an LLM."""


class PlannedSection(Model):
    """``id`` is the section's on the page. ``goal``: what it is there for, in a sentence."""

    id: Id
    kind: SectionKind
    goal: Annotated[str, Line(200)] = ""


class PlannedPage(Model):
    id: Id
    title: Annotated[str, Line(24)]
    sections: list[PlannedSection] = Field(min_length=1, max_length=20)


class Plan(Model):
    pages: list[PlannedPage] = Field(min_length=1, max_length=8)


class Design(Model):
    """``variants`` by section id; a section that is not named keeps its kind's first."""

    theme: ThemeName
    color: Colour | None = None
    accent: Colour | None = None
    variants: dict[str, str] = Field(default={}, max_length=160)


class Fix(Model):
    """``section``: its id, empty for the whole page. ``problem`` is the gate's key for it, or words."""

    section: Annotated[str, Line(40)] = ""
    problem: Annotated[str, Line(300)]
    fix: Annotated[str, Line(300)] = SHORTEN


class Finding(Protocol):
    """What the gate found, as far as agents read it."""

    @property
    def check(self) -> str: ...
    @property
    def page(self) -> str: ...
    @property
    def width(self) -> int | None: ...
    @property
    def section(self) -> str | None: ...
    @property
    def problem_key(self) -> str: ...
    @property
    def evidence(self) -> str: ...
    @property
    def cause(self) -> str:
        """copy: shorter words mend it; look: another variant or theme; page: neither."""


class Agents(Protocol):
    async def plan(self, brief: Brief) -> Plan:
        """Which pages and sections: only such as there are facts for."""

    async def design(self, brief: Brief, plan: Plan, fixes: Sequence[Fix]) -> Design:
        """Theme, colours and variants; with ``fixes``, another choice for what they name."""

    async def develop(
        self, brief: Brief, plan: Plan, design: Design, fixes: Sequence[Fix], last: SiteSpec | None
    ) -> SiteSpec:
        """The whole spec. With ``last``, that one as far as ``fixes`` leave it alone."""

    async def review(
        self, brief: Brief, spec: SiteSpec, findings: Sequence[Finding], screenshots: Mapping[str, Path]
    ) -> list[Fix]:
        """What to mend; empty: nothing."""

    async def edit(self, spec: SiteSpec, section: str | None, instruction: str) -> list[tuple[str, Patch]]:
        """Patches by section id for what an owner asked in words. Raises EditUnclear."""
