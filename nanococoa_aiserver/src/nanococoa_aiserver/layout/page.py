"""A format's layer as one self-contained HTML page: panels, veils and zones of words, dressed by the style's CSS."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from nanococoa_aiserver.layout.colour import readable
from nanococoa_aiserver.layout.design import Design
from nanococoa_aiserver.layout.fonts import family_for
from nanococoa_aiserver.layout.placement import Placement
from nanococoa_aiserver.layout.styles.claims import Claim, claims
from nanococoa_aiserver.layout.styles.fitting import Fit, fit
from nanococoa_aiserver.layout.styles.model import SHARED, Face, Layout, Rect, Style, Zone, source
from nanococoa_aiserver.layout.typography import break_lines, money, soft, stylesheet, typo
from nanococoa_aiserver.layout.veil import SceneText, gradients
from nanococoa_client.schemas import Role, TextEdit

LEAST_PX = 10.5
"""Smallest body on small placements; the small print is three quarters of it."""
LIFTED = 12.0
"""Rem below the content from which a placement's own controls cover the foot of the picture."""
TINY_PX = 16.0
"""Body size from which on down words need all the contrast there is."""
LEAST_REM = 1.75
"""Smallest body on large ones: 19 px of 1080."""


@dataclass(frozen=True, kw_only=True)
class PageRequest:
    """All a page is made of. ``shown`` are the words by role, ``smaller`` scales the largest sizes, ``firm`` draws
    small words bold in the full colour.
    """

    design: Design
    style: Style
    placement: Placement
    shown: Mapping[Role, str]
    scene_text: SceneText | None = None
    edits: Mapping[Role, TextEdit] = field(default_factory=dict)
    smaller: float = 1.0
    firm: bool = False


@dataclass(frozen=True)
class Page:
    """A laid-out page; ``html`` draws it over a scene. ``tight`` are the roles in zones with too many words."""

    context: Mapping[str, Any]
    tight: frozenset[str]

    def html(self, scene: str) -> str:
        """The page with ``scene`` (a data URI, or empty) as its backdrop."""
        return _environment().get_template("page.html").render({**self.context, "scene": scene})


def lay_out(request: PageRequest) -> Page:
    """Give every word its zone, size and colours."""
    place, design = request.placement, request.design
    face = face_of(request.style, design)
    found = claims(place.layout, request.shown, figure_behind=request.style.behind)
    fits = [_fitted(request, claim, face) for claim in found]
    zones = [_zone(request, claim, sized, face) for claim, sized in zip(found, fits, strict=True)]
    context = _head(request, face) | {
        "zones": zones,
        "veils": gradients(request.scene_text, place, (claim.zone for claim in found)),
        "label": _label(request),
    }
    crowded = (claim for claim, sized in zip(found, fits, strict=True) if not sized.fits)
    return Page(context, frozenset(role for claim in crowded for role in claim.roles))


def face_of(style: Style, design: Design) -> Face:
    """The style's faces with the customer's family and weight."""
    changes: dict[str, Any] = {}
    if design.font_family:
        changes["display"] = design.font_family
        if not re.match(r"BM |.*(Pen|Brush|Yeonsung)", design.font_family):
            changes["text"] = design.font_family
    if design.font_weight:
        changes["display_weight"] = design.font_weight
    return style.faces.model_copy(update=changes)


def scene_zones(layout: Layout, shown: Mapping[Role, str]) -> list[Zone]:
    """Zones with words that stand on the scene."""
    return [claim.zone for claim in claims(layout, shown) if claim.zone.veil]


def sizes_of(place: Placement, zone: Zone, scale: float = 1.0) -> tuple[float, float]:
    """Least and largest body size of a zone in rem."""
    rem = place.frame.rem
    least = max(LEAST_REM, LEAST_PX / rem)
    most = (zone.size or place.layout.size) * scale
    return least, max(most, 1.25 * least)


def _fitted(request: PageRequest, claim: Claim, face: Face) -> Fit:
    place, zone = request.placement, claim.zone
    least, most = sizes_of(place, zone, request.design.text_size * request.smaller)
    width, height = place.frame.rems(_inner(place, zone))[2:]
    if _upright(place, zone) or zone.linefit or "figure" in claim.slots:
        lines = _unequal_lines(request, zone, width, height)
        return Fit(most, 1.0, lines, True)
    sized = zone.model_copy(update={"rows": claim.rows})
    return fit(sized, face, claim.texts, (width, height), (least, most))


def _unequal_lines(request: PageRequest, zone: Zone, width: float, height: float) -> tuple[str, ...]:
    headline = request.shown.get("headline", "")
    if "headline" not in zone.slots() or not headline:
        return ()
    if _upright(request.placement, zone):
        return tuple(break_lines(headline, height / width * 0.9, 2, 1.42))
    return tuple(break_lines(headline, width / height, zone.max_lines, 1.1))


