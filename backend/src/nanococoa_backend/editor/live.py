"""A format's layer as an editor shows it: the words alone, over the picture without words.

The renderer's page is taken as it is, so that the same CSS lays the words out; what the plate shows already (scene,
panels, veils) is hidden, and what a person moved stands where it was before, for the editor moves it itself.
"""

from __future__ import annotations

import re
from typing import Final

from nanococoa_backend.editor.schemas import LiveFormat
from nanococoa_client.schemas import AdLayer, FormatLayer, Role, TextEdit

_SCENE: Final = re.compile(r"url\(/artifacts/[^)]*\)")
_EDITS: Final = re.compile(r"(?:(?:html:not\(\[data-fitting\]\) )?\[data-role=\"[a-z_]+\"\]\{[^{}]*\})+(?=</style>)")
_BODY: Final = re.compile(r"<body[^>]*>")
_PLANES: Final = (
    "<style>html,body{background:transparent!important}.back:not(.zone){visibility:hidden!important}"
    ".zone.back{z-index:1}.live-cover{position:absolute;z-index:2}.front{z-index:3}</style>"
)


def live_format(layer: FormatLayer, plate: str, cover: str) -> LiveFormat:
    """``plate`` and ``cover`` are the addresses of the layer's pictures; ``cover`` may be empty."""
    return LiveFormat(
        format=layer.format,
        width=layer.width,
        height=layer.height,
        style=layer.style,
        product=layer.product,
        html=_page(layer, cover),
        plate=plate,
        texts=layer.texts,
        edits=layer.edits,
        left_out=layer.left_out,
    )


def edits_of(layer: AdLayer) -> dict[str, dict[Role, TextEdit]]:
    """What was changed so far, by format, by field."""
    return {name: dict(one.edits) for name, one in layer.formats.items() if one.edits}


def _page(layer: FormatLayer, cover: str) -> str:
    bare = _EDITS.sub("", _SCENE.sub("none", layer.html))
    return _BODY.sub(lambda body: body[0] + _PLANES + (_cover(layer, cover) if cover else ""), bare, count=1)


def _cover(layer: FormatLayer, address: str) -> str:
    """The product over the words behind it; a product that leaves the canvas is cut off there."""
    at = layer.product
    left, top = max(0.0, at.x), max(0.0, at.y)
    width, height = min(layer.width, at.x + at.width) - left, min(layer.height, at.y + at.height) - top
    place = f"left:{left}px;top:{top}px;width:{width}px;height:{height}px"
    return f'<img class="live-cover" alt="" src="{address}" style="{place}">'
