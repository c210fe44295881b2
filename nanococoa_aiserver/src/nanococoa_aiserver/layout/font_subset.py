"""A small font with the letters of one text, so that a browser elsewhere shows a text as the renderer will draw it."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import uharfbuzz

from nanococoa_aiserver.layout.fonts import Face, faces

LONGEST: Final = 600
"""Characters of a text: all of an ad's, and what somebody may be typing."""

NORMAL: Final = (400, 500)


@lru_cache(256)
def font_for(family: str, weight: int, text: str) -> bytes | None:
    """An OpenType font that draws ``text`` in the installed face a browser would take; None for an unknown family."""
    face = face_for(family, weight)
    if face is None:
        return None
    wanted = uharfbuzz.SubsetInput()
    wanted.unicode_set.update(map(ord, text))
    wanted.layout_feature_tag_set.invert()  # all of them: kerning and figures as in the whole font
    whole = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(face.path), face.index)
    return bytes(uharfbuzz.subset(whole, wanted).blob.data)


def face_for(family: str, weight: int) -> Face | None:
    """The face of a family for a CSS weight, by CSS Fonts 4, 5.2: 400 and 500 stand in for each other first, lighter
    ones look for lighter, bolder ones for bolder.
    """
    found = {face.weight: face for face in faces() if family in face.names}
    return found[min(found, key=lambda own: _distance(weight, own))] if found else None


def _distance(wanted: int, own: int) -> tuple[int, int]:
    if wanted in NORMAL and wanted <= own <= NORMAL[1]:
        return 0, own - wanted
    lighter_first = wanted <= NORMAL[1]
    on_the_side = own <= wanted if lighter_first else own >= wanted
    return (1 if on_the_side else 2), abs(own - wanted)
