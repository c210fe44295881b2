"""Ten ads and five pieces of light work asked for at once: one lane for all of them against the product's two.

API, worker, PostgreSQL, lanes and the order of the GPU's leases are the product's own, what is computed is simulated
(``bench/stress/engine.py``). For the single lane the API alone is started differently (``single.py``).
"""

from __future__ import annotations

import json
import os
import sys
from argparse import Namespace
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bench.measure import Measure, median, percentile
from bench.stress import allow_test_support
from bench.stress.mix import HEAVY, Wish
from bench.stress.pace import Pace

if TYPE_CHECKING:
    from bench.stress.house import House

PACE: Final = Pace(step=0.4, steps=4, answer=0.8)
"""About half as long as on an L4, by ``gpu/cards.toml``: an answer takes as long as two denoising steps."""
HEAVY_JOBS: Final = 10
LIGHT_KINDS: Final = ("analyze", "clip_score", "cutout", "analyze", "clip_score")
SLACK: Final = 1.3
"""Light work may take this many times as long as on an idle server, and one denoising step."""
SINGLE: Final = (sys.executable, "-m", "bench.lanes.single")
ABOUT: Final = (
    "Simulated card, models and pictures: a denoising step is a pause of 0.4 s, an answer one of 0.8 s. API, worker, "
    "queue, PostgreSQL, lanes and the order of the leases are the product's own. Seconds since the jobs were asked for."
)
ORDER: Final = tuple(Wish(number, "ad", 0) for number in range(1, HEAVY_JOBS + 1)) + tuple(
    Wish(number, kind, 0) for number, kind in enumerate(LIGHT_KINDS, HEAVY_JOBS + 1)
)
"""Ads first: so light work has to overtake."""


def measure_lanes(options: Namespace) -> list[Measure]:
    """Nothing where PostgreSQL is not installed, which is said."""
    try:
        found = compare_lanes(idle_rounds=1 if options.quick else 3)
    except RuntimeError as error:
        sys.stdout.write(f"  {error}: not measured\n")
        return []
    _print(found)
    _write(found, options.out / ("lanes-partial.json" if options.quick else "lanes.json"))
    two, single = found["runs"]["two_lanes"], found["runs"]["single_lane"]
    title = f"Light work among {HEAVY_JOBS} ads, p95 (simulated)"
    detail = {"single_lane": single["light_p95"], "idle": found["idle"]["light_p95"]}
    return [Measure("lanes_light_p95", title, two["light_p95"], "s", found["limit_seconds"], detail=detail)]


def compare_lanes(idle_rounds: int) -> dict[str, Any]:
    """Raises RuntimeError where PostgreSQL is not installed."""
    allow_test_support()
    from bench.stress.house import running_house

    light = [wish for wish in ORDER if wish.kind not in HEAVY]
    with running_house(1, PACE) as house:
        asked(house, [ORDER[0], *light])  # the models are read
        idle = [job for _ in range(idle_rounds) for job in asked(house, light)]
        two = asked(house, ORDER)
    with running_house(1, PACE, SINGLE) as house:
        asked(house, [ORDER[0], *light])
        single = asked(house, ORDER)
    waited = [job["finished"] - job["submitted"] for job in idle]
    p95 = percentile(waited, 0.95)
    return {
        "step_seconds": PACE.step,
        "heavy_steps": 2 * PACE.steps,
        "idle": {"light_seconds": [round(seconds, 3) for seconds in waited], "light_p95": round(p95, 3)},
        "limit_seconds": round(SLACK * p95 + PACE.step, 3),
        "runs": {"single_lane": figures(single), "two_lanes": figures(two)},
    }


def asked(house: House, wishes: Sequence[Wish]) -> list[dict[str, Any]]:
    """All of them at once, and when each was asked for, begun and done, in seconds since the first was."""
    http = house.server.http
    with ThreadPoolExecutor(len(wishes)) as pool:
        bodies = [wish.body() | _anew(wish) for wish in wishes]
        answers = list(pool.map(lambda wish, body: http.post(wish.path, json=body), wishes, bodies))
    ids = [answer.raise_for_status().json()["job_id"] for answer in answers]
    views = [house.jobs.wait(job_id, 600) for job_id in ids]
    if failed := [view.error for view in views if view.status != "completed"]:
        raise RuntimeError(f"jobs that did not end well: {failed}")
    first = min(view.created for view in views)
    return [
        {
            "n": wish.number,
            "kind": wish.kind,
            "lane": "heavy" if wish.kind in HEAVY else "light",
            "submitted": round(view.created - first, 3),
            "started": round((view.started or view.created) - first, 3),
            "finished": round((view.finished or view.created) - first, 3),
        }
        for wish, view in zip(wishes, views, strict=True)
    ]


def _anew(wish: Wish) -> dict[str, Any]:
    """An ad of its own each time it is asked for."""
    return {"idempotency_key": os.urandom(8).hex()} if wish.kind in HEAVY else {}


def figures(jobs: list[dict[str, Any]]) -> dict[str, Any]:
    """The run's record: its jobs, and by lane how long they took from asking to done."""
    found: dict[str, Any] = {"jobs": jobs, "seconds": max(job["finished"] for job in jobs)}
    for lane in ("light", "heavy"):
        took = [job["finished"] - job["submitted"] for job in jobs if job["lane"] == lane]
        found |= {f"{lane}_p50": round(median(took), 3), f"{lane}_p95": round(percentile(took, 0.95), 3)}
    return found


def _print(found: Mapping[str, Any]) -> None:
    sys.stdout.write(f"  {'':12}{'light p50':>11}{'light p95':>11}{'heavy p50':>11}{'heavy p95':>11}{'all done':>11}\n")
    for name, run in found["runs"].items():
        row = [run[key] for key in ("light_p50", "light_p95", "heavy_p50", "heavy_p95", "seconds")]
        sys.stdout.write(f"  {name:12}{''.join(f'{figure:9.1f} s' for figure in row)}\n")
    idle = found["idle"]["light_p95"]
    sys.stdout.write(f"  light p95 on an idle server {idle:.1f} s, allowed among ads {found['limit_seconds']:.1f} s\n")


def _write(found: Mapping[str, Any], file: Path) -> None:
    from bench.lanes.chart import draw_lanes

    taken = datetime.now(UTC).isoformat(timespec="seconds")
    head = {"about": ABOUT, "simulated": True, "taken": taken, "cores": os.cpu_count()}
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(head | dict(found), indent=1, ensure_ascii=False) + "\n", "utf-8")
    draw_lanes(found, file.with_suffix(".svg"))
    sys.stdout.write(f"  {file}\n  {file.with_suffix('.svg')}\n")
