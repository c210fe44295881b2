"""``nanococoa bench before-after``: the ads of thirty small shops through the API, with every check each one reports.

Photo and finished ad of some of them are kept as pictures; ``make report`` shows them and draws the checks in order.
"""

from __future__ import annotations

import base64
import io
import json
import os
import platform
import sys
import time
import tomllib
from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from PIL import Image

from bench.measure import Measure
from bench.server import CHECKOUT, SAMPLES, Server, running_server

ADS: Final = CHECKOUT / "tools" / "gallery" / "ads.toml"
SHOWN: Final = 8
"""Pictures of that many ads are kept, each with another photo."""
SIDE: Final = 480
Made = tuple[dict[str, Any], dict[Path, bytes]]
"""What an ad's job said of itself, and photo and picture by the file each would be kept in."""


def add_options(parser: ArgumentParser) -> None:
    parser.add_argument("--ads", type=Path, default=ADS, help="before-after: the ads to make, as TOML")


def measure_before_after(options: Namespace) -> list[Measure]:
    """Writes its own report and returns no measures: the ads are its result."""
    asked = tomllib.loads(options.ads.read_text("utf-8"))["ad"][: 2 if options.quick else None]
    name = "before-after-partial" if options.quick else "before-after"
    machine = _machine()
    made: list[Made] = []
    failed: list[dict[str, str]] = []
    with running_server() as server:
        for number, ad in enumerate(asked):
            try:
                made.append(_made(server, ad, number, options.out / name))
            except RuntimeError as error:
                failed.append({"photo": ad["photo"], "error": str(error)})
    _keep_pictures(made)
    report = machine | {"ads": [ad for ad, _ in made], "failed": failed}
    file = options.out / f"{name}.json"
    file.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", "utf-8")
    sys.stdout.write(f"  {file}\n")
    return []


def _made(server: Server, ad: dict[str, Any], number: int, folder: Path) -> Made:
    """Raises RuntimeError where the job failed."""
    photo = (SAMPLES / ad["photo"]).read_bytes()
    started = time.perf_counter()
    job_id = server.submit(
        product_image=base64.b64encode(photo).decode(),
        text_content=ad["text"],
        bg_prompt=ad["background"],
        html_style_prompt=ad.get("style_prompt", ""),
        formats=["square"],
        seed=number,
        locale="en",
    )
    state = server.finish(job_id)
    seconds = time.perf_counter() - started
    picture = server.http.get(state["outputs"]["square"]).content
    before, after = (folder / f"{number:02}-{part}.jpg" for part in ("photo", "ad"))
    told = {
        "photo": ad["photo"],
        "text": ad["text"],
        "background": ad["background"],
        "engine": state["engine"],
        "style": (state["layer"] or {}).get("style"),
        "seconds": round(seconds, 3),
        "checks": {name: state["checks"].get(name) for name in ("legibility", "fidelity", "self_check")},
        "warnings": state["warnings"],
        "pictures": {"photo": f"{folder.name}/{before.name}", "ad": f"{folder.name}/{after.name}"},
    }
    return told, {before: photo, after: picture}


def _keep_pictures(made: list[Made]) -> None:
    """Of the first ad with each photo, ``SHOWN`` of them; what else was made is told without pictures."""
    seen: set[str] = set()
    for told, files in made:
        if told["photo"] in seen or len(seen) == SHOWN:
            told.pop("pictures")
            continue
        seen.add(told["photo"])
        for file, data in files.items():
            _save(data, file)


def _save(data: bytes, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with Image.open(io.BytesIO(data)) as opened:
        picture = opened.convert("RGB")
    picture.thumbnail((SIDE, SIDE))
    picture.save(file, quality=84, optimize=True)


def _machine() -> dict[str, Any]:
    taken = datetime.now(UTC).isoformat(timespec="seconds")
    return {
        "taken": taken,
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "load": round(os.getloadavg()[0], 1),
    }
