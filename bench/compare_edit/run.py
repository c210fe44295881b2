"""Measure each contender whose models are at hand, one after the other on an empty device."""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from dataclasses import dataclass, field, replace

from bench.compare_edit.cases import Case, read_cases
from bench.compare_edit.contenders import (
    CLIP,
    Bench,
    Contender,
    contenders,
    edited,
    never_stopped,
    open_bench,
    usable,
)
from bench.compare_edit.report import Report, write_report
from bench.compare_edit.result import Result, differences, overlap
from nanococoa_aiserver.ads.editing.region import grown
from nanococoa_aiserver.engines.diffusion.clip import ClipScorer
from nanococoa_aiserver.errors import ServiceError
from nanococoa_aiserver.gpu.memory import GIB
from nanococoa_aiserver.imaging.types import Rgb
from nanococoa_aiserver.settings import Settings, load_settings

SEED = 7


@dataclass
class Taken:
    """What a contender's runs gave, case by case."""

    seconds: list[float] = field(default_factory=list)
    pictures: dict[str, Rgb] = field(default_factory=dict)
    outside: list[float] = field(default_factory=list)
    inside: list[float] = field(default_factory=list)
    overlaps: list[float] = field(default_factory=list)


def run(options: argparse.Namespace) -> None:
    """Writes ``compare-edit.json`` and ``.svg`` (``compare-edit-partial`` for a quick run) and prints the table."""
    settings = usable(load_settings(models_dir=options.models_dir))
    cases = read_cases(options.cases)[: 1 if options.quick else None]
    report = compare(settings, cases, repeats=1 if options.quick else options.repeats)
    write_report(report, options.out, "compare-edit-partial" if options.quick else "compare-edit")


def compare(settings: Settings, cases: list[Case], *, repeats: int) -> Report:
    """Contenders without their models are left out with the reason."""
    report = Report()
    for contender in contenders(settings):
        with open_bench(settings) as bench:
            report.device = bench.device.name
            if missing := [name for name in contender.models if not bench.host.available(name)]:
                report.left_out[contender.title] = f"not at hand: {', '.join(missing)}"
                continue
            try:
                taken, result = _measured(bench, contender, cases, repeats)
            except ServiceError as error:
                report.left_out[contender.title] = error.message("en")
                continue
        report.results.append(replace(result, clip_score=_clip_score(settings, cases, taken.pictures)))
        sys.stdout.write(f"  {contender.title}: {result.latency_seconds:.2f} s\n")
    return report


def _measured(bench: Bench, contender: Contender, cases: list[Case], repeats: int) -> tuple[Taken, Result]:
    bench.device.flush()
    bench.device.reset_peak()
    before, taken = bench.device.memory().allocated, Taken()
    for case in cases:
        _edit(bench, contender, case, taken, repeats)
    peak = bench.device.peak_bytes() - before
    if not taken.seconds:
        raise ServiceError("edit_target_not_found", target=", ".join(case.target for case in cases))
    return taken, Result(
        title=contender.title,
        models=contender.models,
        weights=bench.weights,
        load_seconds=_load_seconds(bench),
        latency_seconds=statistics.median(taken.seconds),
        peak_gib=max(0, peak) / GIB,
        outside_difference=statistics.fmean(taken.outside),
        inside_difference=statistics.fmean(taken.inside),
        cases=len(cases),
        found=len(taken.overlaps) if contender.fills else None,
        overlap=statistics.fmean(taken.overlaps) if taken.overlaps else None,
    )


def _edit(bench: Bench, contender: Contender, case: Case, taken: Taken, repeats: int) -> None:
    """The first run loads what is missing; those after it are timed."""
    picture, found = edited(bench, contender, case, SEED)
    if picture is None:
        return
    for number in range(1, repeats + 1):
        started = time.perf_counter()
        edited(bench, contender, case, SEED + number)
        taken.seconds.append(time.perf_counter() - started)
    outside, inside = differences(case.image, picture, grown(case.thing))
    taken.outside.append(outside)
    taken.inside.append(inside)
    taken.pictures[case.name] = picture
    if found is not None:
        taken.overlaps.append(overlap(found.mask, case.thing))


def _load_seconds(bench: Bench) -> float:
    """From disk to the device, all the contender's components."""
    components = bench.residency.state().components
    return sum((one.disk_seconds or 0.0) + (one.upload_seconds or 0.0) for one in components)


def _clip_score(settings: Settings, cases: list[Case], pictures: dict[str, Rgb]) -> float | None:
    """The mean over the cases that were edited; None where CLIP is not at hand."""
    with open_bench(settings) as bench:
        if not bench.host.available(CLIP):
            return None
        scorer = ClipScorer(bench.host)
        captions = {case.name: case.caption for case in cases}
        scores = [scorer.score(pictures[name], captions[name], "openai", never_stopped) for name in pictures]
    return statistics.fmean(scores)
