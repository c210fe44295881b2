"""Modulated deformable convolution v2 (Zhu et al., 2019) in plain PyTorch, as ``torchvision.ops.deform_conv2d``.

Each tap of the kernel reads the picture at its own place, bilinearly. The reads are rows of a (pixels, channels)
table, so that one fused weighted sum of four rows serves a tap; taps are taken a few at a time to bound the memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import NamedTuple, TypeAlias

import torch
from torch import Tensor
from torch.nn import functional

Pair: TypeAlias = tuple[int, int]
DeformConv2d: TypeAlias = Callable[..., Tensor]

COLUMNS_AT_ONCE = 1 << 26  # sampled values held at a time: 256 MiB in float32


class _Geometry(NamedTuple):
    stride: Pair
    padding: Pair
    dilation: Pair


def deform_conv2d(
    input: Tensor,  # noqa: A002 (torchvision's own name)
    offset: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int | Pair = 1,
    padding: int | Pair = 0,
    dilation: int | Pair = 1,
    mask: Tensor | None = None,
) -> Tensor:
    """``input`` (N, C, H, W) convolved with ``weight`` (O, C, kh, kw), every tap moved by ``offset``.

    ``offset`` (N, 2·kh·kw, H', W') holds dy, dx per tap in pixels; ``mask`` (N, kh·kw, H', W') weighs the taps. What
    lies outside the picture is 0. Returns (N, O, H', W'). One offset group and one weight group, which is all that
    BiRefNet has.
    """
    geometry = _Geometry(_pair(stride), _pair(padding), _pair(dilation))
    batch, (rows, columns) = input.shape[0], offset.shape[-2:]
    taps = weight.shape[2] * weight.shape[3]
    table = input.permute(0, 2, 3, 1).reshape(-1, input.shape[1])
    kernel = weight.permute(2, 3, 1, 0).reshape(taps, weight.shape[1], weight.shape[0])
    moved = offset.reshape(batch, taps, 2, rows, columns).float()
    out = torch.zeros(batch * rows * columns, weight.shape[0], dtype=input.dtype, device=input.device)
    for group in _groups(taps, batch * rows * columns * input.shape[1]):
        y, x = _places(moved[:, group], group, weight.shape[3], geometry)
        weighed = None if mask is None else mask[:, group].float()
        sampled = _sampled(table, y, x, weighed, input.shape)
        out += torch.einsum("kpc,kco->po", sampled, kernel[group])
    shaped = out.reshape(batch, rows, columns, -1).permute(0, 3, 1, 2)
    return shaped if bias is None else shaped + bias.view(1, -1, 1, 1)


def best_deform_conv2d() -> DeformConv2d:
    """torchvision's compiled operator where it is really there, this module's where not."""
    try:
        compiled: DeformConv2d = import_module("torchvision.ops").deform_conv2d
        built = bool(import_module("torchvision.extension")._has_ops())
    except (ImportError, RuntimeError, OSError):  # a wheel built for another torch fails in all three ways
        return deform_conv2d
    return compiled if built else deform_conv2d


def _pair(value: int | Pair) -> Pair:
    return (value, value) if isinstance(value, int) else value


def _groups(taps: int, values_per_tap: int) -> Iterator[slice]:
    step = max(1, COLUMNS_AT_ONCE // max(1, values_per_tap))
    for first in range(0, taps, step):
        yield slice(first, min(taps, first + step))


def _places(moved: Tensor, group: slice, kernel_width: int, geometry: _Geometry) -> tuple[Tensor, Tensor]:
    """Where each tap of ``group`` reads: y and x in pixels, (N, taps, H', W') each, in float32."""
    rows, columns = moved.shape[-2:]
    tap = torch.arange(group.start, group.stop, device=moved.device)
    grid_y = torch.arange(rows, device=moved.device) * geometry.stride[0] - geometry.padding[0]
    grid_x = torch.arange(columns, device=moved.device) * geometry.stride[1] - geometry.padding[1]
    tap_y = (tap // kernel_width * geometry.dilation[0]).view(1, -1, 1, 1)
    tap_x = (tap % kernel_width * geometry.dilation[1]).view(1, -1, 1, 1)
    return moved[:, :, 0] + (grid_y.view(-1, 1) + tap_y), moved[:, :, 1] + (grid_x.view(1, -1) + tap_x)


def _sampled(table: Tensor, y: Tensor, x: Tensor, mask: Tensor | None, shape: torch.Size) -> Tensor:
    """Bilinear reads of ``table`` at (y, x): (taps, N·H'·W', C). Corners outside the picture weigh 0."""
    batch, _, height, width = shape
    first_pixel = (torch.arange(batch, device=y.device) * height * width).view(-1, 1, 1, 1)
    top, left = y.floor(), x.floor()
    corners = [(top + dy, left + dx) for dy in (0, 1) for dx in (0, 1)]
    weights = [(1 - (y - cy).abs()) * (1 - (x - cx).abs()) * _inside(cy, cx, height, width) for cy, cx in corners]
    pixels = [_pixel(cy, cx, height, width) + first_pixel for cy, cx in corners]
    weight = torch.stack(weights, -1) if mask is None else torch.stack(weights, -1) * mask.unsqueeze(-1)
    indices, per_corner = (_by_tap(part) for part in (torch.stack(pixels, -1), weight.to(table.dtype)))
    rows = functional.embedding_bag(indices, table, mode="sum", per_sample_weights=per_corner)
    return rows.view(y.shape[1], -1, table.shape[1])


def _by_tap(corners: Tensor) -> Tensor:
    """(N, taps, H', W', 4) to (taps·N·H'·W', 4)."""
    return corners.transpose(0, 1).reshape(-1, 4)


def _inside(y: Tensor, x: Tensor, height: int, width: int) -> Tensor:
    return ((y >= 0) & (y < height) & (x >= 0) & (x < width)).float()


def _pixel(y: Tensor, x: Tensor, height: int, width: int) -> Tensor:
    return y.clamp(0, height - 1).long() * width + x.clamp(0, width - 1).long()
