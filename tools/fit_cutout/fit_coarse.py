"""Fits the coarse pass: ``fit_coarse.py --work FOLDER``, a small separable U-shaped network over the cues at 48 x 48.

It sees what no pixel sees by itself: which closed shape stands in the middle of a scene. One network serves whole
photos and boxes (the box's cues are zero without one). Runs on the cues that ``fit_prior.py --cues-only`` stored.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from nanococoa_aiserver.engines.studio.cutout.coarse import BLOCKS, INPUTS, SIDE, WIDTHS, coarse_inputs

SWAPS = [(12, 13), (41, 42)]
"""Cues that change places when a photo is mirrored: edges to the left and right, distances to the box's sides."""

Table = dict[str, npt.NDArray[np.float32]]


class Pointwise(nn.Module):
    """1 x 1 convolution with batch normalisation (folded into it when stored)."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv, self.norm = nn.Conv2d(inputs, outputs, 1, bias=False), nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(self.norm(self.conv(x)))

    def folded(self) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        gain = (self.norm.weight / torch.sqrt(self.norm.running_var + self.norm.eps)).detach()
        weight = (self.conv.weight[:, :, 0, 0] * gain[:, None]).detach().numpy().T
        return weight, (self.norm.bias - self.norm.running_mean * gain).detach().numpy()


class Block(nn.Module):
    """Depthwise 3 x 3, then pointwise, added to what came in."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.depth, self.point = (
            nn.Conv2d(width, width, 3, padding=1, groups=width, bias=False),
            Pointwise(width, width),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.point(self.depth(x))


