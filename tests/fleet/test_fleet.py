"""Four workers on four machines with one PostgreSQL and one S3 server between them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import groupby

import psycopg
import pytest

from nanococoa_aiserver.jobs.models import JobView
from nanococoa_aiserver.jobs.names import AD_STEPS
from support.fleet import Fleet, running_fleet
from support.waiting import until

pytestmark = [pytest.mark.alone, pytest.mark.postgres]

STEPS = list(AD_STEPS)
NAMES = ("one", "two", "three", "four")
GPU_STEPS = {"background": 2.0, "refine": 2.0}
TAKEOVER_SECONDS = 6.0


@pytest.fixture(scope="module")
def bare_fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    if os.geteuid() != 0:
        assert os.environ.get("CI") != "true", "only root may make networks"
        pytest.skip("only root may make networks")
    with running_fleet(tmp_path_factory.mktemp("fleet"), NAMES) as fleet:
        yield fleet


@pytest.fixture(scope="module")
def jobs_a_second(bare_fleet: Fleet) -> dict[int, float]:
    """By the number of machines: 1, then 4 of them; the four stay up."""
    bare_fleet.start(NAMES[:1])
    alone = _throughput(bare_fleet, 3)
    bare_fleet.start(NAMES[1:])
    return {1: alone, 4: _throughput(bare_fleet, 12)}


@pytest.fixture
def fleet(bare_fleet: Fleet, jobs_a_second: dict[int, float]) -> Fleet:
    """All four machines at work."""
    assert jobs_a_second
    return bare_fleet


def test_four_machines_do_the_work_of_almost_four(jobs_a_second: dict[int, float]) -> None:
    assert jobs_a_second[4] / jobs_a_second[1] >= 3.6


def test_pictures_made_elsewhere_are_in_the_store_everybody_has(fleet: Fleet) -> None:
    [made] = fleet.finished([fleet.house.ad(words="귤")])
    assert fleet.house.artifacts.get(made.outputs["square"]) == "귤 export ".encode()


def test_jobs_of_a_cut_off_machine_and_of_a_dead_one_go_on_elsewhere_in_seconds(fleet: Fleet) -> None:
    jobs = [fleet.house.ad(hold="background"), fleet.house.ad(hold="background")]
    for job_id in jobs:
        fleet.house.until_step(job_id, "background")
    cut_off, dead = (fleet.machines[fleet.hosts(job_id)[-1]] for job_id in jobs)
    cut_off.pull_cable()
    dead.lose_power()
    until(lambda: all(fleet.hosts(job_id)[-1] not in (cut_off.name, dead.name) for job_id in jobs), TAKEOVER_SECONDS)
    assert {view.status for view in fleet.finished(jobs)} == {"completed"}

    cut_off.plug_in()
    fleet.start([dead.name])
    until(lambda: len(_told_workers(fleet)) == len(NAMES))
    held = [fleet.house.ad(hold="segment") for _ in NAMES]
    until(lambda: {host for job_id in held for host in fleet.hosts(job_id)} == set(NAMES))
    for job_id in held:
        fleet.house.service.stop(job_id)
    for job_id in jobs:
        assert fleet.house.starts(job_id) == [*STEPS[:2], *STEPS[1:]]


def test_no_job_is_lost_or_done_twice_while_machines_come_and_go(fleet: Fleet) -> None:
    jobs = [fleet.house.ad(seconds={"background": 1.0}) for _ in range(16)]
    cut_off, dead = fleet.machines["one"], fleet.machines["two"]
    until(lambda: {cut_off.name, dead.name} <= {line["host"] for line in fleet.house.lines() if line["job"] in jobs})
    cut_off.pull_cable()
    dead.lose_power()
    fleet.start([dead.name])
    until(lambda: sum(view.status == "completed" for view in _views(fleet, jobs)) >= len(jobs) // 2)
    cut_off.plug_in()
    assert {view.status for view in fleet.finished(jobs)} == {"completed"}
    for job_id in jobs:
        begun = fleet.house.starts(job_id)
        assert [step for step, _ in groupby(begun)] == STEPS, "no step was done again that had been finished"
        assert len(begun) <= len(STEPS) + 1, "a job goes on elsewhere once"


def _told_workers(fleet: Fleet) -> list[str]:
    """Workers that live and say of themselves what they are."""
    with psycopg.connect(fleet.house.settings.database_url) as connection:
        return [row[0] for row in connection.execute("SELECT id FROM workers JOIN worker_states USING (id)")]


def _throughput(fleet: Fleet, number: int) -> float:
    """Jobs a second, from the first one's start to the last one's end."""
    views = fleet.finished([fleet.house.ad(seconds=GPU_STEPS) for _ in range(number)])
    ends, starts = [view.finished or 0.0 for view in views], [view.started or 0.0 for view in views]
    return number / (max(ends) - min(starts))


def _views(fleet: Fleet, jobs: Sequence[str]) -> list[JobView]:
    return [fleet.house.service.status(job_id) for job_id in jobs]
