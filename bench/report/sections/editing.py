"""One model that edits against three in a row, and the benchmark set of edits and questions."""

from __future__ import annotations

import math
from typing import Any, Final

from bench.compare_edit.result import AXES, Result, shares
from bench.report.page import Page
from bench.report.provenance import mark
from bench.report.style import Theme

MARKS: Final = ("o", "s", "^")
TASKS: Final = {"easy": "easy edit", "stylise": "stylisation", "question": "question", "look": "description"}
SCORES: Final = {
    "clip_score": "CLIP",
    "ssim_outside": "SSIM outside",
    "ssim": "SSIM",
    "strength": "change %",
    "self_check": "self-check",
    "right": "right",
}


def write_comparison(page: Page, data: dict[str, Any]) -> None:
    results = [Result(**(one | {"models": tuple(one["models"])})) for one in data["results"]]
    if results:
        page.chart(
            "one-or-three",
            "Radar chart of one model that edits and three in a row, over five axes",
            4.6,
            lambda figure, theme: _radar(figure, theme, results),
        )
        page.table(
            ("", "an edit", "loading", "peak memory", "CLIP", "outside changed", "found"),
            [_row(result) for result in results],
        )
        page.say("The best of them is at the rim; *outside kept* is 0 where the rest became plainly another picture.")
    for title, reason in data["left_out"].items():
        page.say(f"{title}: not measured, {reason}.")


def _row(result: Result) -> tuple[str, ...]:
    return (
        result.title,
        f"{result.latency_seconds:.2f} s",
        f"{result.load_seconds:.2f} s",
        f"{result.peak_gib:.2f} GiB",
        "–" if result.clip_score is None else f"{result.clip_score:.1f}",
        f"{result.outside_difference:.2f}",
        "–" if result.found is None else f"{result.found} of {result.cases}",
    )


def _radar(figure: Any, theme: Theme, results: list[Result]) -> None:
    axes = figure.add_subplot(projection="polar")
    angles = [2 * math.pi * place / len(AXES) for place in range(len(AXES))]
    for values, result, hue, sign in zip(shares(results), results, theme.hues, MARKS, strict=False):
        ring, at = [*values, values[0]], [*angles, angles[0]]
        axes.plot(at, ring, color=hue, marker=sign, label=result.title, clip_on=False, linewidth=1.6)
        axes.fill(angles, values, color=hue, alpha=0.12)
    axes.set_theta_offset(math.pi / 2)
    axes.set_theta_direction(-1)
    axes.set_thetagrids([math.degrees(angle) for angle in angles], AXES, color=theme.ink)
    axes.tick_params(axis="x", pad=14)
    axes.set_ylim(0, 1)
    axes.set_yticks([0.5, 1.0], ["half as good", ""], fontsize=8, color=theme.muted)
    axes.set_rlabel_position(180 / len(AXES))
    axes.spines["polar"].set_color(theme.grid)
    figure.legend(loc="outside upper left")


def write_scenarios(page: Page, data: dict[str, Any]) -> None:
    for run in data["runs"]:
        page.note = mark(run)
        models = ", ".join(run["models"].values())
        load = f", load {run['load']:g}" if run.get("load") else ""
        page.say(
            f"### Engine {run['engine']}" + (f": {models}" if models else ""),
            "",
            f"Taken {run['taken'][:10]} on {run['cores']} cores{load}. "
            + (f"**{run['label']}**" if run["label"] else ""),
        )
        page.table(("subject", *TASKS.values()), _scenario_rows(run["results"]), numbers=False)
        done = [one for one in run["results"] if not one["refused"]]
        page.chart(
            f"scenarios-{run['engine']}-{run['weights']}",
            f"Seconds of each task by subject with the {run['engine']} engine",
            0.9 + 0.3 * len({one["subject"] for one in done}) * (1 if len({one["task"] for one in done}) == 1 else 2),
            lambda figure, theme, done=done: _latencies(figure, theme, done),  # type: ignore[misc]
        )
    page.say("; ".join(f"*{name}*: {words}" for name, words in data["notes"].items()) + ".")


def _scenario_rows(results: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    by_place = {(one["subject"], one["task"]): one for one in results}
    subjects = {one["subject"]: one["kind"] for one in results}
    return [
        (f"{subject} ({kind})", *(_scenario(by_place.get((subject, task))) for task in TASKS))
        for subject, kind in subjects.items()
    ]


def _scenario(one: dict[str, Any] | None) -> str:
    if one is None:
        return ""
    if one["refused"]:
        return f"`{one['refused']}`"
    told = [f"{SCORES[name]} {_score(value)}" for name, value in one["scores"].items() if name in SCORES]
    return "<br>".join([f"{one['seconds']:.2f} s", *told])


def _score(value: float | bool | str | None) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else f"{value:.3g}"


def _latencies(figure: Any, theme: Theme, results: list[dict[str, Any]]) -> None:
    axes = figure.add_subplot()
    subjects = list(dict.fromkeys(one["subject"] for one in results))
    tasks = [task for task in TASKS if any(one["task"] == task for one in results)]
    thick = 0.8 / len(tasks)
    for number, task in enumerate(tasks):
        found = {one["subject"]: one["seconds"] for one in results if one["task"] == task}
        places = [subjects.index(name) + thick * (number - (len(tasks) - 1) / 2) for name in found]
        hue = theme.hues[list(TASKS).index(task)]
        axes.barh(places, list(found.values()), 0.86 * thick, color=hue, label=TASKS[task])
    axes.set(yticks=range(len(subjects)), yticklabels=subjects, xlabel="seconds")
    axes.invert_yaxis()
    axes.grid(axis="x")
    axes.spines["left"].set_visible(False)
    figure.legend(loc="outside upper left", ncols=4, columnspacing=1.0, handlelength=1.0)
