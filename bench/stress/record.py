"""What a stress run comes to: every job, held against the database's log of ends and the workers' journal."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from bench.measure import median
from bench.stress.clients import Clients
from bench.stress.faults import Faults
from bench.stress.house import House
from bench.stress.mix import HEAVY, Wish
from nanococoa_aiserver.jobs.models import JobView

VRAM_SECONDS: Final = 1.0
"""A worker's memory is kept in the record this often at most, and at every rung."""


def record(house: House, wishes: Sequence[Wish], clients: Clients, faults: Faults) -> dict[str, Any]:
    seconds = faults.now()
    views = {view.id: view for view in house.jobs.list_jobs(limit=2 * len(wishes)).jobs}
    lines = [line | {"at": line["at"] - faults.began} for line in _journal(house)]
    ladder = [line for line in lines if line["what"] == "rung"]
    ends, rungs = house.ends(), _rungs(ladder)
    jobs = [
        _job(wish, views.get(clients.ids[wish.number]), ends, rungs.get(wish.number, []), faults.began)
        for wish in wishes
    ]
    return {
        "seconds": round(seconds, 1),
        "outcome": _outcome(jobs, views, ends, clients, ladder, faults)
        | {"done_again": _done_again(lines), "memory_growth": _growth(faults.memory)},
        "jobs": jobs,
        "events": sorted(faults.events, key=lambda event: float(event["at"])),
        "memory": faults.memory,
        "vram": _vram(lines),
        "ladder": [
            {"at": round(line["at"], 2), "worker": line["pid"], "n": line["number"], "rung": line["rung"]}
            for line in ladder
        ],
    }


def _journal(house: House) -> list[dict[str, Any]]:
    """A worker that was killed may have left its last line unfinished; only the last of the file can be that."""
    return [json.loads(line) for line in house.journal.read_text("utf-8").splitlines()]


def _rungs(ladder: Iterable[Mapping[str, Any]]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for line in ladder:
        found[line["number"]].append(line["rung"])
    return found


def _job(wish: Wish, view: JobView | None, ends: Mapping[str, int], rungs: list[str], began: float) -> dict[str, Any]:
    """A job the database does not know is lost."""
    known = {"n": wish.number, "kind": wish.kind, "injected": wish.refusals, "rungs": rungs}
    if view is None:
        return known | {"status": "lost", "ends": 0}
    return known | {
        "lane": "heavy" if wish.kind in HEAVY else "light",
        "submitted": round(view.created - began, 3),
        "started": view.started and round(view.started - began, 3),
        "finished": view.finished and round(view.finished - began, 3),
        "status": view.status,
        "attempts": view.attempts,
        "ends": ends.get(view.id, 0),
    }


def _outcome(
    jobs: Sequence[Mapping[str, Any]],
    views: Mapping[str, JobView],
    ends: Mapping[str, int],
    clients: Clients,
    ladder: Sequence[Mapping[str, Any]],
    faults: Faults,
) -> dict[str, Any]:
    """``unanswered`` jobs were accepted in the moment the database went, so that no client got to know of them; they
    must end like all others. ``merged`` are two wishes that were answered with one job."""
    status = Counter(job["status"] for job in jobs)
    told = set(clients.ids.values())
    unanswered = [view for view in views.values() if view.id not in told]
    happened = Counter(event["what"] for event in faults.events)
    return {
        "submitted": len(jobs),
        "completed": status["completed"],
        "failed": status["failed"] + status["stopped"],
        "lost": sum(job["status"] in ("lost", "pending", "running") for job in jobs)
        + sum(view.status != "completed" for view in unanswered),
        "doubled": sum(number > 1 for number in ends.values()),
        "merged": len(clients.ids) - len(told),
        "unanswered": len(unanswered),
        "kills": happened["kill"],
        "restarts": happened["restart"],
        "injected": sum(job["injected"] > 0 for job in jobs),
        "taken_over": sum(job.get("attempts", 1) > 1 for job in jobs),
        "rungs": dict(Counter(line["rung"] for line in ladder)),
    }


def _done_again(lines: Iterable[Mapping[str, Any]]) -> int:
    """Steps that were done a second time: their worker was killed between a step's end and its checkpoint."""
    done = Counter((line["job"], line["step"]) for line in lines if line["what"] == "step")
    return sum(number - 1 for number in done.values())


def _growth(samples: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """The last sixth against the second sixth (the first warms caches up), in per cent."""
    sixth = max(1, len(samples) // 6)
    return {part: _grown([sample[f"{part}_mb"] for sample in samples], sixth) for part in ("api", "worker")}


def _grown(values: Sequence[float], sixth: int) -> float:
    return round(100 * (median(values[-sixth:]) / median(values[sixth : 2 * sixth] or values) - 1), 1)


def _vram(lines: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    kept, last = [], defaultdict[int, float](lambda: float("-inf"))
    for line in lines:
        if "allocated" in line and (line["what"] == "rung" or line["at"] - last[line["pid"]] >= VRAM_SECONDS):
            last[line["pid"]] = line["at"]
            sizes = {f"{name}_mb": round(line[name] / 2**20, 2) for name in ("allocated", "total")}
            kept.append({"at": round(line["at"], 2), "worker": line["pid"]} | sizes)
    return kept
