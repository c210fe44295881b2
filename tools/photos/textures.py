"""Surfaces and far backdrops for the rendered photos, drawn from noise: no files from elsewhere are needed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

SIDE = 512
Image = npt.NDArray[np.uint8]
Random = np.random.Generator


def noise(r: Random, across: int, down: int) -> npt.NDArray[np.float32]:
    """Smooth noise 0..1 with the given number of cells."""
    return cv2.resize(r.random((down, across), dtype=np.float32), (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)


def blend(low: tuple[int, int, int], high: tuple[int, int, int], share: npt.NDArray[np.float32]) -> Image:
    a, b = np.array(low, np.float32), np.array(high, np.float32)
    return (a + (b - a) * share.clip(0, 1)[..., None]).clip(0, 255).astype(np.uint8)


def grid() -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    y, x = np.mgrid[:SIDE, :SIDE]
    return y, x


def wood(low: tuple[int, int, int], high: tuple[int, int, int]) -> Callable[[Random], Image]:
    def draw(r: Random) -> Image:
        _, x = grid()
        grain = noise(r, 12, 256) * 0.6 + noise(r, 512, 16) * 0.4
        grain = grain * 0.7 + np.array([0, 0.12, -0.1, 0.06], np.float32)[x // 128]
        grain[(x % 128) < 2] -= 0.3
        return blend(low, high, grain)

    return draw


def weave(colour: tuple[int, int, int]) -> Callable[[Random], Image]:
    def draw(r: Random) -> Image:
        return blend((0, 0, 0), colour, 0.75 + 0.12 * noise(r, 512, 40) + 0.12 * noise(r, 40, 512))

    return draw


def tiles(
    face: tuple[int, int, int], joint: tuple[int, int, int], wide: int, high: int, offset: bool
) -> Callable[[Random], Image]:
    def draw(r: Random) -> Image:
        y, x = grid()
        shifted = x + (y // high % 2) * (wide // 2) * int(offset)
        tone = r.uniform(0.8, 1.05, (SIDE // high + 1, SIDE // wide + 2)).astype(np.float32)[y // high, shifted // wide]
        picture = blend((0, 0, 0), face, tone * (0.92 + 0.12 * noise(r, 90, 90)))
        picture[(shifted % wide < 5) | (y % high < 5)] = joint
        return picture

    return draw


def stripes(
    first: tuple[int, int, int], second: tuple[int, int, int], width: int, checked: bool
) -> Callable[[Random], Image]:
    def draw(r: Random) -> Image:
        y, x = grid()
        share = ((x // width + (y // width if checked else 0)) % 2).astype(np.float32)
        return blend(first, second, share * 0.94 + 0.06 * noise(r, 60, 60))

    return draw


def chips(
    ground: tuple[int, int, int], colours: list[tuple[int, int, int]], count: int, radius: int
) -> Callable[[Random], Image]:
    def draw(r: Random) -> Image:
        picture = np.full((SIDE, SIDE, 3), ground, np.uint8)
        for _ in range(count):
            corners = (r.integers(0, SIDE, 2) + r.integers(-radius, radius, (6, 2))).astype(np.int32)
            cv2.fillConvexPoly(picture, cv2.convexHull(corners), colours[r.integers(len(colours))], cv2.LINE_AA)
        return picture

    return draw


def veined(low: tuple[int, int, int], high: tuple[int, int, int]) -> Callable[[Random], Image]:
    def draw(r: Random) -> Image:
        y, x = grid()
        wave = np.abs(np.sin(x / 90 + y / 140 + 4 * noise(r, 5, 5) + 1.5 * noise(r, 14, 14)))
        return blend(high, low, np.exp(-wave * 14).astype(np.float32) + 0.1 * noise(r, 8, 8))

    return draw


def grains(low: tuple[int, int, int], high: tuple[int, int, int], cells: int) -> Callable[[Random], Image]:
    def draw(r: Random) -> Image:
        return blend(
            low,
            high,
            0.3 * noise(r, 6, 6) + 0.4 * noise(r, cells, cells) + 0.3 * r.random((SIDE, SIDE), dtype=np.float32),
        )

    return draw


def blobs(r: Random, count: int, reach: tuple[int, int], lift: float) -> npt.NDArray[np.float32]:
    picture = np.full((SIDE, SIDE, 3), r.uniform(20, 200, 3), np.float32)
    for _ in range(count):
        colour = tuple(float(v) for v in r.uniform(10, 255, 3) * lift)
        cv2.ellipse(
            picture,
            tuple(int(v) for v in r.integers(0, SIDE, 2)),
            tuple(int(v) for v in r.integers(*reach, 2)),
            float(r.uniform(0, 180)),
            0,
            360,
            colour,
            -1,
            cv2.LINE_AA,
        )
    return picture


def out_of_focus(sigma: float, count: int) -> Callable[[Random], Image]:
    """A far room or street, as a lens blurs it."""

    def draw(r: Random) -> Image:
        picture = cv2.GaussianBlur(blobs(r, count, (10, 120), 1.0), (0, 0), sigma)
        lamps = cv2.GaussianBlur(
            np.where(r.random((SIDE, SIDE, 1)) > 0.9997, 255.0, 0).astype(np.float32) * np.ones(3, np.float32),
            (0, 0),
            2,
        )
        return (
            (picture + 30 * cv2.dilate(lamps, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (23, 23))))
            .clip(0, 255)
            .astype(np.uint8)
        )

    return draw


def shelves(r: Random) -> Image:
    """Rows of packages on shelves: the worst kind of background."""
    picture = np.full((SIDE, SIDE, 3), r.integers(90, 230, 3), np.uint8)
    for foot in range(120, SIDE + 60, 120):
        x = 0
        while x < SIDE:
            w, h = int(r.integers(18, 60)), int(r.integers(40, 100))
            cv2.rectangle(picture, (x, foot - h), (x + w, foot), tuple(int(v) for v in r.integers(20, 255, 3)), -1)
            cv2.rectangle(picture, (x + w // 4, foot - h // 2), (x + 3 * w // 4, foot - h // 4), (240, 236, 228), -1)
            x += w + int(r.integers(2, 14))
        picture[foot : foot + 14] = (110, 86, 62)
    return picture


TUNING: dict[str, Callable[[Random], Image]] = {
    "oak": wood((150, 110, 70), (205, 165, 120)),
    "walnut": wood((60, 38, 24), (120, 80, 52)),
    "linen": weave((214, 202, 182)),
    "brick": tiles((168, 92, 70), (196, 188, 178), 128, 64, True),
    "gravel": chips((120, 118, 112), [(90, 88, 84), (150, 148, 142), (190, 186, 178)], 2600, 9),
    "marble": veined((140, 138, 136), (238, 236, 232)),
    "checks": stripes((190, 70, 62), (235, 232, 225), 64, True),
    "plaster": grains((176, 170, 160), (214, 208, 198), 24),
    "sand": grains((190, 160, 120), (226, 200, 160), 160),
    "blossom": chips((236, 226, 214), [(205, 120, 120), (120, 150, 120), (230, 180, 90)], 80, 26),
    "far1": out_of_focus(22, 60),
    "far2": out_of_focus(9, 90),
    "far3": out_of_focus(4, 140),
    "shelf1": shelves,
}
UNSEEN: dict[str, Callable[[Random], Image]] = {
    "ash": wood((176, 160, 138), (232, 220, 200)),
    "smoked": wood((34, 30, 28), (82, 72, 64)),
    "denim": weave((70, 92, 132)),
    "terrazzo": chips((232, 230, 226), [(200, 150, 120), (120, 130, 125), (225, 190, 150), (90, 90, 95)], 280, 15),
    "grass": grains((40, 74, 22), (130, 168, 70), 220),
    "concrete": grains((128, 128, 126), (182, 180, 176), 40),
    "subway": tiles((226, 232, 230), (168, 172, 170), 64, 32, True),
    "stripe": stripes((58, 92, 120), (240, 238, 230), 40, False),
    "slate": veined((150, 150, 148), (48, 50, 54)),
    "far4": out_of_focus(16, 70),
    "far5": out_of_focus(6, 120),
    "shelf2": shelves,
}


def write(folder: Path) -> None:
    """Draws every texture once into ``folder`` as PNG."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, (name, draw) in enumerate((TUNING | UNSEEN).items()):
        cv2.imwrite(str(folder / f"{name}.png"), cv2.cvtColor(draw(np.random.default_rng(number)), cv2.COLOR_RGB2BGR))
