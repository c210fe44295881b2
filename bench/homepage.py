"""Homepages of the sample shops without an LLM, gate with axe-core included: seconds from the order to the outcome."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from argparse import Namespace
from pathlib import Path
from typing import Final

from bench.measure import Measure, median
from bench.server import CHECKOUT
from homepage_generator.chromium import Chromium
from homepage_generator.gate import Report
from homepage_generator.graph import Making
from homepage_generator.media import MediaStore
from homepage_generator.settings import Settings
from homepage_generator.spec.work import Outcome, Work

SHOPS: Final = ("fruit", "cafe", "restaurant", "bakery", "salon", "clinic", "academy", "workshop")
LIMIT: Final = 15.0


def measure_homepage(options: Namespace) -> list[Measure]:
    shops = SHOPS[:2] if options.quick else SHOPS
    with tempfile.TemporaryDirectory(prefix="nanococoa-bench-") as folder:
        took, gate = asyncio.run(_make(shops, Path(folder)))
    slowest = max(took, key=lambda name: took[name])
    detail = {"seconds": took, "gate_seconds": gate, "median": median(list(took.values()))}
    return [
        Measure("homepage", f"A homepage without an LLM ({slowest})", took[slowest], "s", LIMIT, detail=detail),
        Measure("homepage_gate", "Its gate, four screens and axe-core", max(gate.values()), "s", 6, detail=detail),
    ]


async def _make(shops: tuple[str, ...], folder: Path) -> tuple[dict[str, float], dict[str, float]]:
    """(seconds of each shop's page, of its gate). The browser is started before, as in a service that runs."""
    import axe_playwright_python

    sys.path.append(str(CHECKOUT / "tests"))  # they know how the samples' pictures are sent
    from support.homepages_samples import brief

    axe = Path(axe_playwright_python.__file__).parent / "axe.min.js"
    settings = Settings(homepage_data_dir=folder, axe_path=axe)
    media = MediaStore(settings.media)
    took, gate = {}, {}
    async with Chromium() as chromium, Making(settings, media, chromium) as making:
        for shop in shops:
            order = brief(shop, media)
            work = Work(
                shop, "make", order.locale, f"https://shop.example/sites/{shop}/", folder / shop, brief=order
            )  # fmt: skip
            began = time.perf_counter()
            outcome = await _outcome(making, work)
            took[shop] = round(time.perf_counter() - began, 2)
            gate[shop] = Report.model_validate(outcome.report).seconds
    return took, gate


async def _outcome(making: Making, work: Work) -> Outcome:
    """Raises RuntimeError when there is none: what was measured was no page then."""
    last = [progress async for progress in making.run(work)][-1]
    if last.outcome is None or last.outcome.report["findings"]:
        raise RuntimeError(f"{work.job_id}: {last}")
    return last.outcome
