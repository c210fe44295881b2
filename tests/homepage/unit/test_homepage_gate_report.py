"""What the gate tells, in words for people and as it is kept."""

from __future__ import annotations

import pytest

from homepage_generator.gate import Finding, Report
from homepage_generator.gate.report import COPY, LOOK
from homepage_generator.messages import LOCALES, catalogue
from support.homepages_defects import DEFECTS

CHECKS = sorted({defect.check for defect in DEFECTS.values()} | {"axe"})


@pytest.mark.parametrize("check", CHECKS)
def test_each_problem_has_a_sentence_that_shows_the_evidence(check: str) -> None:
    finding = Finding(check=check, page="index.html", evidence="대봉감 <b>")
    assert all("대봉감 <b>" in finding.say(locale) for locale in LOCALES)


def test_every_sentence_of_the_catalogue_is_planted_as_a_defect() -> None:
    sentences = {key.removeprefix("gate.") for key in catalogue("ko") if key.startswith("gate.")}
    assert sentences == set(CHECKS)


def test_who_mends_is_known_of_problems_that_exist() -> None:
    assert set(CHECKS) >= COPY | LOOK
    assert not COPY & LOOK


def test_a_report_passes_only_without_findings_and_comes_back_as_it_was_kept() -> None:
    finding = Finding(check="contrast", page="index.html", width=360, section="hero", evidence="햇살")
    report = Report(findings=[finding], seconds=1.5, pages=["index.html"], widths=[360], weights={"index.html": 9})
    assert not report.passed
    assert Report().passed
    kept = report.to_json()
    assert kept.pop("passed") is False
    assert Report.model_validate(kept) == report
