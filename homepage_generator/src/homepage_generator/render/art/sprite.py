"""The drawings of one page as markup and styles."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

from markupsafe import Markup

from homepage_generator.render.art.catalogue import ArtId, drawings

_FOLDER: Final = Path(__file__).parent
_HATCH: Final = (
    '<pattern id="art-hatch" width="3" height="3" patternUnits="userSpaceOnUse" patternTransform="rotate(38)">'
    '<path class="art-hatching" d="M0 .75h3"/></pattern>'
)
"""Shade by lines, for themes whose drawings look engraved: ``--art-shade: url(#art-hatch)``."""


def sprite(names: Iterable[ArtId]) -> Markup:
    """The hidden SVG that a page's drawings are taken from; each once."""
    symbols = "".join(
        f'<symbol id="art-{name}" viewBox="0 0 100 100">{_inside(name)}</symbol>' for name in dict.fromkeys(names)
    )
    if not symbols:
        return Markup("")
    return Markup(
        '<svg class="sprite" width="0" height="0" aria-hidden="true" focusable="false"><defs>{inside}</defs></svg>'
    ).format(inside=Markup(_HATCH + symbols))  # noqa: S704 -- our own files


def drawing(name: ArtId, classes: str = "") -> Markup:
    """One drawing, as decoration: what it shows stands in words beside it."""
    return Markup(
        '<svg class="art art-{name} {classes}" viewBox="0 0 100 100" aria-hidden="true" focusable="false">'
        '<use href="#art-{name}"/></svg>'
    ).format(name=name, classes=classes)


def art_css(names: Iterable[ArtId]) -> str:
    """How drawings are painted, with the natural colours of ``names``."""
    colours = "".join(
        f".art-{name}{{--c1:{body};--c2:{second};--c3:{detail}}}"
        for name in dict.fromkeys(names)
        for body, second, detail in (drawings()[name].colours,)
    )
    return _styles() + colours


@cache
def _styles() -> str:
    return (_FOLDER / "art.css").read_text(encoding="utf-8")


@cache
def _inside(name: ArtId) -> str:
    svg = (_FOLDER / "drawings" / f"{drawings()[name].name}.svg").read_text(encoding="utf-8")
    return re.sub(r"</?svg[^>]*>|\n", "", svg)
