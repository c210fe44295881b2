"""What each photo shows: product, ground, light, clutter, camera. The unseen half shares no ground and few products."""

from __future__ import annotations

import colorsys
from typing import Any

import numpy as np

Random = np.random.Generator
Spec = dict[str, Any]

TUNING_PRODUCTS = [
    "bottle",
    "jar",
    "mug",
    "glassdrink",
    "perfume",
    "candle",
    "can",
    "pump",
    "onggi",
    "vase",
    "giftbox",
    "angledbox",
    "tube",
    "snackbag",
    "milkcarton",
    "book",
    "flatbox",
    "apple",
    "apples",
    "crate",
    "bread",
    "plate",
    "cake",
    "burger",
    "sneaker",
    "plant",
    "lamp",
    "chair",
    "row",
    "speaker",
    "phone",
]
UNSEEN_PRODUCTS = [
    "dropper",
    "teapot",
    "carafe",
    "spray",
    "soapstack",
    "standpouch",
    "shoppingbag",
    "watchbox",
    "noodlebowl",
    "donuts",
    "grapes",
    "icecream",
    "handbag",
    "headphones",
    "leafplant",
    "bear",
    "spectacles",
    "pair",
]
SHARED_IN_UNSEEN = ["apple", "bottle", "jar", "giftbox", "crate", "mug", "plant", "apples", "angledbox", "tube"]
"""Everyday products that the unseen half repeats with other seeds, colours and grounds."""

FLOORS = {
    "tuning": ["oak", "walnut", "linen", "gravel", "marble", "checks", "plaster", "sand", "blossom"],
    "unseen": ["ash", "smoked", "denim", "terrazzo", "grass", "concrete", "subway", "stripe", "slate"],
}
WALLS = {"tuning": ["brick", "plaster", "oak", "linen"], "unseen": ["subway", "concrete", "ash", "stripe"]}
FAR = {"tuning": ["far1", "far2", "far3", "shelf1"], "unseen": ["far4", "far5", "shelf2"]}
SIZES = [(1024, 1024), (768, 1024), (1024, 768), (820, 1024)]
GROUNDS = (
    ["sweep"] * 5
    + ["plain"] * 4
    + ["texture"] * 5
    + ["table"] * 2
    + ["cloth"] * 2
    + ["far"] * 3
    + ["clutter"] * 4
    + ["podium"] * 2
)


def colour(r: Random, lightness: tuple[float, float] = (0.12, 0.97), most: float = 0.5) -> str:
    red, green, blue = colorsys.hls_to_rgb(r.random(), r.uniform(*lightness), r.uniform(0, most) ** 1.5)
    return f"#{int(red * 255):02x}{int(green * 255):02x}{int(blue * 255):02x}"


def paper(r: Random) -> str:
    """Colours of walls and paper: most are light and pale."""
    return colour(r, (0.72, 0.99), 0.5) if r.random() < 0.6 else colour(r)


def textured(r: Random, names: list[str]) -> Spec:
    return {"texture": str(r.choice(names)), "repeat": int(r.integers(6, 18)), "roughness": float(r.uniform(0.3, 0.9))}


def plain(r: Random) -> Spec:
    return {"colour": paper(r), "roughness": float(r.uniform(0.25, 1))}


def ground(r: Random, kind: str, half: str) -> Spec:
    wall, back = plain(r), float(r.uniform(0.9, 3.2))
    if kind == "sweep":
        return {"kind": "sweep", "floor": {"colour": paper(r), "roughness": 0.95}, "back": back}
    if kind == "far":
        floor = plain(r) if r.random() < 0.5 else textured(r, FLOORS[half])
        return {"kind": "table", "floor": floor, "backdrop": str(r.choice(FAR[half])), "back": 6.0}
    if kind in ("texture", "clutter"):
        wall = textured(r, WALLS[half]) if r.random() < 0.4 else wall
        floor = textured(r, FLOORS[half]) if kind == "texture" or r.random() < 0.6 else plain(r)
        return {"kind": "floor", "floor": floor, "wall": wall, "back": back}
    floor = textured(r, FLOORS[half]) if r.random() < 0.3 else plain(r)
    return {"kind": kind if kind in ("table", "cloth") else "floor", "floor": floor, "wall": wall, "back": back}


def light(r: Random) -> Spec:
    spec = {
        "colour": str(r.choice(["#fff4e0", "#ffffff", "#ffe2b8", "#e4eeff"])),
        "strength": float(r.uniform(0.6, 3.6)),
        "azimuth": float(r.uniform(-1.9, 1.9)),
        "height": float(r.uniform(0.35, 1.3)),
        "softness": float(r.uniform(1, 14)),
        "blinds": bool(r.random() < 0.08),
    }
    if r.random() < 0.2:
        spec |= {"lamp": str(r.choice(["#ffb060", "#9fc4ff", "#ffd9e6"])), "lampStrength": float(r.uniform(1, 5))}
    return spec


def camera(r: Random) -> Spec:
    high = r.random() < 0.15
    return {
        "angle": float(r.uniform(20, 48)),
        "elevation": float(r.uniform(0.6, 1.25) if high else r.uniform(0.03, 0.55)),
        "azimuth": float(r.normal(0, 0.15)),
        "room": float(r.uniform(1.15, 1.95)),
        "shift": [float(v) for v in r.normal(0, 0.16, 2)],
        "roll": float(r.normal(0, 0.02)),
    }


def photo(r: Random, half: str, product: str, kind: str) -> Spec:
    """One photo's whole specification, JSON-safe."""
    width, height = SIZES[r.integers(len(SIZES))]
    spec: Spec = {
        "product": product,
        "class": kind,
        "seed": int(r.integers(1 << 30)),
        "width": width,
        "height": height,
        "around": str(r.choice(["room", "studio", "open"])),
        "fill": float(r.uniform(0.3, 0.95)),
        "exposure": float(r.uniform(0.75, 1.3)),
        "beyond": colour(r),
        "ground": ground(r, kind, half),
        "light": light(r),
        "camera": camera(r),
        "defocus": float(r.uniform(2, 12)) if r.random() < 0.3 else 0.0,
    }
    if kind == "clutter" or r.random() < 0.08:
        spec["clutter"] = {
            "count": int(r.integers(3, 22)),
            "products": bool(r.random() < 0.5),
            "beside": float(r.uniform(0, 0.2)),
        }
    if kind == "podium":
        spec |= {"podium": float(r.uniform(0.15, 0.5)), "podiumSkin": plain(r)}
    return spec


def photos(half: str, count: int, series: int = 0) -> list[Spec]:
    """``count`` photos of a half (``tuning`` or ``unseen``), products and grounds evenly mixed; each series differs."""
    r = np.random.default_rng(
        [{"tuning": 20261, "unseen": 77003}[half], series] if series else {"tuning": 20261, "unseen": 77003}[half]
    )
    names = TUNING_PRODUCTS if half == "tuning" else UNSEEN_PRODUCTS + SHARED_IN_UNSEEN
    products = np.concatenate([r.permutation(names) for _ in range(count // len(names) + 1)])[:count]
    kinds = np.concatenate([r.permutation(GROUNDS) for _ in range(count // len(GROUNDS) + 1)])[:count]
    return [photo(r, half, str(p), str(k)) for p, k in zip(products, kinds, strict=True)]