class Coarse(nn.Module):
    """The layers in the order ``coarse.py`` evaluates them."""

    def __init__(self) -> None:
        super().__init__()
        before = (INPUTS, *WIDTHS[:-1])
        self.enter = nn.ModuleList([Pointwise(a, b) for a, b in zip(before, WIDTHS, strict=True)])
        self.down = nn.ModuleList(
            [nn.ModuleList([Block(w) for _ in range(n)]) for w, n in zip(WIDTHS, BLOCKS, strict=True)]
        )
        self.whole = Pointwise(WIDTHS[-1], WIDTHS[-1])
        self.merge = nn.ModuleList([Pointwise(WIDTHS[k + 1] + WIDTHS[k], WIDTHS[k]) for k in range(len(WIDTHS) - 1)])
        self.up = nn.ModuleList([Block(w) for w in WIDTHS[:-1]])
        self.out = nn.Conv2d(WIDTHS[0], 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        kept = []
        for level, (enter, blocks) in enumerate(zip(self.enter, self.down, strict=True)):
            x = enter(functional.avg_pool2d(x, 2) if level else x)
            for block in blocks:
                x = block(x)
            kept.append(x)
        x = x + self.whole(x.mean((2, 3), keepdim=True))
        for level in reversed(range(len(self.merge))):
            x = functional.interpolate(x, scale_factor=2, mode="nearest")
            x = self.up[level](self.merge[level](torch.cat([x, kept[level]], 1)))
        return self.out(x)[:, 0]

    def table(self) -> Table:
        """Named arrays for ``coefficients.npz``."""
        found: Table = {}
        for name, part in self.named_modules():
            if isinstance(part, Pointwise):
                found[f"coarse/{name}/w"], found[f"coarse/{name}/b"] = part.folded()
            if isinstance(part, Block):
                found[f"coarse/{name}/d"] = part.depth.weight[:, 0].detach().numpy().transpose(1, 2, 0).copy()
        found["coarse/out/w"], found["coarse/out/b"] = (
            self.out.weight[:, :, 0, 0].detach().numpy().T,
            self.out.bias.detach().numpy(),
        )
        return found


def example(path: Path) -> tuple[npt.NDArray[np.float16], npt.NDArray[np.float16]]:
    """(inputs, truth) of one stored photo at SIDE x SIDE, channels first."""
    with np.load(path) as data:
        field = coarse_inputs(data["stack"].astype(np.float32), path.stem.endswith("box"))
        gold = cv2.resize(data["gold"].astype(np.float32), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return field.transpose(2, 0, 1).astype(np.float16), gold.astype(np.float16)


def varied(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Mirrored, zoomed and shifted, single cues switched off."""
    n = len(x)
    flip = torch.rand(n) < 0.5
    swapped = x[flip].flip(-1)
    for a, b in SWAPS:
        swapped[:, [a, b]] = swapped[:, [b, a]]
    x = x.clone()
    x[flip], y = swapped, torch.where(flip[:, None, None], y.flip(-1), y)
    zoom = torch.empty(n, 1).uniform_(0.72, 1.12) * torch.empty(n, 2).uniform_(0.9, 1.1)
    move = torch.empty(n, 2).uniform_(-1, 1) * (1 - zoom).abs().clamp(min=0.03)
    theta = torch.zeros(n, 2, 3)
    theta[:, 0, 0], theta[:, 1, 1], theta[:, :, 2] = zoom[:, 0], zoom[:, 1], move
    grid = functional.affine_grid(theta, [n, 1, SIDE, SIDE], align_corners=False)
    x = functional.grid_sample(x, grid, padding_mode="border", align_corners=False)
    y = functional.grid_sample(y[:, None], grid, padding_mode="zeros", align_corners=False)[:, 0]
    return x * (torch.rand(n, x.shape[1], 1, 1) > 0.04), y


def loss_of(logit: Tensor, gold: Tensor) -> Tensor:
    """Cross-entropy plus one minus the soft overlap of each photo."""
    p = torch.sigmoid(logit)
    both, either = (p * gold).sum((1, 2)), (p + gold - p * gold).sum((1, 2))
    return functional.binary_cross_entropy_with_logits(logit, gold) + (1 - (both + 1) / (either + 1)).mean()


def fit(x: Tensor, y: Tensor, epochs: int, batch: int = 24) -> tuple[Coarse, Table]:
    torch.manual_seed(5)
    mean, scale = x.float().mean((0, 2, 3)), 1 / (x.float().std((0, 2, 3)) + 1e-3)
    net, steps = Coarse(), epochs * (len(x) // batch)
    optimiser = torch.optim.AdamW(net.parameters(), weight_decay=0.01)
    rate = torch.optim.lr_scheduler.OneCycleLR(optimiser, 6e-3, total_steps=steps, pct_start=0.15)
    for epoch in range(epochs):
        order, start, total = torch.randperm(len(x)), time.time(), 0.0
        for k in range(len(x) // batch):
            rows = order[k * batch : (k + 1) * batch]
            a = ((x[rows].float() - mean[:, None, None]) * scale[:, None, None]).clamp(-5, 5)
            a, b = varied(a, y[rows].float())
            loss = loss_of(net(a), b)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            rate.step()
            total += loss.item()
        if epoch % 4 == 0 or epoch == epochs - 1:
            print(f"  epoch {epoch} loss {total / (len(x) // batch):.4f} {time.time() - start:.1f} s", flush=True)
    net.eval()
    return net, net.table() | {"coarse/mean": mean.numpy(), "coarse/scale": scale.numpy()}


def judged(net: Coarse, table: Table, x: Tensor, y: Tensor, name: str) -> None:
    mean, scale = (
        torch.from_numpy(table["coarse/mean"])[:, None, None],
        torch.from_numpy(table["coarse/scale"])[:, None, None],
    )
    with torch.no_grad():
        p = torch.cat([net(((part.float() - mean) * scale).clamp(-5, 5)) for part in x.split(64)]) > 0
    t = y > 0.5
    overlaps = ((p & t).sum((1, 2)) / (p | t).sum((1, 2)).clamp(min=1)).numpy()
    share = [f">={level} {(overlaps >= level).mean():.3f}" for level in (0.8, 0.9)]
    print(f"{name}: IoU mean {overlaps.mean():.3f} median {np.median(overlaps):.3f}", *share, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=22)
    parser.add_argument(
        "--parts", type=int, nargs="+", default=[0, 1, 2], help="held-out halves 0 and 1, and 2 for all"
    )
    given = parser.parse_args()
    torch.set_num_threads(1)
    paths = sorted(given.work.glob("*_auto.npz")) + sorted(given.work.glob("*_box.npz"))
    stored: list[Any] = [example(path) for path in paths]
    x, y = torch.from_numpy(np.stack([a for a, _ in stored])), torch.from_numpy(np.stack([b for _, b in stored]))
    folds = np.load(given.work / "folds.npz")
    half = np.array([int(folds[path.stem.rsplit("_", 1)[0]]) for path in paths])
    boxed = np.array([path.stem.endswith("box") for path in paths])
    for k in given.parts:
        own = half != k
        net, table = fit(x[own], y[own], given.epochs)
        for mode, of in (("auto", ~boxed), ("box", boxed)):
            if k < 2:
                judged(net, table, x[~own & of], y[~own & of], f"half {k} {mode}")
        np.savez(given.work / f"coarse{k}.npz", **table)


if __name__ == "__main__":
    main()
