"""A CUDA error that poisons the context ends the worker, and the job goes on in a fresh one."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from nanococoa_aiserver.gpu.poison import EXIT_CODE
from nanococoa_aiserver.jobs.names import AD_STEPS
from nanococoa_aiserver.jobs.supervisor import supervise
from support.house import House

pytestmark = pytest.mark.diffusion

TESTS = Path(__file__).parents[1]
WORKER = [sys.executable, str(TESTS / "support" / "gpu_worker.py")]


def test_a_job_whose_gpu_failed_goes_on_at_its_step_in_a_fresh_worker(
    sqlite_house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("JOURNAL", str(sqlite_house.journal))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")]))
    with supervise(sqlite_house.settings, 1, WORKER):
        job_id = sqlite_house.ad()
        assert sqlite_house.until_status(job_id, "completed", 90).error is None
    steps = list(AD_STEPS)
    assert sqlite_house.starts(job_id) == [*steps[:2], *steps[1:]]
    assert len(set(sqlite_house.starters(job_id))) == 2
    assert f"a worker ended with {EXIT_CODE}" in caplog.text
