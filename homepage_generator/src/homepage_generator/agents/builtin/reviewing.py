"""What the gate found, as work: copy that does not fit is shortened, a look that does not work is changed."""

from __future__ import annotations

from collections.abc import Sequence

from homepage_generator.agents.port import RESTYLE, SHORTEN, Finding, Fix
from homepage_generator.spec.site import SiteSpec


def review(spec: SiteSpec, findings: Sequence[Finding]) -> list[Fix]:
    """One fix for each section and remedy. What neither mends is left to whoever runs the rounds."""
    known = {section.id for _, section in spec.sections()}
    fixes: dict[tuple[str, str], Fix] = {}
    for finding in findings:
        section = finding.section if finding.section in known else ""
        remedy = {"copy": SHORTEN, "look": RESTYLE}.get(finding.cause)
        if remedy is not None:
            fixes.setdefault((section or "", remedy), _fix(section or "", finding, remedy))
    return list(fixes.values())


def _fix(section: str, finding: Finding, remedy: str) -> Fix:
    return Fix(section=section, problem=f"{finding.problem_key}: {finding.evidence}"[:300], fix=remedy)
