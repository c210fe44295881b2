"""The report from what lies in ``docs/benchmarks``: a section per file, or how to measure what is not there."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.report.page import Page
from bench.report.provenance import mark, origin
from bench.report.sections import checks, editing, lanes, memory, speed, stress, suite, swapping

Write = Callable[[Page, dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Section:
    """``command`` measures what ``file`` holds; ``key`` is what this section needs in it."""

    title: str
    file: str
    command: str
    write: Write
    key: str = ""


SECTIONS: Final = (
    Section("Before and after", "before-after.json", "nanococoa bench before-after", checks.write_gallery),
    Section("The ads check themselves", "before-after.json", "nanococoa bench before-after", checks.write_trend),
    Section("How long an ad takes", "results.json", "make bench", speed.write_speed),
    Section("Two lanes against one", "lanes.json", "nanococoa bench lanes", lanes.write_lanes),
    Section("Under stress", "stress.json", "make stress", stress.write_stress),
    Section("Graphics memory and the ladder", "stress.json", "make stress", memory.write_memory, key="vram"),
    Section("The suite behind its door", "suite.json", "nanococoa bench suite", suite.write_suite),
    Section("What swapping costs", "residency.json", "nanococoa bench residency", swapping.write_swapping),
    Section(
        "One model or three",
        "compare-edit.json",
        "nanococoa bench compare-edit",
        editing.write_comparison,
        key="results",
    ),
    Section("Scenarios", "scenarios.json", "nanococoa bench scenarios", editing.write_scenarios),
)
INTRODUCTION: Final = (
    "Made by `make report` from [the measurements](../benchmarks/); nothing here is typed in by hand. What was "
    "simulated or taken with random weights says so above its figures and on its charts. What was not measured is not "
    "shown."
)


def build(inputs: Path, folder: Path) -> Path:
    """Writes ``folder/README.md`` and its charts. Raises ValueError naming a file that holds no JSON."""
    page = Page(folder, inputs)
    page.say("# Report")
    page.say(INTRODUCTION)
    for section in SECTIONS:
        page.say(f"## {section.title}")
        data = read(inputs / section.file)
        if data is None or (section.key and not data.get(section.key)):
            page.say(f"Not measured here yet: `{section.command}`.")
            continue
        page.note = mark(data)
        page.say(origin(data, section.file))
        section.write(page, data)
    _on_a_card(page, inputs)
    return page.write()


def read(file: Path) -> dict[str, Any] | None:
    """None where there is no such file."""
    if not file.exists():
        return None
    try:
        data: dict[str, Any] = json.loads(file.read_text("utf-8"))
    except ValueError as error:
        raise ValueError(f"{file} holds no JSON: {error}") from error
    return data


def _on_a_card(page: Page, inputs: Path) -> None:
    """Reports of ``nanococoa bench gpu``, a file per card."""
    page.say("## On a graphics card")
    found = {file: read(file) or {} for file in sorted(inputs.glob("gpu-*.json"))}
    cards = {file: data for file, data in found.items() if data.get("card")}
    for file, data in cards.items():
        page.say(f"- {data['card']}, taken {data['taken'][:10]}: [{file.name}](../benchmarks/{file.name})")
    if not cards:
        page.say("Not measured here yet, there is no card on this machine: `nanococoa bench gpu`.")
