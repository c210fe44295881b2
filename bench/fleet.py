"""A fleet on this machine: how work scales with machines, how fast it moves on, and what a job costs PostgreSQL.

The machines have networks and process numbers of their own (``tests/support/machines.py``), so this wants root. A GPU's
steps are simulated by waiting; jobs, checkpoints, files and heartbeats are the product's own. PostgreSQL waits for the
disk at each commit.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import psutil
import psycopg

from bench.measure import Measure
from bench.server import CHECKOUT

if TYPE_CHECKING:
    from support.fleet import Fleet

NAMES: Final = ("one", "two", "three", "four")
GPU_STEPS: Final = {"background": 2.0, "refine": 2.0}
"""Seconds, simulated: a heavy job has two steps that paint."""
LIMITS: Final = {"speedup": 3.6, "takeover_seconds": 6.0}


def measure_fleet(options: Namespace) -> list[Measure]:
    """Writes ``fleet.json`` and ``fleet.svg``; its numbers belong to a fleet, not beside this machine's."""
    if os.geteuid() != 0:
        sys.stdout.write("  networks can be made by root only: not measured\n")
        return []
    report = _report(quick=options.quick)
    name = "fleet-quick" if options.quick else "fleet"
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / f"{name}.json").write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    _draw(report, options.out / f"{name}.svg")
    sys.stdout.write(json.dumps(report, indent=1) + "\n")
    return []


def _report(*, quick: bool) -> dict[str, Any]:
    with _fleet() as fleet:
        speed: dict[str, float] = {}
        started = 0
        for machines in (1, 2, 4):
            fleet.start(NAMES[started:machines])
            started = machines
            speed[str(machines)] = _throughput(fleet, machines * (1 if quick else 4), GPU_STEPS)
        database = _database(fleet, jobs=20 if quick else 80, rest=5 if quick else 30)
        takeovers = [_takeover(fleet, cut) for _ in range(1 if quick else 3) for cut in (True, False)]
    return {
        "about": "Workers in network and PID namespaces of one machine, PostgreSQL with fsync, moto as the S3 server.",
        "simulated": "GPU steps only: each is waited for",
        "taken": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "gpu_seconds_a_job": sum(GPU_STEPS.values()),
        "jobs_a_second": speed,
        "speedup": speed["4"] / speed["1"],
        "takeover_seconds": {
            "cut off": [seconds for cut, seconds in takeovers if cut],
            "killed": [seconds for cut, seconds in takeovers if not cut],
        },
        "limits": LIMITS,
        "database": database,
    }


@contextmanager
def _fleet() -> Iterator[Fleet]:
    sys.path.append(str(CHECKOUT / "tests"))  # they know how to start PostgreSQL, an S3 server and machines
    from support.fleet import running_fleet
    from support.postgres import DURABLE

    with (
        tempfile.TemporaryDirectory(prefix="nanococoa-bench-") as folder,
        running_fleet(Path(folder), NAMES, DURABLE) as fleet,
    ):
        yield fleet


def _throughput(fleet: Fleet, jobs: int, seconds: dict[str, float]) -> float:
    """Jobs a second from the first one's start to the last one's end."""
    views = fleet.finished([fleet.house.ad(seconds=seconds) for _ in range(jobs)], 600)
    assert {view.status for view in views} == {"completed"}
    return jobs / (max(view.finished or 0 for view in views) - min(view.started or 0 for view in views))


def _takeover(fleet: Fleet, cut_off: bool) -> tuple[bool, float]:
    """Seconds from the loss of a machine until its job's step begins elsewhere; the machine is back afterwards."""
    job_id = fleet.house.ad(hold="background")
    fleet.house.until_step(job_id, "background")
    machine = fleet.machines[fleet.hosts(job_id)[-1]]
    lost = time.time()
    machine.pull_cable() if cut_off else machine.lose_power()
    [view] = fleet.finished([job_id])
    assert view.status == "completed"
    again = [line for line in fleet.house.lines() if (line["job"], line["step"]) == (job_id, "background")]
    assert len(again) == 2
    assert again[1]["host"] != machine.name
    machine.plug_in() if cut_off else fleet.start([machine.name])
    _until(lambda: len(fleet.house.service.stats().workers) == len(NAMES))
    return cut_off, again[1]["at"] - lost


def _database(fleet: Fleet, jobs: int, rest: float) -> dict[str, float]:
    """What empty jobs (nine steps that do nothing, one small file each) and resting workers cost PostgreSQL."""
    before, began = _spent(fleet), time.perf_counter()
    time.sleep(rest)
    idle = _spent(fleet)
    idle_seconds = time.perf_counter() - began
    rate = _throughput(fleet, jobs, {})
    after = _spent(fleet)
    busy_seconds = jobs / rate
    resting = {name: (idle[name] - before[name]) / idle_seconds for name in before}
    a_job = {name: (after[name] - idle[name] - busy_seconds * resting[name]) / jobs for name in before}
    return {
        "jobs": jobs,
        "workers": len(NAMES),
        "jobs_a_second_here": rate,
        "cpu_seconds_a_job": a_job["cpu"],
        "wal_kilobytes_a_job": a_job["wal"] / 1000,
        "transactions_a_job": a_job["transactions"],
        "cpu_share_a_resting_worker": resting["cpu"] / len(NAMES),
        "transactions_a_second_a_resting_worker": resting["transactions"] / len(NAMES),
    }


def _spent(fleet: Fleet) -> dict[str, float]:
    """CPU seconds of all of PostgreSQL's processes, bytes written to the log, transactions: since its start."""
    pid = int((fleet.postgres.folder / "data" / "postmaster.pid").read_text().split()[0])
    server = psutil.Process(pid)
    times = [process.cpu_times() for process in [server, *server.children(recursive=True)]]
    cpu = sum(one.user + one.system for one in times) + times[0].children_user + times[0].children_system
    with psycopg.connect(fleet.postgres.url()) as connection:
        row = connection.execute(
            "SELECT pg_current_wal_lsn() - '0/0'::pg_lsn, sum(xact_commit + xact_rollback) FROM pg_stat_database"
        ).fetchone()
    assert row is not None
    return {"cpu": cpu, "wal": float(row[0]), "transactions": float(row[1])}


def _until(ask: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not ask():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _draw(report: dict[str, Any], path: Path) -> None:
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
    machines = [int(number) for number in report["jobs_a_second"]]
    speeds = list(report["jobs_a_second"].values())
    left.plot(machines, [speeds[0] * number for number in machines], "--", color="#999999", label="perfect")
    left.plot(machines, speeds, "o-", color="#3f7d58", label="measured")
    left.set(xlabel="machines", ylabel="jobs a second", xticks=machines, ylim=(0, None))
    left.set_title(
        f"{sum(GPU_STEPS.values()):.0f} s of simulated GPU work a job: × {report['speedup']:.2f}", fontsize=10
    )
    left.legend(frameon=False)
    _dots(right, report["takeover_seconds"])
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def _dots(axes: Any, takeovers: dict[str, Sequence[float]]) -> None:
    for number, seconds in enumerate(takeovers.values()):
        axes.plot(seconds, [number] * len(seconds), "o", color="#3f7d58", alpha=0.7)
    axes.axvline(LIMITS["takeover_seconds"], color="#333333", linewidth=1)
    axes.set(
        xlim=(0, 7), ylim=(-0.6, len(takeovers) - 0.4), xlabel="seconds until the step begins elsewhere (limit: 6)"
    )
    axes.set_yticks(range(len(takeovers)), [f"machine {name}" for name in takeovers])
    axes.set_title("A machine is lost", fontsize=10)
