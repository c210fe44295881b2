"""Workers that die, freeze, are told to go, or keep dying: the job goes on, each finished step done once."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from dbos import DBOS
from dbos._queue import queue_worker_thread

from nanococoa_aiserver.jobs.names import AD_STEPS
from nanococoa_aiserver.jobs.supervisor import supervise, worker_command
from nanococoa_aiserver.jobs.workflow import MAX_RECOVERIES
from support.house import WORKER, House
from support.waiting import until

STEPS = list(AD_STEPS)
AT_DESIGN = STEPS.index("design")
TAKEOVER_SECONDS = 6.0


@pytest.mark.parametrize("step", STEPS)
def test_a_worker_killed_in_any_step_is_replaced_and_only_that_step_is_repeated(sqlite_house: House, step: str) -> None:
    killed = sqlite_house.start_worker()
    job_id = sqlite_house.ad(hold=step)
    sqlite_house.until_step(job_id, step)
    killed.kill()
    following = sqlite_house.start_worker()
    assert sqlite_house.until_status(job_id, "completed").error is None
    begun = STEPS.index(step)
    assert sqlite_house.starts(job_id) == [*STEPS[: begun + 1], *STEPS[begun:]]
    assert set(sqlite_house.starters(job_id)[begun + 1 :]) == {following.pid}


@pytest.mark.alone
def test_another_worker_takes_over_from_one_that_was_killed(house: House) -> None:
    step = "render"
    first = house.start_worker()
    job_id = house.ad(hold=step)
    house.until_step(job_id, step)
    second = house.start_worker()
    first.kill()
    until(lambda: house.starters(job_id)[-1] == second.pid, TAKEOVER_SECONDS)
    house.until_status(job_id, "completed")
    assert house.starts(job_id).count(step) == 2
    assert all(house.starts(job_id).count(name) == 1 for name in STEPS if name != step)


@pytest.mark.alone
def test_a_frozen_worker_loses_its_job_and_spoils_nothing_when_it_wakes(house: House) -> None:
    frozen = house.start_worker()
    job_id = house.ad(hold="background", seconds={"design": 1.0})
    house.until_step(job_id, "background")
    other = house.start_worker()
    until(lambda: len(house.service.stats().workers) == 2)
    frozen.send(signal.SIGSTOP)
    until(lambda: house.starters(job_id)[-1] == other.pid, 2 * TAKEOVER_SECONDS)
    frozen.send(signal.SIGCONT)
    view = house.until_status(job_id, "completed")
    assert view.worker is not None
    assert f"-{other.pid}-" in view.worker
    assert house.starts(job_id) == [*STEPS[:2], *STEPS[1:]]
    until(lambda: house.service.status(job_id).attempts == 1)  # nobody died, so one start counts
    until(lambda: {worker.pid for worker in house.service.stats().workers} == {frozen.pid, other.pid})
    both = [house.ad(hold="segment"), house.ad(hold="segment")]
    for job_id in both:
        house.until_step(job_id, "segment")


def test_two_workers_run_two_ads_at_the_same_time(house: House) -> None:
    workers = {house.start_worker().pid, house.start_worker().pid}
    ads = [house.ad(hold="segment"), house.ad(hold="segment")]
    for job_id in ads:
        house.until_step(job_id, "segment")
    assert {house.starters(job_id)[0] for job_id in ads} == workers
    waiting = house.ad()
    assert house.service.status(waiting).queue_position == 1


def test_a_worker_told_to_go_finishes_its_job_first(sqlite_house: House) -> None:
    worker = sqlite_house.start_worker()
    job_id, following = sqlite_house.ad(seconds={"background": 1.0}), sqlite_house.ad()
    sqlite_house.until_step(job_id, "background")
    worker.send(signal.SIGTERM)
    assert worker.process.wait(60) == 0
    assert sqlite_house.service.status(job_id).status == "completed"
    assert sqlite_house.service.status(following).status == "pending"


def test_a_worker_told_to_go_hands_over_a_job_that_takes_too_long(sqlite_house: House) -> None:
    worker = sqlite_house.start_worker()
    job_id = sqlite_house.ad(hold="background")
    sqlite_house.until_step(job_id, "background")
    other = sqlite_house.start_worker()
    worker.send(signal.SIGTERM)
    assert worker.process.wait(60) == 0
    until(lambda: sqlite_house.starters(job_id)[-1] == other.pid)
    assert sqlite_house.until_status(job_id, "completed").error is None


def test_a_job_that_kills_its_workers_is_given_up(sqlite_house: House) -> None:
    job_id = sqlite_house.ad(fail={"composite": "poison"})
    for _ in range(MAX_RECOVERIES + 1):
        sqlite_house.start_worker(wait=False).process.wait(60)
    sqlite_house.start_worker()
    failed = sqlite_house.until_status(job_id, "failed")
    assert failed.error is not None
    assert (failed.error.code, failed.error.key) == ("INTERNAL_ERROR", "job_poisoned")
    assert sqlite_house.starts(job_id).count("composite") == MAX_RECOVERIES + 1
    assert sqlite_house.service.events(0, job_id)[-1].kind == "failed"
    assert sqlite_house.until_status(sqlite_house.ad(), "completed").error is None


def test_the_supervisor_replaces_a_killed_worker_and_the_job_goes_on(
    sqlite_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOURNAL", str(sqlite_house.journal))
    with supervise(sqlite_house.settings, 1, WORKER):
        job_id = sqlite_house.ad(hold="design")
        sqlite_house.until_step(job_id, "design")
        psutil.Process(sqlite_house.starters(job_id)[0]).kill()
        assert sqlite_house.until_status(job_id, "completed").error is None
        assert sqlite_house.starts(job_id) == [*STEPS[: AT_DESIGN + 1], *STEPS[AT_DESIGN:]]
        last = sqlite_house.starters(job_id)[-1]
    assert not psutil.pid_exists(last)


def test_workers_end_when_their_supervisor_is_killed(sqlite_house: House) -> None:
    parent = subprocess.Popen([sys.executable, "-c", SUPERVISOR, *WORKER], env=sqlite_house.environment())
    try:
        job_id = sqlite_house.ad(hold="segment")
        sqlite_house.until_step(job_id, "segment")
        worker = psutil.Process(sqlite_house.starters(job_id)[0])
        sqlite_house.service.stop(job_id)
    finally:
        parent.kill()
        parent.wait(60)
    worker.wait(60)


def test_ps_shows_workers_by_their_name() -> None:
    assert " ".join(worker_command()).endswith("nanococoa worker")
    assert Path(worker_command()[1]).exists()


def test_the_private_names_of_dbos_are_those_this_was_written_for() -> None:
    assert queue_worker_thread.__code__.co_varnames[:3] == ("stop_event", "dbos", "queue")
    assert DBOS._recover_pending_workflows.__code__.co_varnames[:2] == ("cls", "executor_ids")


SUPERVISOR = """
import sys
from threading import Event
from nanococoa_aiserver.jobs.supervisor import supervise
from nanococoa_aiserver.settings import load_settings
with supervise(load_settings(), 1, sys.argv[1:]):
    Event().wait()
"""
