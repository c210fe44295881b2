"""A tenth of ``make stress`` on every change: memory runs out, workers are killed, the database restarts."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

import pytest
from bench.measure import Measure
from bench.stress import QUICK_JOBS, measures_of, run_stress

pytestmark = [pytest.mark.postgres, pytest.mark.slow, pytest.mark.alone]


@pytest.mark.timeout(1200)
@pytest.mark.skipif(find_spec("torch") is None and not os.environ.get("CI"), reason="torch: scripts/setup --tests")
def test_every_job_is_done_once_while_workers_and_the_database_fail(postgres_binaries: Path) -> None:
    """Whether memory is flat is for the long run to say: here the worker's caches are still filling."""
    found = run_stress(QUICK_JOBS, workers=2, kill_seconds=15, restarts=1)
    outcome = found["outcome"]
    assert outcome["kills"] >= 1
    assert outcome["restarts"] == 1
    assert outcome["injected"] == round(QUICK_JOBS / 10)
    assert [job for job in found["jobs"] if (job["status"], job["ends"]) != ("completed", 1)] == []
    assert [job for job in found["jobs"] if len(job["rungs"]) < job["injected"]] == []
    assert [one.title for one in _of_jobs(measures_of(outcome)) if not one.holds] == []


def _of_jobs(measures: list[Measure]) -> list[Measure]:
    return [measure for measure in measures if measure.unit != "%"]
