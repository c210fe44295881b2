"""Tileable surface patterns as 8-bit maps without colour: painted once per process, coloured by each palette.

Every map is (SIZE, SIZE) or (SIZE, SIZE, channels) uint8 and repeats in both directions.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from nanococoa_aiserver.imaging.filters import F32, U8, smoothstep

SIZE = 1024
FAR_BLUR = 6.0  # px of a map: what a floor's far rows are sampled from, so that they do not shimmer


@dataclass(frozen=True, slots=True, eq=False)
class Texture:
    """A surface's map, and the same map blurred for where it is seen from afar."""

    near: U8
    far: U8


def noise(beta: float = 2.0, seed: int = 0, stretch_x: float = 1.0, stretch_y: float = 1.0, size: int = SIZE) -> F32:
    """Tileable 1/f**beta noise, mean 0.5, spread 0.17, clipped to 0..1; stretching one axis makes fibres."""
    random = np.random.default_rng(seed)
    fy = np.fft.fftfreq(size)[:, None] * size * stretch_y
    fx = np.fft.rfftfreq(size)[None] * size * stretch_x
    weight = np.maximum(np.hypot(fx, fy), 1) ** -beta
    weight[0, 0] = 0
    values = np.fft.irfft2(np.fft.rfft2(random.normal(size=(size, size))) * weight, (size, size))
    return np.asarray(np.clip(0.5 + 0.17 * values / values.std(), 0, 1), np.float32)


@lru_cache(64)
def clouds(beta: float, seed: int) -> F32:
    """A quarter-size tile of ``noise`` for light maps, kept: (256, 256)."""
    return noise(beta, seed, size=SIZE // 4)


@lru_cache(1)
def grain() -> F32:
    """Film grain: white noise of unit spread, (512, 512)."""
    return np.random.default_rng(9).normal(0, 1, (512, 512)).astype(np.float32)


def _grid() -> tuple[F32, F32]:
    axis = np.asarray(np.arange(SIZE) / SIZE, np.float32)
    return axis[:, None], axis[None]


def _as_map(values: F32) -> U8:
    return np.asarray(np.rint(np.clip(values, 0, 1) * 255), np.uint8)


def _texture(pattern: U8) -> Texture:
    wrapped = cv2.copyMakeBorder(pattern, 24, 24, 24, 24, cv2.BORDER_WRAP)
    far = cv2.GaussianBlur(wrapped, (0, 0), FAR_BLUR)[24:-24, 24:-24]
    return Texture(pattern, np.ascontiguousarray(far, np.uint8))


@lru_cache(6)
def wood(seed: int = 0, planks: int = 5) -> Texture:
    """Planks along y. Channel 0: from the dark to the light wood; channel 1: the seams' light (255 = open face)."""
    _, x = _grid()
    offset = np.random.default_rng(seed).random(planks).astype(np.float32)
    plank = np.minimum((x[0] * planks).astype(int), planks - 1)
    fine, wide = noise(1.1, seed, 1.0, 14.0), noise(1.9, seed + 1, 1.0, 5.0)
    fibre = 0.65 * (fine - 0.5) + (wide - 0.5)
    for number in range(planks):
        fibre[:, plank == number] = np.roll(fibre[:, plank == number], int(offset[number] * SIZE), 0)
    within = (x * planks) % 1
    rings = 0.10 * np.sin((within - 0.5 + 3 * offset[plank][None]) * 22 + (wide - 0.5) * 26)
    tone = 0.5 + 0.9 * fibre + rings + 0.35 * (offset[plank][None] - 0.5)
    seam = np.broadcast_to(smoothstep(0, 0.014, np.minimum(within, 1 - within)), tone.shape)
    return _texture(np.dstack([_as_map(tone), _as_map(seam)]))


@lru_cache(3)
def marble(seed: int = 0) -> Texture:
    """Long, branching veins over soft clouds: warped ridges of three sizes, thin where the stone is clear."""
    warp_y, warp_x = noise(2.1, seed + 3), noise(2.1, seed + 4)
    y, x = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32)
    vein = np.zeros((SIZE, SIZE), np.float32)
    for number, (reach, sharp, weight) in enumerate(((260, 30, 1.0), (190, 46, 0.6), (120, 60, 0.38))):
        base = noise(2.0, seed + 10 + number)
        moved = cv2.remap(
            base, (x + (warp_x - 0.5) * reach) % SIZE, (y + (warp_y - 0.5) * reach) % SIZE, cv2.INTER_LINEAR
        )
        ridge = np.exp(-sharp * np.abs(np.asarray(moved, np.float32) - 0.5) / 1.4)
        vein = np.maximum(vein, weight * ridge * smoothstep(0.36, 0.62, noise(1.9, seed + 20 + number)))
    cloud = 0.28 * smoothstep(0.42, 0.85, noise(1.8, seed + 30)) + 0.10 * noise(1.2, seed + 31)
    return _texture(_as_map(np.asarray(vein + cloud * (1 - vein), np.float32)))


CHIPS = 4


