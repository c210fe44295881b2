"""What lay on the card while memory ran out, and every rung of the ladder that was climbed."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from typing import Any, Final

from bench.report.page import Page
from bench.report.style import Theme

WINDOW: Final = 120.0
"""Seconds that are shown: those with the most rungs, since a whole run of half an hour would be one grey band."""
RUNGS: Final = {"flush": "o", "evict_idle": "s", "tiled": "^", "tiled_halved": "D", "fail": "X"}


def write_memory(page: Page, data: dict[str, Any]) -> None:
    ladder = data.get("ladder", [])
    climbed = Counter(step["rung"] for step in ladder)
    start = _busiest([step["at"] for step in ladder]) if ladder else 0.0
    page.chart(
        "vram",
        "Graphics memory in use over two minutes, by worker, with the ladder's rungs marked",
        3.2,
        lambda figure, theme: _draw(figure, theme, data["vram"], ladder, start),
    )
    page.say(
        f"The two minutes from {start:.0f} s on, the ones with the most rungs. In the whole run the ladder was climbed "
        f"{climbed['flush']} times."
    )
    page.table(("rung", "times"), [(rung, str(climbed[rung])) for rung in RUNGS if climbed[rung]])


def _busiest(moments: list[float]) -> float:
    """The start of the window in which most of ``moments`` lie; a little before its first."""
    ordered = sorted(moments)
    counts = {at: bisect_left(ordered, at + WINDOW) - place for place, at in enumerate(ordered)}
    return max(0.0, max(counts, key=lambda at: (counts[at], -at)) - WINDOW / 20)


def _draw(figure: Any, theme: Theme, vram: list[dict[str, Any]], ladder: list[dict[str, Any]], start: float) -> None:
    axes = figure.add_subplot()
    samples = [one for one in sorted(vram, key=lambda one: one["at"]) if start <= one["at"] < start + WINDOW]
    largest = max((one["total_mb"] for one in samples), default=0.0)
    unit, scale = ("GiB", 1024) if largest >= 1024 else ("MiB", 1)
    by_worker = defaultdict(list)
    for sample in samples:
        by_worker[sample["worker"]].append(sample)
    for number, (worker, seen) in enumerate(by_worker.items()):
        hue, dash = theme.hues[number % len(theme.hues)], ("-", "--", "-.", ":")[number % 4]
        at, used = [one["at"] - start for one in seen], [one["allocated_mb"] / scale for one in seen]
        axes.step(at, used, dash, where="post", color=hue, linewidth=1.3)
        _mark(axes, theme, [one for one in ladder if one["worker"] == worker], list(zip(at, used, strict=True)), start)
    total = largest / scale
    if total:
        axes.axhline(total, color=theme.ink, linewidth=1, linestyle=(0, (4, 3)))
        above = {"xytext": (0, 3), "textcoords": "offset points", "ha": "right"}
        axes.annotate(f"the card's {total:.3g} {unit}", (WINDOW, total), color=theme.ink, **above)
    axes.set(xlabel="seconds", ylabel=f"{unit} in use", xlim=(0, WINDOW), ylim=(0, 1.16 * total or None))
    axes.grid(axis="y")
    climbed = [one["rung"] for one in ladder if start <= one["at"] < start + WINDOW]
    for rung in RUNGS:
        if rung in climbed:
            axes.scatter([], [], **_sign(theme, rung), label=rung.replace("_", " "))
    figure.legend(loc="outside upper left", ncols=4, columnspacing=1.0, handletextpad=0.2)


def _mark(axes: Any, theme: Theme, steps: list[dict[str, Any]], line: list[tuple[float, float]], start: float) -> None:
    """Each rung on its worker's line."""
    for step in steps:
        at = step["at"] - start
        if not 0 <= at < WINDOW:
            continue
        used = next((value for moment, value in reversed(line) if moment <= at), line[0][1])
        axes.scatter([at], [used], **_sign(theme, step["rung"]), zorder=4)


def _sign(theme: Theme, rung: str) -> dict[str, Any]:
    """How a rung is marked: shapes differ, since all of them alarm."""
    return {"s": 34, "facecolor": theme.alarm, "edgecolor": theme.paper, "marker": RUNGS.get(rung, "o")}