def _zone(request: PageRequest, claim: Claim, sized: Fit, face: Face) -> dict[str, Any]:
    place, zone = request.placement, claim.zone
    upright = _upright(place, zone)
    least, most = sizes_of(place, zone, request.design.text_size * request.smaller)
    size = sized.size * 1.04
    if upright:
        size = place.layout.size * zone.ratio * request.design.text_size
    if zone.linefit or claim.figure:
        size = most
    return {
        "name": zone.name,
        "plane": zone.plane,
        "on": _ground(request, zone),
        "align": zone.align,
        "valign": "center" if zone.shape else zone.valign,
        "fill": "*" in claim.slots,
        "upright": upright,
        "css": _zone_css(request, zone),
        "inset": "inset:17% 15%" if zone.shape else "",
        "points": _burst(zone.shape),
        "over": zone.over,
        "bleed": zone.bleed,
        "most": round(size, 3),
        "least": round(min(least, size), 3),
        "linefit": zone.linefit,
        "headline": 1.0 if upright or zone.linefit else round(sized.headline, 3),
        "lines": sized.lines,
        "rows": [{"left": row.partition("|")[0].split(), "right": row.partition("|")[2].split()} for row in claim.rows],
        "deal": claim.deal,
        "table": claim.table,
        "figure": claim.figure,
    }


def _head(request: PageRequest, face: Face) -> dict[str, Any]:
    design, place, style = request.design, request.placement, request.style
    words = words_of(language_of(request.shown, design.locale))
    percent_only = re.fullmatch(r"\d+\s*%", request.shown.get("discount", "").strip())
    return {
        "lang": language_of(request.shown, design.locale),
        "rem": place.frame.rem,
        "kind": place.kind,
        "style": style,
        "face": face,
        "shape": place.shape,
        "mood": design.mood,
        "firm": request.firm,
        "fine": place.frame.rem < 8,
        "tiny": _tiny(place),
        "lifted": place.frame.height - sum(place.frame.content[1::2]) > LIFTED * place.frame.rem,
        "occasion": design.occasion or "other",
        "vertical": place.vertical,
        "light": request.scene_text.light if request.scene_text else True,
        "css": Markup(_stylesheet(request, face)),  # noqa: S704 - our own files, escaped names and checked colours
        "shown": request.shown,
        "fonts": _fallback_fonts(request.shown, face, request.edits),
        "words": words,
        "discount_word": words["discount"] if percent_only else "",
        "figure": _figure_markup(request.shown),
        "logo": design.logo,
        "panels": {name: _rem_css(place, place.frame.bleeding(rect)) for name, rect in place.layout.panels.items()},
        "objects": {name: _rem_css(place, place.frame.box(rect)) for name, rect in _objects(place).items()},
        "scene_css": _rem_css(place, place.scene),
        "product": place.frame.rems(place.product),
        "canvas": (place.frame.width / place.frame.rem, place.frame.height / place.frame.rem),
        "paints": place.layout.paints,
    }


def _objects(place: Placement) -> dict[str, Rect]:
    return place.layout.objects_vertical if place.vertical and place.layout.objects_vertical else place.layout.objects


def _stylesheet(request: PageRequest, face: Face) -> str:
    """All the page's CSS: the typography's, the shared base, the style's own, and a person's edits."""
    name, kind = request.style.name, request.placement.kind
    files = (
        source(".", "base.css"),
        source(name, "style.css"),
        source("shared", f"{kind}.css"),
        source("shared", "tiny.css"),
    )
    variables = ":root{" + _variables(request, face) + "}"
    return "\n".join((variables, stylesheet(), *files, _edit_css(request.edits)))


def _variables(request: PageRequest, face: Face) -> str:
    colours = {name.replace(".", "-"): value for name, value in request.design.palette.items()}
    ground = _theme(request)
    fixed = {
        "display": _quoted(face.display),
        "display-weight": str(face.display_weight),
        "display-lh": str(face.display_lh),
        "text": _quoted(face.text),
        "text-weight": str(face.text_weight),
        "theme": request.design.palette[ground],
        "label": request.design.palette["night"],
        "label-fg": request.design.palette["night.fg"],
        "hot": request.scene_text.hot if request.scene_text else request.design.palette["ink"],
        "veil": request.scene_text.veil if request.scene_text else "#000000",
    }
    return "".join(f"--{name}:{value};" for name, value in (colours | fixed).items())


def _zone_css(request: PageRequest, zone: Zone) -> str:
    place, palette = request.placement, request.design.palette
    ground = _ground(request, zone)
    if ground == "scene" and request.scene_text:
        text = request.scene_text
        colours = {"fg": text.fg, "dim": text.dim, "acc": text.acc, "head": text.fg}
    else:
        colours = {key: palette[f"{ground}.{key}"] for key in ("fg", "dim", "acc")} | {"ground": palette[ground]}
        wished = request.design.text_color
        colours["head"] = readable(wished, palette[ground], 4.6) if wished else colours["fg"]
    return _rem_css(place, _outer(place, zone)) + "".join(f";--{key}:{value}" for key, value in colours.items())


