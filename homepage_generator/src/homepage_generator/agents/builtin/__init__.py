"""Agents without an LLM: they say what the owner gave, in the trade's order, with a few words of a catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from homepage_generator.agents.builtin import designing, planning, reviewing, writing
from homepage_generator.agents.instructions import understood
from homepage_generator.agents.port import Design, Finding, Fix, Plan
from homepage_generator.spec.brief import Brief
from homepage_generator.spec.patch import Patch
from homepage_generator.spec.site import SiteSpec


class BuiltinAgents:
    """Satisfies ``port.Agents``. Nothing is made up: a fact that is not in the brief is on no page."""

    async def plan(self, brief: Brief) -> Plan:
        return planning.plan(brief)

    async def design(self, brief: Brief, plan: Plan, fixes: Sequence[Fix]) -> Design:
        return designing.design(brief, plan, fixes)

    async def develop(
        self, brief: Brief, plan: Plan, design: Design, fixes: Sequence[Fix], last: SiteSpec | None
    ) -> SiteSpec:
        return writing.develop(brief, plan, design, fixes, last)

    async def review(
        self, brief: Brief, spec: SiteSpec, findings: Sequence[Finding], screenshots: Mapping[str, Path]
    ) -> list[Fix]:
        return reviewing.review(spec, findings)

    async def edit(self, spec: SiteSpec, section: str | None, instruction: str) -> list[tuple[str, Patch]]:
        return understood(spec, section, instruction)
