"""The fake aiserver's text layer: words on white, one below the other, as plain as a layer can be."""

from __future__ import annotations

from html import escape

from nanococoa_client.schemas import (
    AdCopy,
    AdLayer,
    FormatLayer,
    LayoutAttempt,
    PixelBox,
    PlacedText,
    RenderRequest,
    Role,
    SceneAsset,
    TextEdit,
)

SIZE = 8.0
"""Rem of every text."""


def layer_of(copy: AdCopy, style: str, formats: dict[str, tuple[int, int]], picture: str) -> AdLayer:
    """A new ad's layer; ``picture`` is the artifact that stands for every picture in it."""
    layer = AdLayer(
        fields=copy, style=style, cutout=picture, scenes={"square": _scene(picture)}, design={"style": style}
    )
    made = {name: format_layer(layer, name, size, {}, picture) for name, size in formats.items()}
    return layer.model_copy(update={"formats": made, "palette": {"base": "#f4ead8", "base.fg": "#3a2013"}})


def rendered(layer: AdLayer, request: RenderRequest, sizes: dict[str, tuple[int, int]], picture: str) -> AdLayer:
    """``layer`` as a render leaves it: words, style and edits changed."""
    changed = layer.model_copy(
        update={
            "version": layer.version + 1,
            "fields": request.fields or layer.fields,
            "style": request.style or layer.style,
        }
    )
    made = dict(layer.formats)
    for name in request.formats or list(layer.formats):
        kept = made[name].edits if name in made else {}
        edits = kept | request.edits.get(name, {})
        made[name] = format_layer(changed, name, sizes.get(name, (1080, 1080)), edits, picture)
    return changed.model_copy(update={"formats": made})


def format_layer(
    layer: AdLayer, name: str, size: tuple[int, int], edits: dict[Role, TextEdit], picture: str
) -> FormatLayer:
    """One format's layer. Hidden texts are not in it."""
    words = layer.fields.given() | {role: edit.text for role, edit in edits.items() if edit.text is not None}
    shown = {role: text for role, text in words.items() if text and not (role in edits and edits[role].hidden)}
    return FormatLayer(
        format=name,
        width=size[0],
        height=size[1],
        style=layer.style,
        product=PixelBox(x=size[0] * 0.3, y=size[1] * 0.5, width=size[0] * 0.4, height=size[1] * 0.4),
        html=_page(shown, edits, min(size) / 100),
        texts=[_placed(role, text, number, size) for number, (role, text) in enumerate(shown.items())],
        edits=edits,
        plate=picture,
        attempt=LayoutAttempt(style=layer.style),
    )


def _page(shown: dict[Role, str], edits: dict[Role, TextEdit], rem: float) -> str:
    rules = "".join(_rule(role, edit) for role, edit in edits.items())
    texts = "".join(f'<div class="{role}" data-role="{role}">{escape(text)}</div>' for role, text in shown.items())
    return (
        f'<!doctype html><html lang="ko" style="font-size:{rem}px"><meta charset="utf-8">'
        f"<style>*{{margin:0}}.zone{{position:absolute;inset:4rem}}[data-role]{{color:#222}}{rules}</style>"
        f'<body><div class="zone front"><div class="fit" data-fit data-max="{SIZE}" data-min="2">'
        f'<div class="t" data-t>{texts}</div></div></div></body></html>'
    )


def _rule(role: str, edit: TextEdit) -> str:
    colour = f"color:{edit.color}!important;" if edit.color else ""
    return f'[data-role="{role}"]{{{colour}transform:translate({edit.dx}rem,{edit.dy}rem) scale({edit.scale})}}'


def _placed(role: Role, text: str, number: int, size: tuple[int, int]) -> PlacedText:
    rem = min(size) / 100
    box = PixelBox(x=4 * rem, y=(4 + 10 * number) * rem, width=len(text) * SIZE * rem / 2, height=SIZE * rem)
    return PlacedText(
        role=role,
        text=text,
        box=box,
        font_family="NanumGothic",
        font_px=SIZE * rem,
        color="rgb(34, 34, 34)",
        plane="front",
    )


def _scene(picture: str) -> SceneAsset:
    return SceneAsset(artifact=picture, width=2, height=2, scene="wood", palette="warm", stage={})
