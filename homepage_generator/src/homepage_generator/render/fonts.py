"""Installed fonts cut down to the letters that a site shows, and measured.

A face takes its letters from its first file, and what that one lacks (Chinese characters, rare signs) from the next.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

import uharfbuzz as hb
from fontTools.ttLib import TTFont

from homepage_generator.render.theme import Face

FOLDERS: Final = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".fonts")
LAST_RESORT: Final = {True: "NotoSansCJK-Bold.ttc#1", False: "NotoSansCJK-Regular.ttc#1"}
"""For what no file of a face has; ``#1`` is the collection's Korean face."""
BLANK: Final = frozenset({0x20, 0xA0, 0x3000})
BOLD: Final = 600
FEATURES: Final = ("kern", "liga", "tnum", "lnum", "palt", "vert", "vrt2", "ccmp", "locl", "mark", "mkmk")


class FontsMissing(RuntimeError):
    """A theme's typeface is not installed: apt's fonts-nanum, fonts-nanum-extra, fonts-woowa-bm, fonts-noto-cjk."""


class Cut(NamedTuple):
    """A subset. ``covers``: its codes, when it only lends some; empty: everything else is looked for in it."""

    data: bytes
    covers: tuple[int, ...]

    @property
    def name(self) -> str:
        return f"f{hashlib.sha256(self.data).hexdigest()[:10]}.woff2"


def missing(faces: Iterable[Face]) -> list[str]:
    """The files that these faces, or letters that they lack, would be taken from, and that are not installed."""
    files = {file for face in faces for file in face.files} | set(LAST_RESORT.values())
    return sorted(file for file in files if _place(file) is None)


def cuts(face: Face, text: Iterable[str]) -> list[Cut]:
    """The face's files for these letters, the main one first; no files for no letters."""
    missing = {ord(letter) for letter in text if not letter.isspace()} | {0x20}
    found: list[Cut] = []
    for file in (*face.files, LAST_RESORT[face.weight >= BOLD]):
        has = frozenset(code for code in missing & _codes(file) if code in BLANK or _is_drawn(file, code))
        if has - BLANK:
            found.append(Cut(_subset(file, has), tuple(sorted(has)) if found else ()))
            missing -= has
        if not missing:
            break
    return found


def width(file: str, text: str, spacing: float = 0.0) -> float:
    """How wide a line is, in em."""
    font = hb.Font(_face(file))
    buffer = hb.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    hb.shape(font, buffer)
    advance = float(sum(position.x_advance for position in buffer.glyph_positions or ()))
    return advance / int(font.face.upem) + spacing * len(text)


@lru_cache(maxsize=1)
def _installed() -> dict[str, Path]:
    return {path.name: path for folder in FOLDERS for path in sorted(folder.rglob("*.[to]t[fc]"))}


def _place(file: str) -> tuple[Path, int] | None:
    """Where a file is, and which of its faces is meant. Images carry a collection's Korean face by itself."""
    name, _, index = file.partition("#")
    if whole := _installed().get(name):
        return whole, int(index or 0)
    alone = _installed().get(f"{Path(name).stem}-KR.otf") if index else None
    return (alone, 0) if alone else None


@lru_cache(maxsize=24)
def _face(file: str) -> hb.Face:
    place = _place(file)
    if place is None:
        raise FontsMissing(f"{file} is in none of {[str(folder) for folder in FOLDERS]}")
    return hb.Face(hb.Blob.from_file_path(str(place[0])), place[1])


@lru_cache(maxsize=24)
def _codes(file: str) -> frozenset[int]:
    return frozenset(_face(file).unicodes)


@lru_cache(maxsize=8192)
def _is_drawn(file: str, code: int) -> bool:
    """Some Korean display fonts name signs, dashes above all, that they leave empty."""
    font = hb.Font(_face(file))
    glyph = font.get_nominal_glyph(code)
    extents = font.get_glyph_extents(glyph) if glyph is not None else None
    return extents is not None and bool(extents.width or extents.height)


@lru_cache(maxsize=128)
def _subset(file: str, codes: frozenset[int]) -> bytes:
    wanted = hb.SubsetInput()
    wanted.sets(hb.SubsetInputSets.UNICODE).update(set(codes))
    wanted.sets(hb.SubsetInputSets.LAYOUT_FEATURE_TAG).clear()
    wanted.sets(hb.SubsetInputSets.LAYOUT_FEATURE_TAG).update({int.from_bytes(tag.encode()) for tag in FEATURES})
    wanted.flags = hb.SubsetFlags.NO_HINTING
    cut = hb.subset(_face(file), wanted)
    font = TTFont(io.BytesIO(cut.blob.data))
    font.flavor = "woff2"
    packed = io.BytesIO()
    font.save(packed)
    return packed.getvalue()
