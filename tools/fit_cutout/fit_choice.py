"""Fits fusing, choosing and confidence: ``fit_choice.py PHOTOS... --work FOLDER --out coefficients.npz``.

Runs after ``fit_prior.py`` with the same work folder. Every stage is cross-fitted over kinds of product, so that each
learns from what the stages before it say of products they have not seen.
"""

from __future__ import annotations

import argparse
import json
import pickle
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any
from zlib import crc32

import cv2
import numpy as np
import numpy.typing as npt
import torch
from fit_prior import Table, chosen, fitted, load_table
from photos import FOLDS, Photo, examples, fair, photos

from nanococoa_aiserver.engines.studio.cutout.choice import candidates, confidence_inputs, expected
from nanococoa_aiserver.engines.studio.cutout.colour import Mask
from nanococoa_aiserver.engines.studio.cutout.fusion import fused_field, fusion_inputs, with_fused
from nanococoa_aiserver.engines.studio.cutout.hypotheses import draw
from nanococoa_aiserver.engines.studio.cutout.masks import overlap
from nanococoa_aiserver.engines.studio.cutout.perceptron import Floats, perceptron
from nanococoa_aiserver.engines.studio.cutout.prior import prior
from nanococoa_aiserver.engines.studio.cutout.quality import measures
from nanococoa_aiserver.engines.studio.cutout.view import View, view_of

CHOICE_HIDDEN, CHOICE_EPOCHS = (16, 8), 14


@dataclass
class Case:
    """One photo in one mode: its view, hypotheses, their measures and true overlaps."""

    photo: Photo
    view: View
    masks: dict[str, Mask]
    measured: Floats
    overlaps: npt.NDArray[np.float64]
    gold: Mask


def drawn(photo: Photo, mode: str, work: Path) -> Path | None:
    """The case of a photo with its fold's prior, stored once."""
    target = work / f"{photo.path.parent.name}_{photo.path.stem}_{mode}.pkl"
    if target.exists():
        return target
    if not fair(photo):
        return None
    cv2.setNumThreads(1)
    table = load_table(work / f"fold{photo.fold}.npz")
    for pixels, truth, box in examples(photo, mode == "box", int(photo.path.stem)):
        view = view_of(pixels, box, prior(table, mode))
        with ThreadPoolExecutor(1) as pool:
            masks = draw(view, pool, lambda: None)
        gold = cv2.resize(truth, view.lab.shape[1::-1], interpolation=cv2.INTER_AREA) > 127
        case = Case(
            photo,
            view,
            masks,
            measures(view, list(masks.values())),
            np.array([overlap(m, gold) for m in masks.values()]),
            gold,
        )
        case.view = replace(view, cues=replace(view.cues, stack=view.cues.stack.astype(np.float16)))
        target.write_bytes(pickle.dumps(case))
    return target


def case_of(path: Path) -> Case:
    case: Case = pickle.loads(path.read_bytes())  # noqa: S301 - written by drawn() a moment ago
    case.view = replace(case.view, cues=replace(case.view.cues, stack=case.view.cues.stack.astype(np.float32)))
    return case


