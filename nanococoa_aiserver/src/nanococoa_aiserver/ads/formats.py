"""The placements an ad can be made for, read from ``formats.toml``, and the few scenes that serve them all.

A scene is painted once per aspect bucket, larger than any format of the bucket, and moved under the product in each.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from functools import lru_cache
from importlib import resources

from nanococoa_aiserver.errors import InvalidParameter
from nanococoa_client.schemas import FormatSpec

SOCIAL = ("square", "portrait", "story", "wide")
"""The four that people mean by "an ad": what ``make ad`` makes."""

BUCKETS: dict[str, tuple[int, int]] = {
    "tower": (600, 1800),
    "story": (1080, 1920),
    "portrait": (1080, 1350),
    "square": (1080, 1080),
    "wide": (1360, 720),
    "banner": (1440, 360),
}
"""Pixels a scene of each aspect bucket is painted with."""


@lru_cache(1)
def load_formats() -> dict[str, FormatSpec]:
    """Every placement by name, in the file's order."""
    text = resources.files(__package__).joinpath("formats.toml").read_text("utf-8")
    return {name: FormatSpec(name=name, **spec) for name, spec in tomllib.loads(text).items()}


def select_formats(names: Iterable[str]) -> list[FormatSpec]:
    """The placements asked for, each once, in the order asked; ``all`` is every one.

    Raises ``InvalidParameter`` naming the known ones when a name is unknown or none is given.
    """
    known = load_formats()
    wanted = [name.strip().lower() for name in names]
    if "all" in wanted:
        return list(known.values())
    unknown = [name for name in wanted if name not in known]
    if unknown or not wanted:
        raise InvalidParameter("format_unknown", field="formats", name=", ".join(unknown), known=", ".join(known))
    return [known[name] for name in dict.fromkeys(wanted)]


def bucket_of(width: int, height: int) -> str:
    """The aspect bucket nearest to ``width`` × ``height`` by the logarithm of the aspect."""
    aspect = width / height
    return min(BUCKETS, key=lambda name: max(aspect / _aspect(name), _aspect(name) / aspect))


def _aspect(bucket: str) -> float:
    width, height = BUCKETS[bucket]
    return width / height
