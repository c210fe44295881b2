"""What the services tell is read as it is meant, and the owner hears the worst first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nanococoa_backend.messages import has
from nanococoa_backend.platform.tables import now
from nanococoa_backend.system.machine import NAMES, Answer, Lane, Machine, Name, Readings, read_metrics
from nanococoa_backend.system.summary import LITTLE_ROOM, summary_of

TEXT = """# HELP nanococoa_workers Workers that are alive
# TYPE nanococoa_workers gauge
nanococoa_workers 2.0
# TYPE nanococoa_queue_depth gauge
nanococoa_queue_depth{lane="heavy"} 3.0
nanococoa_queue_depth{lane="light"} 0.0
# TYPE nanococoa_jobs_running gauge
nanococoa_jobs_running{lane="heavy"} 1.0
# TYPE nanococoa_queue_wait_seconds gauge
nanococoa_queue_wait_seconds{lane="heavy"} 181.5
# TYPE nanococoa_jobs gauge
nanococoa_jobs{status="failed"} 4.0
# TYPE nanococoa_self_success_rate gauge
nanococoa_self_success_rate 0.9
# TYPE nanococoa_gpu_memory_bytes gauge
nanococoa_gpu_memory_bytes{kind="total",worker="w1"} 1000.0
nanococoa_gpu_memory_bytes{kind="free",worker="w1"} 250.0
# TYPE nanococoa_residency_bytes gauge
nanococoa_residency_bytes{component="flux \\"klein\\"",place="vram",worker="w1"} 500.0
nanococoa_residency_bytes{component="qwen",place="host",worker="w1"} 300.0
nanococoa_residency_bytes{component="other",place="vram",worker="w2"} 1.0
# TYPE nanococoa_oom_retries counter
nanococoa_oom_retries_total{rung="release",worker="w1"} 2.0
nanococoa_oom_retries_total{rung="tile",worker="w1"} 1.0
"""


def test_the_metrics_are_read_as_the_aiserver_writes_them() -> None:
    found = read_metrics(TEXT)
    assert found.workers == 2
    assert found.lanes == (Lane("heavy", 3, 1, 181.5), Lane("light", 0, 0, 0.0))
    assert (found.jobs, found.self_check, found.legible) == ({"failed": 4}, 0.9, None)
    (gpu,) = found.gpus
    assert (gpu.total, gpu.used) == (1000, 750)
    assert [(one.name, one.place) for one in gpu.components] == [('flux "klein"', "vram"), ("qwen", "host")]
    assert found.out_of_memory == 3


@pytest.mark.parametrize("text", ["", "# nothing\n"])
def test_an_aiserver_that_tells_nothing_is_unknown_not_dead(text: str) -> None:
    assert read_metrics(text) == Readings()


def test_a_page_in_place_of_metrics_is_refused() -> None:
    with pytest.raises(ValueError, match=r".*"):
        read_metrics("<html>a proxy's page</html>")


def well(**changes: object) -> Machine:
    answers = tuple(Answer(name, 20.0) for name in NAMES)
    return replace(Machine(now(), answers, "studio", readings=Readings(workers=1)), **changes)  # type: ignore[arg-type]


def without(*names: Name) -> Machine:
    return well(answers=tuple(Answer(name, None if name in names else 20.0) for name in NAMES))


def busy(seconds: float) -> Machine:
    return well(readings=Readings(workers=1, lanes=(Lane("heavy", 9, 1, seconds), Lane("light", 0, 0, 9999))))


@pytest.mark.parametrize(
    ("machine", "key", "state"),
    [
        (Machine(), "looking", "ok"),
        (well(), "well", "ok"),
        (without("homepages"), "homepages", "slow"),
        (without("mcp"), "chat", "slow"),
        (without("mcp", "homepages"), "beside", "slow"),
        (without("aiserver", "homepages"), "aiserver", "down"),
        (without("store", "aiserver"), "store", "down"),
        (without("database", "store"), "database", "down"),
        (well(readings=Readings(workers=0)), "workers", "down"),
        (busy(181), "busy", "slow"),
        (busy(20), "well", "ok"),
        (well(answers=(Answer("aiserver", 3000.0),)), "slow", "slow"),
        (well(free=LITTLE_ROOM - 1), "room", "slow"),
    ],
)
def test_the_owner_hears_the_worst_first(machine: Machine, key: str, state: str) -> None:
    said = summary_of(machine)
    assert (said.key, said.state) == (key, state)
    assert has(f"system.say.{key}")
    assert has(f"system.means.{key}")


def test_one_missed_answer_is_no_outage_yet() -> None:
    assert Answer("mcp", None, was_well=True).state == "slow"
    assert Answer("mcp", None).state == "down"


def test_a_wait_is_told_in_full_minutes() -> None:
    assert summary_of(busy(181)).minutes == 4
