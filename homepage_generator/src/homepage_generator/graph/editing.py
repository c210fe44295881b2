"""The editor: patches by hand, clear words, and, where there is one, an LLM for all others."""

from __future__ import annotations

from typing import Literal

from langgraph.runtime import Runtime
from langgraph.types import Command

from homepage_generator.agents.instructions import understood
from homepage_generator.errors import EditUnclear
from homepage_generator.graph.nodes import accounts, fixes_of, spec_of
from homepage_generator.graph.state import Bench, State
from homepage_generator.graph.steps import tell
from homepage_generator.spec.patch import By, Patch, apply
from homepage_generator.spec.site import SiteSpec


async def editor(state: State, runtime: Runtime[Bench]) -> Command[Literal["reviewer", "human"]]:
    """An owner's words before approval that nobody understands bring the question back instead of an end."""
    bench = runtime.context
    again = state.get("words") is not None
    round_ = 1 if again else state.get("round", 0) + 1
    tell("developer", "edit", round_)
    base = spec_of(state) if again or bench.work.base is None else bench.work.base
    try:
        spec, said = await _edited(bench, state, base)
    except EditUnclear:
        if not again:
            raise
        bench.ledger.warn("edit_unclear")
        return Command(goto="human", update=accounts(bench))
    changes = [*state.get("changes", []), *said] if again else said
    update = {"spec": spec.model_dump(mode="json"), "changes": changes, "round": round_, "fixes": [], **accounts(bench)}
    return Command(goto="reviewer", update=update | ({"best": None} if again else {}))


async def _edited(bench: Bench, state: State, base: SiteSpec) -> tuple[SiteSpec, list[str]]:
    spec, changes = base, list[str]()
    patches, by = await _patches(bench, state, base)
    for section, patch in patches:
        spec, said = apply(spec, section, patch, by, bench.work.locale)
        changes += said
    if spec == base:
        raise EditUnclear
    return spec, changes


async def _patches(bench: Bench, state: State, base: SiteSpec) -> tuple[list[tuple[str, Patch]], By]:
    """What is written out in full in an instruction is its owner's own word, and is kept like one."""
    asked = bench.work.edit
    if asked is not None and asked.patch is not None:
        return [(asked.section or "", Patch.model_validate(asked.patch))], "person"
    section = asked.section if asked is not None else None
    words = (asked.instruction if asked is not None else state.get("words")) or ""
    try:
        return understood(base, section, words), "person"
    except EditUnclear:
        problems = "\n".join(f"- {fix.section}: {fix.problem}" for fix in fixes_of(state))
        return await bench.agents.edit(base, section, f"{words}\n{problems}" if problems else words), "agent"
