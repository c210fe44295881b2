"""Fits the passes after the coarse one: ``fit_prior.py PHOTOS... --work FOLDER``, for whole photos and for boxes.

``--cues-only`` stores the cues, which ``fit_coarse.py`` needs first. Each pass is cross-fitted over kinds of product,
so that the next one learns from guesses as good (and as bad) as it will meet. Writes ``prior.npz`` (all photos) and
``fold<k>.npz`` (all but fold k), the coarse pass included, into the work folder.
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import torch
from photos import FOLDS, Photo, examples, fair, photos

from nanococoa_aiserver.engines.studio.cutout.coarse import CoarsePass
from nanococoa_aiserver.engines.studio.cutout.colour import shrink
from nanococoa_aiserver.engines.studio.cutout.context import context
from nanococoa_aiserver.engines.studio.cutout.cues import CUE_SIDE, measure
from nanococoa_aiserver.engines.studio.cutout.perceptron import perceptron
from nanococoa_aiserver.engines.studio.cutout.view import box_in

PASSES = 1
HIDDEN = (40, 20)
PER_PHOTO = 1200
EPOCHS = 6
Table = dict[str, npt.NDArray[np.float32]]


def load_table(path: Path) -> Table:
    with np.load(path) as stored:
        return {key: stored[key] for key in stored.files}


def photo_name(photo: Photo) -> str:
    return f"{photo.path.parent.name}_{photo.path.stem}"


def cached(photo: Photo, boxed: bool, work: Path) -> Path | None:
    """Cues, smoothed Lab, known background and truth at CUE_SIDE, stored once."""
    target = work / f"{photo_name(photo)}_{'box' if boxed else 'auto'}.npz"
    if target.exists():
        return target
    if not fair(photo):
        return None
    for pixels, truth, box in examples(photo, boxed, int(photo.path.stem)):
        small = shrink(pixels, CUE_SIDE)
        cues = measure(small, box_in(pixels, small, box))
        gold = cv2.resize(truth, small.shape[1::-1], interpolation=cv2.INTER_AREA) > 127
        np.savez(
            target, stack=cues.stack.astype(np.float16), lab=cues.lab.astype(np.float16), known=cues.known, gold=gold
        )
    return target


def chosen(
    gold: npt.NDArray[Any], free: npt.NDArray[Any], r: np.random.Generator
) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Pixels of one photo and their weights: an error counts by its share of the product, as in IoU."""
    inside, outside = np.flatnonzero(gold & free), np.flatnonzero(~gold & free)
    if not len(inside) or not len(outside):
        return np.empty(0, np.int64), np.empty(0)
    n = PER_PHOTO // 2
    weight = min(4.0, len(outside) / len(inside))
    picks = np.concatenate([r.choice(inside, n), r.choice(outside, n)])
    return picks, np.concatenate([np.ones(n), np.full(n, weight)])


