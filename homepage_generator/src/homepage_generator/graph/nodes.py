"""The graph's nodes. Each may be run again from its start: what it does depends on its state alone, and its builds go
to a folder that it empties first."""

from __future__ import annotations

import shutil
from typing import Any, Literal, TypeAlias

from anyio import to_thread
from langgraph.runtime import Runtime
from langgraph.types import Command, interrupt

from homepage_generator.agents.analyst import with_alts
from homepage_generator.agents.port import DROP, Design, Fix, Plan
from homepage_generator.errors import GateFailed
from homepage_generator.gate import Finding, Report
from homepage_generator.graph.routing import ROUNDS, Goes, better, last_resort, mender, passed
from homepage_generator.graph.state import Attempt, Bench, State
from homepage_generator.graph.steps import tell
from homepage_generator.messages import say
from homepage_generator.spec.brief import Brief
from homepage_generator.spec.site import SiteSpec

Update: TypeAlias = dict[str, Any]
SHOTS = "shots"


async def planner(state: State, runtime: Runtime[Bench]) -> Update:
    bench = runtime.context
    tell("planner", "plan")
    plan = await bench.agents.plan(brief_of(bench))
    changes = [say(bench.work.locale, "changes.made")]
    alts = await bench.analyst.describe(brief_of(bench))
    return {"plan": _data(plan), "alts": alts, "changes": changes, **accounts(bench)}


async def designer(state: State, runtime: Runtime[Bench]) -> Update:
    bench = runtime.context
    tell("designer", "design", state.get("round", 0) + 1)
    plan, before = Plan.model_validate(state["plan"]), state.get("design")
    asked = [Fix.model_validate(fix) for fix in state.get("asked") or []]
    brief = brief_of(bench)
    if before is not None and bench.rewrites:  # go on from the theme that was chosen
        brief = brief.model_copy(update={"style": before["theme"]})
    design = await bench.agents.design(brief, plan, asked)
    if before is not None:
        design = _kept_but(Design.model_validate(before), design, asked)
    return {"design": _data(design), **accounts(bench)}


async def developer(state: State, runtime: Runtime[Bench]) -> Update:
    bench = runtime.context
    round_ = state.get("round", 0) + 1
    tell("developer", "write", round_)
    plan, design = Plan.model_validate(state["plan"]), Design.model_validate(state["design"])
    last = spec_of(state) if state.get("spec") else None
    spec = await bench.agents.develop(brief_of(bench), plan, design, fixes_of(state), last)
    return {"spec": _data(with_alts(spec, state.get("alts", {}))), "round": round_, **accounts(bench)}


async def reviewer(state: State, runtime: Runtime[Bench]) -> Command[Goes]:
    """Builds the version, looks at it in the browser, and sends it on."""
    bench, spec = runtime.context, spec_of(state)
    report, now = await _inspected(bench, state, spec)
    best = better(state.get("best"), now)
    update = {"best": best, "built": int(now["folder"])}
    if passed(best) and best is not now:  # a wish beyond the gate that made it worse
        return _onward(bench, update)
    if not passed(now) and state["round"] >= ROUNDS:
        raise GateFailed(findings=told(Report.model_validate(best["report"]).findings, bench))
    if bench.work.kind == "edit":
        return _after_edit(bench, state, report, update)
    fixes = await _fixes(bench, state, spec, report, best)
    update |= accounts(bench)
    if not fixes or state["round"] >= ROUNDS:
        return _onward(bench, update)
    wanted = [_data(fix) for fix in fixes]
    update |= {"fixes": wanted, "asked": [*state.get("asked", []), *wanted], "spec": best["spec"]}
    return Command(goto=mender(fixes), update=update)


async def human(state: State, runtime: Runtime[Bench]) -> Command[Literal["editor", "publisher"]]:
    """Waits for the owner's word; nothing before ``interrupt`` may have an effect, since it runs again afterwards."""
    said = interrupt("approval")
    update: Update = {"answered": said["number"]}
    if said["approved"]:
        return Command(goto="publisher", update=update)
    return Command(goto="editor", update=update | {"words": said["words"]})


