"""What a stress run's record calls lost, doubled, done again and grown."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace
from typing import Any

import pytest
from bench.stress.mix import SHARE_OUT_OF_MEMORY, Wish, mixed
from bench.stress.record import record


class Database:
    """What the house answers with: jobs by id, how often each ended, and the workers' journal."""

    def __init__(self, status: dict[str, str], ends: dict[str, int], journal: str = "") -> None:
        self._status, self._ends = status, ends
        self.jobs = self
        self.journal = SimpleNamespace(read_text=lambda _encoding: journal)

    def list_jobs(self, limit: int) -> Any:
        return SimpleNamespace(jobs=[_view(job_id, status) for job_id, status in self._status.items()][:limit])

    def ends(self) -> dict[str, int]:
        return self._ends


def _view(job_id: str, status: str) -> Any:
    return SimpleNamespace(id=job_id, status=status, created=1.0, started=2.0, finished=3.0, attempts=1)


def outcome(
    status: dict[str, str], ends: dict[str, int], ids: dict[int, str], journal: str = "", memory: Any = None
) -> dict[str, Any]:
    wishes = [Wish(number, "ad", 0) for number in ids]
    flat = [{"api_mb": 100.0, "worker_mb": 500.0}] * 6
    faults: Any = SimpleNamespace(now=lambda: 9.0, began=0.0, events=[], memory=memory or flat)
    house: Any = Database(status, ends, journal)
    found: dict[str, Any] = record(house, wishes, SimpleNamespace(ids=ids), faults)["outcome"]  # type: ignore[arg-type]
    return found


def test_every_job_done_once_is_neither_lost_nor_doubled() -> None:
    found = outcome({"a": "completed", "b": "completed"}, {"a": 1, "b": 1}, {0: "a", 1: "b"})
    assert (found["completed"], found["lost"], found["doubled"]) == (2, 0, 0)


def test_a_job_that_came_to_its_end_twice_is_doubled() -> None:
    assert outcome({"a": "completed"}, {"a": 2}, {0: "a"})["doubled"] == 1


def test_two_wishes_answered_with_one_job_are_no_two_jobs_done() -> None:
    assert outcome({"a": "completed"}, {"a": 1}, {0: "a", 1: "a"})["merged"] == 1


@pytest.mark.parametrize("status", [{}, {"a": "running"}, {"a": "pending"}])
def test_a_job_unknown_or_never_done_is_lost(status: dict[str, str]) -> None:
    assert outcome(status, {}, {0: "a"})["lost"] == 1


def test_a_job_no_client_was_told_of_must_end_too() -> None:
    found = outcome({"a": "completed", "b": "failed"}, {"a": 1}, {0: "a"})
    assert (found["unanswered"], found["lost"]) == (1, 1)


def test_a_step_done_at_two_workers_is_counted() -> None:
    line = '{"what": "step", "pid": 1, "at": 1.0, "job": "a", "step": "export"}\n'
    assert outcome({"a": "completed"}, {"a": 1}, {0: "a"}, 2 * line)["done_again"] == 1


def test_memory_that_grows_shows() -> None:
    rising = [{"api_mb": 100.0 + 10 * number, "worker_mb": 500.0} for number in range(12)]
    assert outcome({"a": "completed"}, {"a": 1}, {0: "a"}, memory=rising)["memory_growth"] == {
        "api": 64.0,
        "worker": 0.0,
    }


def test_a_tenth_of_the_jobs_runs_out_of_memory_and_the_mix_is_the_same_each_time() -> None:
    jobs = mixed(1_050)
    assert sum(job.refusals > 0 for job in jobs) == round(SHARE_OUT_OF_MEMORY * 1_050)
    assert set(Counter(job.refusals for job in jobs)) == {0, 1, 2, 3, 4}
    assert jobs == mixed(1_050)
