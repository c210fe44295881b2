"""Where a version goes after it was looked at."""

from __future__ import annotations

from homepage_generator.agents.port import DROP, RESTYLE, SHORTEN, Fix
from homepage_generator.gate import Finding
from homepage_generator.graph.routing import better, last_resort, mender, passed
from homepage_generator.graph.state import Attempt
from support.homepages_maker import spec


def attempt(folder: str, findings: int) -> Attempt:
    return Attempt(spec={}, report={"findings": [{}] * findings}, folder=folder)


def finding(section: str | None) -> Finding:
    return Finding(check="overflow", page="index.html", width=320, section=section)


def test_the_version_with_the_fewest_findings_is_kept_and_of_equals_the_newer() -> None:
    assert better(None, attempt("1", 9))["folder"] == "1"
    assert better(attempt("1", 2), attempt("2", 3))["folder"] == "1"
    assert better(attempt("1", 2), attempt("2", 2))["folder"] == "2"
    assert passed(attempt("1", 0))
    assert not passed(None)


def test_a_look_goes_to_the_designer_and_words_to_the_developer() -> None:
    words, look = Fix(section="a", problem="p", fix=SHORTEN), Fix(section="b", problem="p", fix=RESTYLE)
    assert mender([words]) == mender([words.model_copy(update={"fix": "더 또렷하게"})]) == "developer"
    assert mender([words, look]) == "designer"


def test_in_the_last_round_a_section_goes_and_a_hero_gets_shorter_and_another_look() -> None:
    fixes = last_resort(spec(), [finding("other"), finding("other"), finding("hero"), finding("footer"), finding(None)])
    assert [(fix.section, fix.fix) for fix in fixes] == [
        ("other", DROP), ("hero", SHORTEN), ("hero", RESTYLE), ("footer", SHORTEN), ("footer", RESTYLE), ("", RESTYLE)
    ]  # fmt: skip