def worth(overlaps: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """What a mask is worth: half its overlap above one half, half whether it passes 0.9 (smoothly)."""
    return 0.5 * np.clip(2 * overlaps - 1, 0, 1) + 0.5 / (1 + np.exp(-(overlaps - 0.9) / 0.02))


def cross_fitted(
    x: list[Floats],
    y: list[npt.NDArray[np.float64]],
    folds: npt.NDArray[np.int64],
    name: str,
    fit: Callable[..., Table],
) -> list[Table]:
    """One table per fold (fitted without it), the last fitted on all."""
    tables = []
    for k in range(FOLDS + 1):
        rows = [i for i in range(len(x)) if folds[i] != k]
        tables.append(fit(np.concatenate([x[i] for i in rows]), np.concatenate([y[i] for i in rows]), name))
    return tables


def fit_choice(x: Floats, y: npt.NDArray[np.float64], name: str) -> Table:
    living = x[:, : x.shape[1] // 2].any(1)
    return fitted(x[living], y[living], np.ones(int(living.sum())), name, CHOICE_HIDDEN, CHOICE_EPOCHS)


def fit_confidence(x: Floats, y: npt.NDArray[np.float64], name: str) -> Table:
    """Logistic regression with a firm prior: a perceptron of no hidden layer."""
    mean, scale = x.mean(0), 1 / (x.std(0) + 1e-3)
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=0.05, max_iter=2000).fit(np.clip((x - mean) * scale, -5, 5), y > 0.5)
    return {
        f"{name}/mean": mean,
        f"{name}/scale": scale,
        f"{name}/w0": model.coef_.T.astype(np.float32),
        f"{name}/b0": model.intercept_.astype(np.float32),
    }


def sampled(path: Path, scores: Floats) -> tuple[Floats, npt.NDArray[Any], npt.NDArray[Any]]:
    """Pixels of a case for the corrector."""
    case = case_of(path)
    field = fusion_inputs(case.view, list(case.masks.values()), scores)
    gold = cv2.resize(case.gold.astype(np.uint8) * 255, field.shape[1::-1], interpolation=cv2.INTER_AREA) > 127
    free = ~case.view.cues.known if case.view.box else np.ones_like(gold)
    picks, weight = chosen(gold, free, np.random.default_rng(crc32(path.stem.encode())))
    return field.reshape(-1, field.shape[-1])[picks], gold.ravel()[picks], weight


def fused(path: Path, scores: Floats, table: Table, mode: str) -> tuple[Floats, npt.NDArray[np.float64]]:
    """Measures and overlaps of all masks of a case, the fused ones included."""
    cv2.setNumThreads(1)
    case = case_of(path)
    masks = list(case.masks.values())
    field = fused_field(case.view, masks, scores, perceptron(table, f"{mode}_corrector"))
    found = with_fused(case.view, case.masks, field, lambda: None)
    return measures(replace(case.view, prior=field), list(found.values())), np.array(
        [overlap(m, case.gold) for m in found.values()]
    )


def told(name: str, scores: list[Floats], overlaps: list[npt.NDArray[np.float64]]) -> npt.NDArray[np.float64]:
    picked = np.array([o[int(s.argmax())] for s, o in zip(scores, overlaps, strict=True)])
    most = np.mean([o.max() >= 0.9 for o in overlaps])
    text = f"chosen mean {picked.mean():.3f} median {np.median(picked):.3f} >=.9 {(picked >= 0.9).mean():.3f}"
    print(f"{name}: {text} | best possible {most:.3f}", flush=True)
    return picked


def columns(names: list[str], overlaps: list[npt.NDArray[np.float64]]) -> None:
    matrix = np.array(overlaps)
    print(
        "   "
        + "  ".join(
            f"{n} {(matrix[:, k] >= 0.9).mean():.2f}/{np.median(matrix[:, k]):.2f}" for k, n in enumerate(names)
        ),
        flush=True,
    )


def fit_mode(mode: str, paths: list[Path], folds: npt.NDArray[np.int64], pool: ProcessPoolExecutor) -> Table:
    """All tables of one mode after the prior."""
    cases = [case_of(path) for path in paths]
    measured, overlaps = [c.measured for c in cases], [c.overlaps for c in cases]
    names = list(cases[0].masks)
    del cases
    columns(names, overlaps)
    x = [candidates(m, len(names)) for m in measured]
    first = cross_fitted(x, [worth(o) for o in overlaps], folds, f"{mode}_first_choice", fit_choice)
    chosers = [perceptron(t, f"{mode}_first_choice") for t in first]
    scores = [expected(m, chosers[folds[k]]) for k, m in enumerate(measured)]
    told(f"{mode} first choice", scores, overlaps)
    parts = list(pool.map(sampled, paths, scores, chunksize=8))
    corrector = []
    for k in range(FOLDS + 1):
        rows = [i for i in range(len(paths)) if folds[i] != k]
        corrector.append(fitted(*(np.concatenate([parts[i][j] for i in rows]) for j in range(3)), f"{mode}_corrector"))
    del parts
    result = list(pool.map(partial(fused, mode=mode), paths, scores, [corrector[k] for k in folds], chunksize=8))
    measured, overlaps = [m for m, _ in result], [o for _, o in result]
    columns([*names, "fused", "fused_cut", "fused_band"], overlaps)
    count = measured[0].shape[0]
    x = [candidates(m, count) for m in measured]
    np.savez(
        paths[0].parent / f"choice_{mode}.npz",
        measured=np.array(measured),
        overlaps=np.array(overlaps),
        folds=folds,
        paths=np.array([str(p) for p in paths]),
    )
    choice = cross_fitted(x, [worth(o) for o in overlaps], folds, f"{mode}_choice", fit_choice)
    chosers = [perceptron(t, f"{mode}_choice") for t in choice]
    scores = [expected(m, chosers[folds[k]]) for k, m in enumerate(measured)]
    picked = told(f"{mode} choice", scores, overlaps)
    x = [confidence_inputs(m, s)[None] for m, s in zip(measured, scores, strict=True)]
    sure = cross_fitted(x, [np.array([float(p >= 0.9)]) for p in picked], folds, f"{mode}_confidence", fit_confidence)
    told_confidence(mode, x, picked, folds, sure)
    return first[-1] | corrector[-1] | choice[-1] | sure[-1]


def told_confidence(
    mode: str, x: list[Floats], picked: npt.NDArray[np.float64], folds: npt.NDArray[np.int64], tables: list[Table]
) -> None:
    from sklearn.metrics import roc_auc_score

    models = [perceptron(t, f"{mode}_confidence") for t in tables]
    sure = np.array([float(models[folds[k]](row)[0]) for k, row in enumerate(x)])
    good = picked >= 0.9
    print(
        f"{mode} confidence: AUC {roc_auc_score(good, sure):.3f}; "
        + "; ".join(
            f">={t}: {(sure >= t).mean():.2f} of photos, {good[sure >= t].mean():.3f} good"
            for t in (0.5, 0.6, 0.7, 0.8, 0.9)
        ),
        flush=True,
    )


def store(table: Table, path: Path) -> None:
    """One vector in half precision (enough for standardised inputs) and its layout as JSON."""
    layout = json.dumps([[key, list(value.shape)] for key, value in table.items()]).encode()
    values = np.concatenate([value.ravel() for value in table.values()]).astype(np.float16)
    np.savez_compressed(path, values=values, layout=np.frombuffer(layout, np.uint8))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--most", type=int, default=10_000, help="photos to use (every kind equally)")
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    torch.set_num_threads(1)
    everything = [photo for folder in given.folders for photo in photos(folder)]
    everything = everything[:: max(1, round(len(everything) / given.most))]
    table = load_table(given.work / "prior.npz")
    with ProcessPoolExecutor(given.workers) as pool:
        for mode in ("auto", "box"):
            paths = list(
                pool.map(drawn, everything, [mode] * len(everything), [given.work] * len(everything), chunksize=4)
            )
            kept = [(path, photo.fold) for path, photo in zip(paths, everything, strict=True) if path]
            table |= fit_mode(mode, [path for path, _ in kept], np.array([fold for _, fold in kept]), pool)
    store(table, given.out)
    print(given.out.stat().st_size, "bytes", flush=True)


if __name__ == "__main__":
    main()
