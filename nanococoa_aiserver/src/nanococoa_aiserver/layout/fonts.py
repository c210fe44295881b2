"""The font families that are installed: their weights, what each really draws, and who stands in for a missing letter.

A character map is not enough: NanumSquare and the Woowa families map all 11,172 Hangul syllables but hold outlines
for about 2,400, and draw the others as nothing. A syllable counts when its glyph has an outline.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter

from nanococoa_aiserver.errors import RenderFailed
from nanococoa_aiserver.layout.emoji import without_emoji
from nanococoa_client.schemas import FontFamily

HANGUL: Final = range(0xAC00, 0xD7A4)
_HANGUL_MASK: Final = ((1 << len(HANGUL)) - 1) << HANGUL.start
_FOLDERS: Final = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts", "/Library/Fonts")
_WEIGHTS: Final = (
    (20, 100),
    (45, 200),
    (52, 300),
    (90, 400),
    (140, 500),
    (190, 600),
    (202, 700),
    (207, 800),
    (999, 900),
)
"""Fontconfig's weight, up to and including -> CSS weight."""


@dataclass(frozen=True, slots=True)
class Face:
    """One font file's face. ``names`` are all names of its family, in every language."""

    path: str
    index: int
    names: tuple[str, ...]
    weight: int


@lru_cache
def available() -> tuple[FontFamily, ...]:
    """The known families with what is installed of them, for ``GET /fonts``. Read once, in some seconds, by a process
    of its own: opening every font takes 100 MB that a server would keep.
    """
    command = [sys.executable, "-m", "nanococoa_aiserver.layout.font_survey"]
    told = subprocess.run(command, capture_output=True, check=True, timeout=120)  # noqa: S603 - our own module
    return tuple(TypeAdapter(list[FontFamily]).validate_json(told.stdout))


def survey() -> list[FontFamily]:
    """``available`` in this process."""
    return [_described(family) for family in _known()]


def require() -> None:
    """Raise RenderFailed, naming the packages to install, unless a family that draws all Hangul is there."""
    if not any(_is_installed(family["name"]) for family in _known() if family["category"] in ("sans", "serif")):
        packages = " ".join(sorted({str(family["source"]) for family in _known()}))
        raise RenderFailed("fonts_missing", packages=packages)


def family_for(text: str, preferred: str) -> str:
    """``preferred`` when it draws all of ``text`` (emoji aside), else a family like it that does, else the one that
    draws most. An unknown name counts as a sans.
    """
    letters = _mask(ord(character) for character in without_emoji(text) if not character.isspace())
    candidates = [name for name in (preferred, *_stand_ins(preferred)) if _is_installed(name)]
    if not candidates:
        return preferred
    return min(candidates, key=lambda name: (letters & ~_drawn(name)).bit_count())


def missing_letters(text: str, family: str) -> str:
    """The characters of ``text`` that ``family`` does not draw (emoji aside), in order."""
    drawn = _drawn(family)
    return "".join(c for c in without_emoji(text) if not c.isspace() and not drawn >> ord(c) & 1)


def same_family(one: str, other: str) -> bool:
    """Do two names mean the same installed family? (``BM JUA`` is also ``BM JUA_TTF`` and ``배달의민족 주아``)"""
    return one == other or any(one in face.names and other in face.names for face in faces())


@lru_cache
def faces() -> tuple[Face, ...]:
    """Every installed face, from fontconfig, or from the usual folders where ``fc-list`` is not there."""
    command = shutil.which("fc-list")
    if command is None:
        return tuple(face for folder in _FOLDERS for face in _in_folder(Path(folder).expanduser()))
    shape = "%{file}\t%{index}\t%{family}\t%{weight}\n"
    listed = subprocess.run([command, "--format", shape], capture_output=True, text=True, check=True, timeout=30)  # noqa: S603
    return tuple(_listed(line) for line in listed.stdout.splitlines() if line.count("\t") == 3)


def _listed(line: str) -> Face:
    path, index, names, weight = line.split("\t")
    return Face(path, int(index) & 0xFFFF, tuple(names.split(",")), _css_weight(weight))


def _css_weight(fontconfig: str) -> int:
    """Of a variable font (``[0 210]``) the regular weight."""
    value = float(fontconfig) if fontconfig.replace(".", "", 1).isdigit() else 80.0
    return next(css for most, css in _WEIGHTS if value <= most)


def _in_folder(folder: Path) -> Iterable[Face]:
    from fontTools.ttLib import TTCollection, TTFont, TTLibError

    for path in sorted(folder.rglob("*.[tToO][tT][fFcC]")):
        try:
            fonts = (
                TTCollection(str(path), lazy=True).fonts if path.suffix.lower() == ".ttc" else [TTFont(path, lazy=True)]
            )
        except (TTLibError, OSError):
            continue
        for index, font in enumerate(fonts):
            names = {str(record) for record in font["name"].names if record.nameID in (1, 16)}
            yield Face(str(path), index, tuple(sorted(names)), int(font["OS/2"].usWeightClass))


@lru_cache
def _data() -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("data", "fonts.toml").read_text("utf-8"))


def _known() -> list[dict[str, str]]:
    families: list[dict[str, str]] = _data()["family"]
    return families


def _described(family: dict[str, str]) -> FontFamily:
    found = _faces_of(family["name"])
    return FontFamily(
        family=family["name"],
        weights=sorted({face.weight for face in found}),
        category=family["category"],
        hangul_syllables=(_drawn(family["name"]) & _HANGUL_MASK).bit_count(),
        available=bool(found),
        source=family["source"],
    )


def _faces_of(name: str) -> list[Face]:
    return [face for face in faces() if name in face.names]


def _is_installed(name: str) -> bool:
    return bool(_faces_of(name))


def _stand_ins(preferred: str) -> list[str]:
    category = next((family["category"] for family in _known() if family["name"] == preferred), "sans")
    kinds: list[str] = _data()["stand_in"][category]
    return [family["name"] for kind in kinds for family in _known() if family["category"] == kind]


@lru_cache
def _drawn(name: str) -> int:
    """Bit per code point that all of a family's text weights (400 and more) draw; 0 when it is not installed."""
    found = _faces_of(name)
    text_weights = [face for face in found if face.weight >= 400] or found
    drawn = -1 if text_weights else 0
    for face in text_weights:
        drawn &= _outlined(face)
    return drawn


def _outlined(face: Face) -> int:
    """Bit per code point whose glyph has an outline."""
    from fontTools.ttLib import TTFont  # not at the top: the API process asks for names only

    font = TTFont(face.path, fontNumber=face.index, lazy=True)
    characters: dict[int, str] = font.getBestCmap()
    if "loca" in font:
        places, glyph_of = font["loca"].locations, font.getReverseGlyphMap()
        characters = {
            code: glyph
            for code, glyph in characters.items()
            if places[glyph_of[glyph] + 1] > places[glyph_of[glyph]] or chr(code).isspace()
        }
    font.close()
    return _mask(characters)


def _mask(codes: Iterable[int]) -> int:
    bits = bytearray(0x110000 // 8)
    for code in codes:
        bits[code >> 3] |= 1 << (code & 7)
    return int.from_bytes(bits.rstrip(b"\0"), "little")
