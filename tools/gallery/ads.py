"""Make the contact sheets of docs/gallery: the ads of ads.toml in the social formats, some in every banner.

Run from the repository's root after `make setup`: `.venv/bin/python tools/gallery/ads.py [number …]`. Numbers limit
the run to those ads (their pictures go to out/gallery either way; sheets are made of what lies there).
"""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path
from typing import Any

from PIL import Image

from nanococoa_aiserver.ads.formats import SOCIAL, load_formats
from nanococoa_aiserver.ads.local import make_ad
from nanococoa_aiserver.settings import load_settings
from nanococoa_client.schemas import GenerateRequest

OUT = Path("out/gallery")
SHEETS = Path("docs/gallery")
ROW = 420  # px; height of a row of a contact sheet
GAP = 12
PER_SHEET = 6
IN_EVERY_FORMAT = (1, 6)
"""Ads that are made in all placements as well."""


def main(numbers: list[int]) -> None:
    ads = tomllib.loads(Path("tools/gallery/ads.toml").read_text("utf-8"))["ad"]
    OUT.mkdir(parents=True, exist_ok=True)
    for number, ad in enumerate(ads, 1):
        if not numbers or number in numbers:
            make(number, ad)
    for first in range(1, len(ads) + 1, PER_SHEET):
        rows = [social_row(number) for number in range(first, min(first + PER_SHEET, len(ads) + 1))]
        save(stacked([row for row in rows if row is not None]), SHEETS / f"ads-{(first - 1) // PER_SHEET + 1}.jpg")
    for number in IN_EVERY_FORMAT:
        save(every_format(number), SHEETS / f"placements-{number}.jpg")


def make(number: int, ad: dict[str, Any]) -> None:
    formats = list(load_formats()) if number in IN_EVERY_FORMAT else list(SOCIAL)
    request = GenerateRequest(
        text_content=ad["text"],
        bg_prompt=ad["background"],
        html_style_prompt=ad.get("style_prompt", ""),
        style=ad.get("style"),
        product_box=ad.get("box"),
        locale=ad.get("locale", "ko"),
        formats=formats,
        seed=number,
    )
    made = make_ad(request, photo=Path("samples", ad["photo"]).read_bytes(), settings=load_settings())
    for name, (data, suffix) in made.files.items():
        (OUT / f"{number:02d}-{name}{suffix}").write_bytes(data)
    legibility = made.checks["legibility"]
    line = {
        "ad": number,
        "style": made.layer["style"] if made.layer else None,
        "seconds": round(sum(made.step_seconds.values()), 1),
        "passed": legibility["passed"],
        "contrast": legibility["worst_contrast"],
        "confidence": made.checks["fidelity"]["cutout_confidence"],
        "warnings": made.warnings,
    }
    print(json.dumps(line, ensure_ascii=False), flush=True)


def social_row(number: int) -> Image.Image | None:
    pictures = [picture for name in SOCIAL if (picture := opened(number, name))]
    return beside([fitted(picture, ROW) for picture in pictures]) if pictures else None


def every_format(number: int) -> Image.Image | None:
    """All placements at a common scale of their own, packed in rows."""
    pictures = [fitted(p, min(ROW, p.height)) for name in load_formats() if (p := opened(number, name))]
    rows: list[list[Image.Image]] = [[]]
    for picture in sorted(pictures, key=lambda p: -p.height):
        if sum(p.width + GAP for p in rows[-1]) + picture.width > 2000:
            rows.append([])
        rows[-1].append(picture)
    return stacked([beside(row) for row in rows if row])


def opened(number: int, name: str) -> Image.Image | None:
    found = sorted(OUT.glob(f"{number:02d}-{name}.*"))
    return Image.open(found[0]).convert("RGB") if found else None


def fitted(picture: Image.Image, height: int) -> Image.Image:
    return picture.resize((max(1, round(picture.width * height / picture.height)), height), Image.Resampling.LANCZOS)


def beside(pictures: list[Image.Image]) -> Image.Image:
    return placed(pictures, across=True)


def stacked(pictures: list[Image.Image]) -> Image.Image | None:
    return placed(pictures, across=False) if pictures else None


def placed(pictures: list[Image.Image], *, across: bool) -> Image.Image:
    along = [p.width if across else p.height for p in pictures]
    total, thick = sum(along) + GAP * (len(along) - 1), max(p.height if across else p.width for p in pictures)
    sheet = Image.new("RGB", (total, thick) if across else (thick, total), (230, 230, 230))
    at = 0
    for picture, length in zip(pictures, along, strict=True):
        sheet.paste(picture, (at, 0) if across else (0, at))
        at += length + GAP
    return sheet


def save(sheet: Image.Image | None, path: Path) -> None:
    if sheet is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        sheet.save(path, quality=80, optimize=True, progressive=True)


if __name__ == "__main__":
    main([int(argument) for argument in sys.argv[1:]])