@lru_cache(3)
def terrazzo(seed: int = 0) -> Texture:
    """Coverage of ``CHIPS`` colours of stone chips (one channel each) on an even ground."""
    random = np.random.default_rng(seed)
    cover = np.zeros((SIZE, SIZE, CHIPS), np.uint8)
    for _ in range(620):
        radius = float(random.choice([6, 11, 18, 28], p=[0.40, 0.34, 0.19, 0.07]))
        middle = random.integers(0, SIZE, 2)
        corners = random.normal(0, radius * 0.8, (7, 2)).astype(np.float32)
        chip = np.asarray(cv2.convexHull(corners), np.float32)[:, 0] + middle
        value = [0] * CHIPS
        value[int(random.integers(CHIPS))] = 255
        for shift_x in (-SIZE, 0, SIZE):
            for shift_y in (-SIZE, 0, SIZE):
                moved = np.rint((chip + np.array([shift_x, shift_y])) * 16).astype(np.int32)
                cv2.fillConvexPoly(cover, moved, value, cv2.LINE_AA, 4)
    return _texture(cover)


@lru_cache(8)
def mottled(seed: int = 0, beta: float = 1.3) -> Texture:
    """Concrete, plaster, stone, snow, cloth from afar: clouds with a fine tooth."""
    return _texture(_as_map(smoothstep(0.22, 0.78, 0.75 * noise(beta, seed) + 0.25 * noise(0.6, seed + 9))))


@lru_cache(3)
def linen(seed: int = 0) -> Texture:
    """Crossing threads of uneven thickness, as the eye sees raw linen."""
    warp, weft = noise(0.55, seed, 1.0, 0.06), noise(0.55, seed + 1, 0.06, 1.0)
    turn = np.arange(SIZE, dtype=np.float32) * (2 * np.pi * 256 / SIZE)
    threads = 0.5 + 0.55 * (warp - 0.5) + 0.55 * (weft - 0.5) + 0.16 * (np.sin(turn)[None] + np.sin(turn)[:, None])
    return _texture(_as_map(np.asarray(threads, np.float32)))


@lru_cache(2)
def basket(rows: int = 80, stakes: int = 20) -> Texture:
    """Wicker: strands that pass over one stake and under the next, each row shifted by one.

    Channel 0: tone, channel 1: light between the strands.
    """
    y, x = _grid()
    row = np.floor(y * rows)
    along = (x * stakes + 0.5 * (row % 2)) % 1
    across = (y * rows) % 1
    round_ = np.sin(np.pi * across) ** 0.6
    bulge = np.sin(np.pi * along) ** 0.55
    shade = np.random.default_rng(4).random(rows)[row.astype(int)]
    fibre = 0.22 * (noise(0.9, 6, 4.0, 0.12) - 0.5)
    tone = 0.10 + 0.72 * round_ * (0.25 + 0.75 * bulge) + fibre + 0.22 * (shade - 0.5)
    gap = 0.35 + 0.65 * smoothstep(0.0, 0.45, bulge) * smoothstep(0.0, 0.22, np.minimum(across, 1 - across))
    return _texture(np.dstack([_as_map(np.asarray(tone, np.float32)), _as_map(np.asarray(gap, np.float32))]))


@lru_cache(2)
def cane(cells: int = 14) -> Texture:
    """Cane webbing: pairs of upright and level strands and single diagonals, leaving eight-sided holes (255 = cane)."""
    web = np.zeros((SIZE, SIZE), np.uint8)
    pitch = SIZE / cells
    thick, gap = max(2, round(0.11 * pitch)), 0.12 * pitch
    for number in range(-1, cells + 1):
        for at in ((number + 0.5) * pitch - gap, (number + 0.5) * pitch + gap):
            where = round(at)
            cv2.line(web, (where, 0), (where, SIZE), 255, thick, cv2.LINE_AA)
            cv2.line(web, (0, where), (SIZE, where), 255, thick, cv2.LINE_AA)
    for number in range(-cells, 2 * cells):
        where = round(number * pitch)
        cv2.line(web, (where, 0), (where + SIZE, SIZE), 255, thick, cv2.LINE_AA)
        cv2.line(web, (where, SIZE), (where + SIZE, 0), 255, thick, cv2.LINE_AA)
    return _texture(web)


@lru_cache(2)
def caustics(seed: int = 0) -> Texture:
    """The net of light on a pool's floor: where two wide noises meet."""
    one, two = noise(2.4, seed + 11), noise(2.4, seed + 12)
    net = np.exp(-22 * np.abs(one - two)) + 0.5 * np.exp(-30 * np.abs(np.roll(one, 300, 1) - two))
    return _texture(_as_map(np.asarray(net, np.float32)))


@lru_cache(2)
def moss(seed: int = 0) -> Texture:
    """Cushions of moss: lit tufts over dark gaps."""
    tuft = 0.55 * noise(0.75, seed) + 0.45 * noise(1.6, seed + 1)
    return _texture(_as_map(smoothstep(0.3, 0.72, tuft)))
