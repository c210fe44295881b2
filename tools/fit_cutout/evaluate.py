"""Judges the cut-out on folders of photos with truths: ``evaluate.py FOLDER... [--json FILE] [--sheet FILE]``.

Needs the aiserver package alone. Per folder: overlap (IoU), how well the confidence tells good from bad (AUC), edge
error and seconds, without help and with a box drawn 1 to 4 % of the photo's long side too large.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from photos import Photo, drawn_box, fair, photos

from nanococoa_aiserver.engines.studio.cutout import VERDICT_THRESHOLD, StudioSegmenter
from nanococoa_aiserver.engines.studio.cutout.masks import overlap, signed_distance

GOOD = 0.9
EDGE_BAND = 6
"""Pixels to each side of the true contour within which the edge error is taken."""


def area_under_curve(score: npt.NDArray[Any], good: npt.NDArray[Any]) -> float | None:
    """Chance that a good one scores above a bad one (ties count half); None if there are none of either."""
    above, below = score[good], score[~good]
    if not len(above) or not len(below):
        return None
    wins = (above[:, None] > below).sum() + 0.5 * (above[:, None] == below).sum()
    return float(wins / len(above) / len(below))


def judged(photo: Photo, segmenter: StudioSegmenter, boxed: bool, seed: int) -> dict[str, Any]:
    """One photo's numbers and its alpha."""
    pixels, truth = photo.pixels(), photo.truth()
    box = drawn_box(truth, np.random.default_rng(seed)) if boxed else None
    start = time.perf_counter()
    cutout = segmenter.cut(pixels, box, lambda: None)
    seconds = time.perf_counter() - start
    band = np.abs(signed_distance(truth > 127)) < EDGE_BAND
    error = float(np.abs(cutout.alpha - truth / np.float32(255))[band].mean()) if band.any() else 0.0
    return {
        "photo": photo.path.stem, "kind": photo.kind, "ground": photo.ground, "method": cutout.method,
        "iou": round(overlap(cutout.alpha > 0.5, truth > 127), 4), "confidence": round(cutout.confidence, 3),
        "edge_error": round(error, 4), "seconds": round(seconds, 3), "alpha": cutout.alpha,
    }  # fmt: skip


def summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The numbers of a set, JSON-safe."""
    overlaps, sure = np.array([row["iou"] for row in rows]), np.array([row["confidence"] for row in rows])
    good, accepted = overlaps >= GOOD, sure >= VERDICT_THRESHOLD
    auc = area_under_curve(sure, good)
    return {
        "photos": len(rows),
        "share_good": round(float(good.mean()), 3),
        "median_iou": round(float(np.median(overlaps)), 4),
        "mean_iou": round(float(overlaps.mean()), 4),
        "confidence_auc": None if auc is None else round(auc, 3),
        "accepted": round(float(accepted.mean()), 3),
        "good_among_accepted": round(float(good[accepted].mean()), 3) if accepted.any() else None,
        "median_edge_error": round(float(np.median([row["edge_error"] for row in rows])), 4),
        "median_seconds": round(float(np.median([row["seconds"] for row in rows])), 3),
        "p95_seconds": round(float(np.percentile([row["seconds"] for row in rows], 95)), 3),
    }


def tile(photo: Photo, row: dict[str, Any], side: int = 150) -> npt.NDArray[np.uint8]:
    """The cut-out on magenta with its numbers above: green is good, red is not."""
    alpha = row["alpha"][..., None]
    shown = (photo.pixels() * alpha + np.array([255, 0, 255]) * (1 - alpha)).astype(np.uint8)
    scale = side / max(shown.shape[:2])
    shown = cv2.resize(shown, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    out = np.full((side + 16, side + 2, 3), 255, np.uint8)
    out[16 : 16 + shown.shape[0], : shown.shape[1]] = shown
    colour = (0, 120, 0) if row["iou"] >= GOOD else (200, 0, 0)
    cv2.putText(
        out, f"{row['photo']} {row['iou']:.2f} p{row['confidence']:.2f}", (2, 11), 0, 0.36, colour, 1, cv2.LINE_AA
    )
    return out


def sheet(tiles: list[npt.NDArray[np.uint8]], path: Path, across: int = 12) -> None:
    tiles = tiles + [np.full_like(tiles[0], 255)] * (-len(tiles) % across)
    rows = [np.concatenate(tiles[k : k + across], 1) for k in range(0, len(tiles), across)]
    cv2.imwrite(str(path), cv2.cvtColor(np.concatenate(rows), cv2.COLOR_RGB2BGR))


def evaluate(
    folder: Path, boxed: bool, segmenter: StudioSegmenter, every: int = 1
) -> tuple[list[dict[str, Any]], list[npt.NDArray[np.uint8]]]:
    rows, tiles = [], []
    for k, photo in enumerate(photo for photo in photos(folder)[::every] if fair(photo)):
        row = judged(photo, segmenter, boxed, 1000 + k)
        tiles.append(tile(photo, row))
        rows.append({key: value for key, value in row.items() if key != "alpha"})
    return rows, tiles


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--json", type=Path, help="summaries and failures are added to this file")
    parser.add_argument("--every", type=int, default=1, help="judge every n-th photo")
    parser.add_argument("--modes", nargs="+", default=["automatic", "box"], choices=["automatic", "box"])
    parser.add_argument("--sheet", type=Path, help="PNG of all cut-outs, _auto and _box added to its name")
    given = parser.parse_args()
    segmenter = StudioSegmenter()
    result = json.loads(given.json.read_text())["sets"] if given.json and given.json.exists() else {}
    for mode in given.modes:
        boxed, tiles = mode == "box", []
        for folder in given.folders:
            rows, pictures = evaluate(folder, boxed, segmenter, given.every)
            result[f"{folder.name} {mode}"] = summary(rows) | {"failed": [row for row in rows if row["iou"] < GOOD]}
            tiles += pictures
            print(folder.name, mode, json.dumps(summary(rows)), flush=True)
        if given.sheet:
            sheet(tiles, given.sheet.with_stem(f"{given.sheet.stem}_{mode}"))
    if given.json:
        given.json.write_text(
            json.dumps({"threshold": VERDICT_THRESHOLD, "sets": result}, indent=1, ensure_ascii=False) + "\n"
        )


if __name__ == "__main__":
    main()