def _ground(request: PageRequest, zone: Zone) -> str:
    if zone.on == "chip":
        return "pop" if request.scene_text and not request.scene_text.light else "dark"
    if zone.on == "vivid" and _tiny(request.placement):
        return "deep"
    return _theme(request) if zone.on in ("ground", "theme") else zone.on


def _tiny(place: Placement) -> bool:
    return place.layout.size * place.frame.rem < TINY_PX


def _theme(request: PageRequest) -> str:
    ground = request.style.ground
    if request.placement.kind in SHARED and ground in ("vivid", "panel") and _tiny(request.placement):
        return "deep"
    return ground


def _outer(place: Placement, zone: Zone) -> tuple[float, float, float, float]:
    """The zone's box in px; bursts and stickers are squares in its middle."""
    left, top, width, height = place.zone_box(zone)
    if not zone.shape:
        return left, top, width, height
    side = min(width, height)
    return left + (width - side) / 2, top + (height - side) / 2, side, side


def _inner(place: Placement, zone: Zone) -> tuple[float, float, float, float]:
    left, top, width, height = _outer(place, zone)
    return (left, top, width * 0.70, height * 0.66) if zone.shape else (left, top, width, height)


def _upright(place: Placement, zone: Zone) -> bool:
    return bool(place.vertical and zone.vertical)


def _rem_css(place: Placement, box: tuple[float, float, float, float]) -> str:
    left, top, width, height = place.frame.rems(box)
    return f"left:{left}rem;top:{top}rem;width:{width}rem;height:{height}rem"


def _label(request: PageRequest) -> dict[str, str] | None:
    if not request.design.visible_label:
        return None
    size = max(1.9, 9.0 / request.placement.frame.rem)
    top = max(1.2, request.placement.frame.content[1] / request.placement.frame.rem - 4.8)
    corner = f"right:1.2rem;top:{round(top, 2)}rem"
    return {"text": words_of(request.design.locale)["label"], "css": f"{corner};font-size:{round(size, 2)}rem"}


def _edit_css(edits: Mapping[Role, TextEdit]) -> str:
    return "".join(_one_edit(role, edit) for role, edit in edits.items())


def _one_edit(role: Role, edit: TextEdit) -> str:
    """A text is moved when its place is fitted: what a person drags out of its zone must not shrink the zone."""
    rules, moved = [], ""
    if edit.dx or edit.dy or edit.scale != 1:
        move = f"position:relative;transform:translate({edit.dx}rem,{edit.dy}rem) scale({edit.scale})"
        moved = f'html:not([data-fitting]) [data-role="{role}"]{{{move}}}'
    if edit.color:
        rules.append(f"color:{edit.color}!important")
    if edit.font_family:
        rules.append(f"font-family:{_quoted(edit.font_family)}!important")
    if edit.font_weight:
        rules.append(f"font-weight:{edit.font_weight}!important")
    return moved + (f'[data-role="{role}"]{{{";".join(rules)}}}' if rules else "")


def _fallback_fonts(shown: Mapping[Role, str], face: Face, edits: Mapping[Role, TextEdit]) -> dict[str, str]:
    """Another family for the roles whose syllables the style's own lacks; empty where it has them all."""
    families: dict[str, str] = {}
    for role, text in shown.items():
        edit = edits.get(role)
        own = face.display if role == "headline" else face.text
        wanted = (edit.font_family if edit else None) or own
        family = family_for(text, wanted)
        bold = ";font-weight:800" if role == "headline" else ""
        families[role] = _quoted(family) + bold if family != own else ""
    return families


def _quoted(family: str) -> str:
    """A family name safe inside a style attribute."""
    return "'" + re.sub(r"[^\w\- ]", "", family) + "'"


def _figure_markup(shown: Mapping[Role, str]) -> Any:
    """The giant number: the per cent sign or 원 small beside the digits."""
    return typo(shown["discount"]) if shown.get("discount") else money(shown.get("price", ""))


def _burst(shape: str) -> str:
    """Points of a star polygon in a circle of radius 1."""
    teeth, inner = {"burst": (20, 0.88), "sticker": (12, 0.9), "round": (40, 1.0)}.get(shape, (0, 0.0))
    corners = [(1.0 if i % 2 == 0 else inner, math.pi * i / teeth) for i in range(2 * teeth)] if teeth else []
    return " ".join(f"{radius * math.cos(angle):.4f},{radius * math.sin(angle):.4f}" for radius, angle in corners)


def language_of(shown: Mapping[Role, str], locale: str) -> str:
    """The language of the words themselves; the customer's where they hold no letters."""
    text = "".join(shown.values())
    if re.search("[가-힣]", text):
        return "ko"
    return "en" if re.search("[A-Za-z]{2}", text) else locale


@lru_cache(4)
def words_of(locale: str) -> dict[str, str]:
    """The few words a style may add, in the copy's language."""
    words: dict[str, dict[str, str]] = tomllib.loads(source("shared", "words.toml"))
    return words.get(locale, words["ko"])


@lru_cache(1)
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("nanococoa_aiserver.layout", "styles"), autoescape=True, undefined=StrictUndefined
    )
    environment.globals.update(money=money, typo=typo, soft=soft)
    return environment
