"""Where a version goes after it was looked at. Pure functions of what was found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, TypeAlias

from homepage_generator.agents.port import DROP, RESTYLE, SHORTEN, Finding, Fix
from homepage_generator.graph.state import Attempt
from homepage_generator.spec.site import SiteSpec

ROUNDS: Final = 3
"""Versions that are tried before the best is taken, or the work given up."""

Goes: TypeAlias = Literal["designer", "developer", "editor", "human", "publisher"]


def passed(attempt: Attempt | None) -> bool:
    return attempt is not None and not attempt["report"]["findings"]


def better(best: Attempt | None, now: Attempt) -> Attempt:
    """The one with fewer findings; of equals the newer."""
    if best is None or len(now["report"]["findings"]) <= len(best["report"]["findings"]):
        return now
    return best


def mender(fixes: Sequence[Fix]) -> Literal["designer", "developer"]:
    """Layout and contrast are the designer's, and whoever follows builds on it; words the developer's."""
    return "designer" if any(fix.fix == RESTYLE for fix in fixes) else "developer"


def last_resort(spec: SiteSpec, findings: Sequence[Finding]) -> list[Fix]:
    """For the last round: what could not be mended goes. Hero and footer stay, with less to say and another look."""
    stays = {section.id for _, section in spec.sections() if section.kind in ("hero", "footer")}
    fixes: list[Fix] = []
    for finding in findings:
        section, problem = finding.section or "", finding.problem_key[:300]
        ways = (DROP,) if section and section not in stays else (SHORTEN, RESTYLE) if section else (RESTYLE,)
        fixes += [Fix(section=section, problem=problem, fix=way) for way in ways]
    return _once(fixes)


def _once(fixes: Sequence[Fix]) -> list[Fix]:
    """One of each way for each section."""
    return list({(fix.section, fix.fix): fix for fix in reversed(fixes)}.values())[::-1]
