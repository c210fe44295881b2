"""The last step: every finished picture becomes a file as its placement wants it, marked for what it is."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from nanococoa_aiserver.ads.context import Results, StepContext
from nanococoa_aiserver.ads.formats import select_formats
from nanococoa_aiserver.ads.outcome import contact_of, picture_of, scenes_of
from nanococoa_aiserver.ads.pictures import get_picture, get_sprite
from nanococoa_aiserver.ads.plain import plain_picture
from nanococoa_aiserver.ads.scenes import backdrop_of
from nanococoa_aiserver.imaging.codec import encode
from nanococoa_aiserver.imaging.disclosure import SourceType
from nanococoa_aiserver.imaging.types import Rgb
from nanococoa_client.schemas import FormatSpec

NO_TEXT = "-no-text"
"""Ending of the name of a format's variant without text."""


def export(ctx: StepContext, results: Results) -> dict[str, Any]:
    """Encode each format under its byte limit; the step ends when every file is in the store."""
    specs = select_formats(ctx.request["formats"])
    finished = results.get("render", {})
    wanted = _wanted(specs, with_text=bool(finished))

    def one(name: str, spec: FormatSpec) -> tuple[str, list[Any]]:
        ctx.progress(f"export ({name})", 0)
        return store_file(ctx, spec, _picture(ctx, results, name, spec), ctx.engines.source)

    with ThreadPoolExecutor(2) as pool:
        done = dict(zip(wanted, pool.map(one, wanted, wanted.values()), strict=True))
    return {
        "outputs": {name: artifact for name, (artifact, _) in done.items()},
        "layer": finished.get("layer"),
        "checks": _checks(results),
        "warnings": [warning for _, warnings in done.values() for warning in warnings],
    }


def store_file(ctx: StepContext, spec: FormatSpec, picture: Rgb, source: SourceType) -> tuple[str, list[Any]]:
    """Encode and store one picture; returns its artifact and what had to be given up for the byte limit."""
    encoded = encode(picture, spec.file_type, limit_bytes=spec.byte_limit, source=source)
    artifact = ctx.artifacts.put(encoded.data, encoded.media_type)
    return artifact, [["file_reduced", {"format": spec.name, "how": note}] for note in encoded.notes]


def _wanted(specs: list[FormatSpec], *, with_text: bool) -> dict[str, FormatSpec]:
    """Output names: the formats, and the variants without text that placements advise."""
    extra = {spec.name + NO_TEXT: spec for spec in specs if spec.no_text_variant and with_text}
    return {spec.name: spec for spec in specs} | extra


def _picture(ctx: StepContext, results: Results, name: str, spec: FormatSpec) -> Rgb:
    if "render" in results and not name.endswith(NO_TEXT):
        return get_picture(ctx.artifacts, results["render"]["images"][spec.name])[0]
    sprite = get_sprite(ctx.artifacts, results["segment"]["cutout"], contact_of(results))
    return plain_picture(sprite, backdrop_of(ctx.artifacts, scenes_of(results), spec), spec).image


def _checks(results: Results) -> dict[str, Any]:
    measured = results.get("render", {}).get("checks") or {"fidelity": _fidelity(results)}
    return {**measured, "self_check": (results.get("self_check") or {}).get("record")}


def _fidelity(results: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    cut = results["segment"]
    return {
        "core_difference": picture_of(results)["core_difference"],
        "cutout_confidence": cut["confidence"],
        "cutout_verdict": cut["verdict"],
    }
