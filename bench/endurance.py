"""Many random ads one after the other: does memory grow, and is every one of them legible?"""

from __future__ import annotations

import contextlib
from argparse import Namespace
from typing import Any

import psutil

from bench.material import random_ads
from bench.measure import Measure, median
from bench.server import Server, running_server

LEGIBILITY_ADS = 100


def measure_endurance(options: Namespace) -> list[Measure]:
    ads = 12 if options.quick else 300
    with running_server() as server:
        rows = [_one(server, body) for body in random_ads(ads)]
    return [*_growth(rows), *_legibility(rows[:LEGIBILITY_ADS])]


def _one(server: Server, body: dict[str, Any]) -> dict[str, Any]:
    state = server.finish(server.submit(**body))
    return {"checks": state["checks"], "warnings": state["warnings"], "style": (state["layer"] or {}).get("style")} | {
        "api": server.process.memory_info().rss / 1e6,
        "worker": sum(worker.memory_info().rss for worker in server.workers()) / 1e6,
        "browser": sum(_browser_memory(worker) for worker in server.workers()) / 1e6,
    }


def _browser_memory(worker: psutil.Process) -> int:
    """Shared pages counted once; the browser may be replaced while we look."""
    total = 0
    for child in worker.children(recursive=True):
        with contextlib.suppress(psutil.Error):
            total += child.memory_full_info().pss
    return total


def _growth(rows: list[dict[str, Any]]) -> list[Measure]:
    """The last sixth against the second sixth (the first warms caches up), in per cent of the second."""
    sixth = max(1, len(rows) // 6)
    return [_grown(rows, part, sixth) for part in ("api", "worker")] + [
        Measure("browser_memory", "Browser, largest", max(row["browser"] for row in rows), "MB")
    ]


def _grown(rows: list[dict[str, Any]], part: str, sixth: int) -> Measure:
    early = median([row[part] for row in rows[sixth : 2 * sixth]])
    late = median([row[part] for row in rows[-sixth:]])
    detail = {"early_mb": early, "late_mb": late, "ads": len(rows)}
    title = f"Memory of the {part}: growth over {len(rows)} ads"
    return Measure(f"growth_{part}", title, max(0.0, 100 * (late / early - 1)), "%", 5, detail=detail)


def _legibility(rows: list[dict[str, Any]]) -> list[Measure]:
    checks = [row["checks"]["legibility"] for row in rows if row["checks"].get("legibility")]
    worst = sorted(check["worst_contrast"] for check in checks)[:10]
    detail = {"ads": len(rows), "measured": len(checks), "worst": worst}
    count = len(rows)
    return [
        Measure("illegible_glyphs", f"Glyphs under 4.5:1 (3:1 large) in {count} ads", _sum(checks, "failing"), "", 0),
        Measure("text_overlap", f"Text on the product, worst of {count} ads", _worst(checks, "overlap"), "share", 0),
        Measure("text_overflow", f"Texts out of their place in {count} ads", _sum(checks, "overflow"), "", 0),
        Measure("text_missing", f"Missing characters in {count} ads", _sum(checks, "missing"), "", 0),
        Measure("legible_ads", "Ads that passed the gate", _passed(checks, count), "share", 1, True, detail),
    ]


def _sum(checks: list[dict[str, Any]], key: str) -> float:
    return float(sum(check[key] for check in checks))


def _worst(checks: list[dict[str, Any]], key: str) -> float:
    return float(max((check[key] for check in checks), default=0.0))


def _passed(checks: list[dict[str, Any]], count: int) -> float:
    return sum(bool(check["passed"]) for check in checks) / count