def fitted(
    x: npt.NDArray[np.float32],
    y: npt.NDArray[Any],
    w: npt.NDArray[Any],
    name: str,
    hidden: tuple[int, ...] = HIDDEN,
    epochs: int = EPOCHS,
) -> Table:
    """One perceptron by weighted cross-entropy (AdamW, cosine rate), as a table of named arrays."""
    torch.manual_seed(1)
    mean, scale = x.mean(0), 1 / (x.std(0) + 1e-4)
    data = torch.from_numpy(np.clip((x - mean) * scale, -5, 5).astype(np.float32))
    target, weight = torch.from_numpy(y.astype(np.float32)), torch.from_numpy(w.astype(np.float32))
    sizes = (x.shape[1], *hidden, 1)
    layers = [torch.nn.Linear(a, b) for a, b in pairwise(sizes)]
    net = torch.nn.Sequential(*[m for layer in layers for m in (layer, torch.nn.ReLU())][:-1])
    batch = min(8192, max(64, len(data) // 30))
    steps = epochs * (len(data) // batch + 1)
    optimiser = torch.optim.AdamW(net.parameters(), lr=4e-3, weight_decay=2e-3)
    rate = torch.optim.lr_scheduler.OneCycleLR(optimiser, 6e-3, total_steps=steps)
    for _ in range(epochs):
        order = torch.randperm(len(data))
        for start in range(0, len(data), batch):
            rows = order[start : start + batch]
            loss = torch.nn.functional.binary_cross_entropy_with_logits(
                net(data[rows])[:, 0], target[rows], weight[rows]
            )
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            rate.step()
    table: Table = {f"{name}/mean": mean.astype(np.float32), f"{name}/scale": scale.astype(np.float32)}
    for k, layer in enumerate(layers):
        table[f"{name}/w{k}"] = layer.weight.detach().numpy().T.copy()
        table[f"{name}/b{k}"] = layer.bias.detach().numpy().copy()
    return table


def inputs(file: Path, guess: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    with np.load(file) as data:
        return np.concatenate([data["stack"].astype(np.float32), context(guess, data["lab"].astype(np.float32))], -1)


def coarse_guess(file: Path, coarse: CoarsePass, boxed: bool) -> npt.NDArray[np.float32]:
    with np.load(file) as data:
        return coarse(data["stack"].astype(np.float32), boxed)


def report(name: str, guesses: list[npt.NDArray[np.float32]], golds: list[npt.NDArray[np.bool_]]) -> None:
    overlaps = np.array(
        [((g > 0.5) & t).sum() / max(1, ((g > 0.5) | t).sum()) for g, t in zip(guesses, golds, strict=True)]
    )
    share = [f">={level} {(overlaps >= level).mean():.3f}" for level in (0.8, 0.9)]
    print(f"{name}: IoU mean {overlaps.mean():.3f} median {np.median(overlaps):.3f}", *share, flush=True)


def fit_mode(mode: str, files: list[Path], folds: npt.NDArray[np.int64], tables: list[Table], passes: int) -> None:
    """Adds the passes of one mode to ``tables`` (one per fold, the last for all)."""
    r = np.random.default_rng(3)
    golds, frees = [], []
    for file in files:
        with np.load(file) as data:
            golds.append(data["gold"])
            frees.append(~data["known"] if mode == "box" else np.ones_like(data["gold"]))
    coarse = [CoarsePass(table) for table in tables]
    guesses = [coarse_guess(file, coarse[folds[k]], mode == "box") for k, file in enumerate(files)]
    report(f"{mode} coarse", guesses, golds)
    for step in range(passes):
        name, x, y, w, group = f"{mode}{step}", [], [], [], []
        for k, file in enumerate(files):
            picks, weights = chosen(golds[k], frees[k], r)
            field = inputs(file, guesses[k])
            x.append(field.reshape(-1, field.shape[-1])[picks])
            y.append(golds[k].ravel()[picks])
            w.append(weights)
            group.append(np.full(len(picks), folds[k]))
        features, gold, weight, fold = np.concatenate(x), np.concatenate(y), np.concatenate(w), np.concatenate(group)
        for k in range(FOLDS):
            tables[k] |= fitted(features[fold != k], gold[fold != k], weight[fold != k], name)
        tables[-1] |= fitted(features, gold, weight, name)
        models = [perceptron(table, name) for table in tables]
        found = []
        for k, file in enumerate(files):
            guess = models[folds[k]](inputs(file, guesses[k]))
            found.append(np.where(frees[k], guess, np.float32(0)))
        guesses = found
        report(name, guesses, golds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--every", type=int, default=1, help="use every n-th photo")
    parser.add_argument("--cues-only", action="store_true")
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    everything = [photo for folder in given.folders for photo in photos(folder)][:: given.every]
    tables: list[Table] = (
        [] if given.cues_only else [load_table(given.work / f"coarse{k}.npz") for k in range(FOLDS + 1)]
    )
    for mode in ("auto", "box"):
        with ProcessPoolExecutor(2) as pool:
            files = list(
                pool.map(
                    cached, everything, [mode == "box"] * len(everything), [given.work] * len(everything), chunksize=8
                )
            )
        kept = [(file, photo.fold) for file, photo in zip(files, everything, strict=True) if file]
        if given.cues_only:
            continue
        print(mode, len(kept), "of", len(everything), flush=True)
        fit_mode(mode, [file for file, _ in kept], np.array([fold for _, fold in kept]), tables, PASSES)
    np.savez(given.work / "folds.npz", **{photo_name(photo): np.array(photo.fold) for photo in everything})
    for k, table in enumerate(tables):
        np.savez(given.work / ("prior.npz" if k == FOLDS else f"fold{k}.npz"), **table)


if __name__ == "__main__":
    main()
