"""How long an ad takes at a warm server, whole and by step, and its text layer alone."""

from __future__ import annotations

import time
from argparse import Namespace
from typing import Any

from bench.measure import Measure, median
from bench.server import Server, running_server, sample_photo

SQUARE = {"text_content": "갓 볶은 원두, 한 잔의 여유\n200g 15,900원", "bg_prompt": "아침 햇살이 드는 나무 탁자"}
SOCIAL = ["square", "portrait", "story", "wide"]
STEP_LIMITS = {
    "cutout": (("segment",), 0.6),
    "scene and composite": (("background", "composite", "refine"), 0.1),
    "text and gate": (("analyse", "design", "render"), 0.5),
}


def measure_speed(options: Namespace) -> list[Measure]:
    runs = 3 if options.quick else 9
    with running_server() as server:
        _ad(server, ["square"], seed=0)  # the first ad starts the browser: not counted
        square = [_ad(server, ["square"], seed=seed) for seed in range(1, runs + 1)]
        social = [_ad(server, SOCIAL, seed=seed) for seed in range(1, runs + 1)]
        layer = _text_layer(server, square[-1]["job_id"], runs)
        return [
            Measure("start", "Server answers after", server.start_seconds, "s", 1.5),
            Measure("square_ad", "Square ad, end to end", _median(square, "seconds"), "s", 2.0, detail=_steps(square)),
            *_step_measures(square),
            Measure("social_ads", "Four social formats", _median(social, "seconds"), "s", 3.5, detail=_steps(social)),
            Measure("text_layer", "Text layer alone", median(layer), "s", 0.25, detail={"runs": layer}),
        ]


def _ad(server: Server, formats: list[str], seed: int) -> dict[str, Any]:
    body = SQUARE | {"product_image": sample_photo(), "formats": formats, "seed": seed}
    started = time.perf_counter()
    job_id = server.submit(**body)
    server.finish(job_id)
    seconds = time.perf_counter() - started
    return {"job_id": job_id, "seconds": seconds, "steps": server.step_seconds(job_id)}


def _text_layer(server: Server, job_id: str, runs: int) -> list[float]:
    """Seconds of the rendering step with other words each time; its waiting is the queue's measure."""
    seconds = []
    for number in range(runs):
        body = {"job_id": job_id, "formats": ["square"], "fields": {"headline": f"오늘의 원두 {number}"}}
        answer = server.http.post("/render", json=body)
        answer.raise_for_status()
        seconds.append(sum(server.step_seconds(answer.json()["job_id"]).values()))
    return seconds


def _median(runs: list[dict[str, Any]], key: str) -> float:
    return median([run[key] for run in runs])


def _steps(runs: list[dict[str, Any]]) -> dict[str, Any]:
    names = runs[0]["steps"]
    return {
        "seconds": [run["seconds"] for run in runs],
        "step_medians": {name: median([run["steps"].get(name, 0.0) for run in runs]) for name in names},
    }


def _step_measures(runs: list[dict[str, Any]]) -> list[Measure]:
    found = []
    for title, (steps, limit) in STEP_LIMITS.items():
        seconds = median([sum(run["steps"].get(step, 0.0) for step in steps) for run in runs])
        found.append(Measure(f"square_{title.replace(' ', '_')}", f"Square ad: {title}", seconds, "s", limit))
    return found
