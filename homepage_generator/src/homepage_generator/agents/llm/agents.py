"""The agents' port answered by an LLM on top of the built-in agents.

What it says is laid over what they made, field by field, and only where it is short enough and founded in the brief.
When it fails for good they go on alone, and the job is told so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import TypeVar

import structlog
from pydantic import BaseModel

from homepage_generator.agents.ledger import Ledger
from homepage_generator.agents.llm import choices, payloads, wording
from homepage_generator.agents.llm.answers import CopySaid, DesignSaid, EditSaid, PlanSaid, ReviewSaid
from homepage_generator.agents.llm.asking import Asker, Message
from homepage_generator.agents.llm.facts import Known
from homepage_generator.agents.llm.screens import shown
from homepage_generator.agents.port import DROP, RESTYLE, SHORTEN, Agents, Design, Finding, Fix, Plan
from homepage_generator.errors import EditUnclear, LlmFailed
from homepage_generator.spec.brief import Brief
from homepage_generator.spec.patch import Patch
from homepage_generator.spec.site import SiteSpec

Answer = TypeVar("Answer", bound=BaseModel)


class LlmAgents:
    """``own``: the built-in agents. ``sees``: the reviewer gets screenshots."""

    def __init__(self, asker: Asker, own: Agents, ledger: Ledger, *, sees: bool) -> None:
        self._asker, self._own, self._ledger, self._sees = asker, own, ledger, sees

    async def plan(self, brief: Brief) -> Plan:
        own = await self._own.plan(brief)
        said = await self._ask("plan", payloads.of_plan(brief, own), PlanSaid)
        return choices.planned(own, said) if said else own

    async def design(self, brief: Brief, plan: Plan, fixes: Sequence[Fix]) -> Design:
        own = await self._own.design(brief, plan, fixes)
        if any(fix.fix == RESTYLE for fix in fixes):  # the gate's own: what helps is known
            return own
        allowed = choices.variants(brief, plan)
        said = await self._ask("design", payloads.of_design(brief, plan, own, allowed, fixes), DesignSaid)
        return choices.designed(own, said, allowed, brief.style) if said else own

    async def develop(
        self, brief: Brief, plan: Plan, design: Design, fixes: Sequence[Fix], last: SiteSpec | None
    ) -> SiteSpec:
        own = await self._own.develop(brief, plan, design, fixes, last)
        worded = [fix for fix in fixes if fix.fix not in (DROP, RESTYLE, SHORTEN)]
        if last is not None and not worded:
            return own
        said = await self._ask("write", payloads.of_copy(brief, plan, own, worded), CopySaid)
        if said is None:
            return own
        named = {fix.section for fix in worded} if last is not None else None
        written = wording.laid_over(own, said, Known(payloads.facts(brief)), named)
        if written.refused:
            structlog.get_logger().info("words of the language model were left out", why=written.refused[:10])
            self._ledger.warn("llm_words")
        return written.spec

    async def review(
        self, brief: Brief, spec: SiteSpec, findings: Sequence[Finding], screenshots: Mapping[str, Path]
    ) -> list[Fix]:
        """What the gate found comes first; it is mended without an LLM."""
        if findings or not self._sees:
            return await self._own.review(brief, spec, findings, screenshots)
        pictures = await shown(screenshots)
        said = await self._ask("review", payloads.of_review(spec), ReviewSaid, pictures) if pictures else None
        return choices.reviewed(spec, said) if said else []

    async def edit(self, spec: SiteSpec, section: str | None, instruction: str) -> list[tuple[str, Patch]]:
        """Raises EditUnclear, and LlmFailed: an edit has nothing to fall back on."""
        if self._ledger.gave_up:
            raise LlmFailed
        messages = _messages("edit", payloads.of_edit(spec, section, instruction))
        said = await self._asker.ask(messages, EditSaid, self._ledger)
        known = Known(instruction, payloads.page(spec), spec.business.model_dump(mode="json"))
        patches = wording.patches(spec, said, known, section)
        if not patches:
            raise EditUnclear
        return patches

    async def _ask(self, step: str, payload: str, answer: type[Answer], pictures: Sequence[str] = ()) -> Answer | None:
        """None: the built-in agents' work stands."""
        if self._ledger.gave_up:
            return None
        try:
            return await self._asker.ask(_messages(step, payload, pictures), answer, self._ledger)
        except LlmFailed as failed:
            structlog.get_logger().warning("the language model failed", step=step, reason=failed.details.get("reason"))
            if step == "review":  # many can't see; that is no reason to write without it
                return None
            self._ledger.gave_up = True
            self._ledger.warn("llm_failed")
            return None


def _messages(step: str, payload: str, pictures: Sequence[str] = ()) -> list[Message]:
    content: object = payload
    if pictures:
        seen = [{"type": "image_url", "image_url": {"url": picture}} for picture in pictures]
        content = [{"type": "text", "text": payload}, *seen]
    return [("system", _prompt(step)), ("human", content)]


def _prompt(step: str) -> str:
    return resources.files(__package__ or "").joinpath("prompts", f"{step}.md").read_text("utf-8")
