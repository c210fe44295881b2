"""The text layer of a finished ad rendered again: other words, another style, moved texts. Nothing is repainted."""

from __future__ import annotations

import re
from typing import Any, Final

from pydantic import ValidationError

from nanococoa_aiserver.ads.composing import Material, checks_of, compose_formats
from nanococoa_aiserver.ads.context import StepContext
from nanococoa_aiserver.ads.designing import preview_of
from nanococoa_aiserver.ads.export import store_file
from nanococoa_aiserver.ads.formats import select_formats
from nanococoa_aiserver.ads.pictures import get_sprite
from nanococoa_aiserver.ads.scenes import stage_of
from nanococoa_aiserver.errors import InvalidParameter
from nanococoa_aiserver.imaging.disclosure import SourceType
from nanococoa_aiserver.layout.design import STYLES, Design, DesignBrief, restyled
from nanococoa_client.messages import Locale, say
from nanococoa_client.schemas import AdCopy, AdLayer, LayoutAttempt, Role, TextEdit

_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}")


def rerender(ctx: StepContext) -> dict[str, Any]:
    """Render ``request.layer`` (the source job's) with the request's changes; answers files, layer and checks."""
    layer = AdLayer.model_validate(ctx.request["layer"])
    was = _kept_design(layer, ctx.request.get("locale", "ko"))
    specs = select_formats(ctx.request.get("formats") or layer.formats)
    material = Material(
        get_sprite(ctx.artifacts, layer.cutout, layer.contact),
        {name: scene.model_dump() for name, scene in layer.scenes.items()},
    )
    design = _changed(ctx, was, material)
    kept = _kept_layouts(layer, was, design) if ctx.request.get("as_shown") else None
    composition = compose_formats(ctx, design, specs, material, _edits(ctx, layer), kept)
    source = SourceType(layer.source) if layer.source else SourceType.COMPOSITE
    outputs, reduced = {}, []
    for spec in specs:
        outputs[spec.name], warnings = store_file(ctx, spec, composition.images[spec.name], source)
        reduced += warnings
    formats = layer.formats | composition.layers
    fresh = layer.model_copy(
        update={
            "version": layer.version + 1,
            "fields": design.fields,
            "style": design.style,
            "alternatives": design.alternatives,
            "mood": design.mood,
            "palette": design.palette,
            "font_family": design.font_family,
            "formats": formats,
            "design": design.model_dump(mode="json"),
        }
    )
    return {
        "outputs": outputs,
        "layer": fresh.model_dump(mode="json"),
        "checks": checks_of(composition, ctx.request.get("confidence", 1.0), ctx.request.get("verdict", "given")),
        "warnings": composition.warnings + reduced,
    }


def _kept_design(layer: AdLayer, locale: Locale) -> Design:
    """What the designer decided; a layer that a client kept may have been altered.

    Raises InvalidParameter saying what does not fit.
    """
    try:
        for scene in layer.scenes.values():
            stage_of(scene.stage)
        design = Design.model_validate(layer.design)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise _altered(".".join(map(str, first["loc"])), locale) from None
    unknown = {design.style, *(made.attempt.style for made in layer.formats.values() if made.attempt)} - set(STYLES)
    colours = [value for value in design.palette.values() if not _COLOUR.fullmatch(value)]
    if unknown or colours or not layer.scenes:
        raise _altered(next(iter([*sorted(unknown), *colours]), "scenes"), locale)
    return design


def _altered(what: str, locale: Locale) -> InvalidParameter:
    return InvalidParameter(field="layer", reason=say("reasons", "layer_altered", locale, what=what[:80]))


def _kept_layouts(layer: AdLayer, was: Design, design: Design) -> dict[str, LayoutAttempt]:
    """How each format was laid out, where that still holds: another style or position needs a layout of its own."""
    if (was.style, was.text_position) != (design.style, design.text_position):
        return {}
    return {name: made.attempt for name, made in layer.formats.items() if made.attempt is not None}


def _changed(ctx: StepContext, design: Design, material: Material) -> Design:
    """The kept design with the request's changes; another style gets its own mood and colours."""
    request = ctx.request
    if request.get("fields") is not None:
        design = design.model_copy(update={"fields": AdCopy.model_validate(request["fields"])})
    wanted = {name: request[name] for name in ("text_color", "font_family", "text_position") if request.get(name)}
    design = design.model_copy(update=wanted)
    if (style := request.get("style")) is None or style == design.style:
        return design
    if style not in STYLES:
        raise InvalidParameter("style_unknown", field="style", name=style, known=", ".join(STYLES))
    return restyled(design, style, _brief(ctx, design, material))


def _brief(ctx: StepContext, design: Design, material: Material) -> DesignBrief:
    scene = next(iter(material.scenes.values()))
    return DesignBrief(
        copy=design.fields,
        product=material.sprite,
        scene=preview_of(ctx.artifacts, material.scenes),
        scene_name=scene["scene"],
        font_family=design.font_family,
        font_weight=design.font_weight,
        text_color=design.text_color,
        text_position=design.text_position,
        text_size=design.text_size,
        visible_label=design.visible_label,
        locale=design.locale,
    )


def _edits(ctx: StepContext, layer: AdLayer) -> dict[str, dict[Role, TextEdit]]:
    """The edits kept with each format; those a request brings replace the format's own, field by field."""
    kept = {name: dict(made.edits) for name, made in layer.formats.items()}
    for name, given in ctx.request.get("edits", {}).items():
        fresh = {role: TextEdit.model_validate(edit) for role, edit in given.items()}
        kept[name] = kept.get(name, {}) | fresh
    return kept