async def publisher(state: State, runtime: Runtime[Bench]) -> Update:
    """The best version's folder stands when this ends, in whichever process that is."""
    bench, best = runtime.context, state["best"]
    assert best is not None
    tell("publisher", "keep")
    folder = bench.work.folder / best["folder"]
    if not (folder / "index.html").exists():
        await bench.workshop.build(SiteSpec.model_validate(best["spec"]), folder, bench.work.url)
    await to_thread.run_sync(_keep_only, bench, best["folder"])
    return {}


def _kept_but(before: Design, now: Design, asked: list[Fix]) -> Design:
    """Only what was complained of looks another way."""
    named = {fix.section for fix in asked}
    kept = {section: variant for section, variant in before.variants.items() if section not in named}
    return now.model_copy(update={"variants": now.variants | kept})


async def _inspected(bench: Bench, state: State, spec: SiteSpec) -> tuple[Report, Attempt]:
    number, work = state.get("built", 0) + 1, bench.work
    folder = work.folder / str(number)
    tell("reviewer", "build", state["round"])
    await bench.workshop.build(spec, folder, work.url)
    tell("reviewer", "inspect", state["round"])
    report = await bench.workshop.inspect(folder, work.url, work.folder / SHOTS)
    tell("reviewer", "look", state["round"], report.screenshots)
    return report, Attempt(spec=_data(spec), report=report.to_json(), folder=folder.name)


async def _fixes(bench: Bench, state: State, spec: SiteSpec, report: Report, best: Attempt) -> list[Fix]:
    """What to mend of ``best``. Before the last round only what is sure to help."""
    is_best = best["folder"] == str(state.get("built", 0) + 1)
    findings = report.findings if is_best else Report.model_validate(best["report"]).findings
    if findings and (not is_best or state["round"] + 1 >= ROUNDS):
        fixes = last_resort(SiteSpec.model_validate(best["spec"]), findings)
        for fix in fixes:
            if fix.fix == DROP:
                bench.ledger.warn(f"section_dropped:{fix.section}")
        return fixes
    fixes = await bench.agents.review(brief_of(bench), spec, findings, report.screenshots)
    return fixes or (last_resort(spec, findings) if findings else [])


def _after_edit(bench: Bench, state: State, report: Report, update: Update) -> Command[Any]:
    if report.passed:
        return _onward(bench, update)
    asked = bench.work.edit
    if asked is None or asked.instruction is None or not bench.rewrites:
        raise GateFailed(findings=told(report.findings, bench))
    problems = [Fix(section=one.section or "", problem=one.say(bench.work.locale)[:300]) for one in report.findings]
    return Command(goto="editor", update=update | {"fixes": [_data(fix) for fix in problems]})


def _onward(bench: Bench, update: Update) -> Command[Any]:
    if not bench.work.approve:
        return Command(goto="publisher", update=update)
    return Command(goto="human", update=update)


def _keep_only(bench: Bench, name: str) -> None:
    """Builds that were not good enough make room."""
    for folder in bench.work.folder.iterdir():
        if folder.is_dir() and folder.name.isdecimal() and folder.name != name:
            shutil.rmtree(folder, ignore_errors=True)


def told(findings: list[Finding], bench: Bench) -> list[dict[str, Any]]:
    """Findings as a failure carries them."""
    return [{**one.model_dump(mode="json"), "text": one.say(bench.work.locale)} for one in findings[:20]]


def accounts(bench: Bench) -> Update:
    ledger = bench.ledger
    return {"tokens": ledger.tokens, "gave_up": ledger.gave_up, "warnings": list(ledger.warnings)}


def brief_of(bench: Bench) -> Brief:
    assert bench.work.brief is not None, "a site is made of a brief"
    return bench.work.brief


def spec_of(state: State) -> SiteSpec:
    return SiteSpec.model_validate(state["spec"])


def fixes_of(state: State) -> list[Fix]:
    return [Fix.model_validate(fix) for fix in state.get("fixes") or []]


def _data(model: Any) -> dict[str, Any]:
    data: dict[str, Any] = model.model_dump(mode="json")
    return data
