"""Several formats of one design, composed two at a time: while one is in the browser, the other is being composited."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from nanococoa_aiserver.ads.context import StepContext
from nanococoa_aiserver.ads.pictures import put_cover, put_plate
from nanococoa_aiserver.ads.scenes import backdrop_of
from nanococoa_aiserver.artifacts.store import ArtifactStore
from nanococoa_aiserver.imaging.types import Rgb, Sprite
from nanococoa_aiserver.layout.compose import ComposedAd, compose_format
from nanococoa_aiserver.layout.design import Design
from nanococoa_aiserver.layout.legibility import Violation
from nanococoa_client.schemas import (
    Checks,
    FidelityCheck,
    FormatLayer,
    FormatSpec,
    LayoutAttempt,
    LegibilityCheck,
    Role,
    TextEdit,
)

Edits: TypeAlias = Mapping[str, Mapping[Role, TextEdit]]
"""What is moved, scaled or reworded, by format and field."""

_EMBEDDED_SCENE = re.compile(r"data:image/jpeg;base64,([A-Za-z0-9+/=]+)")


@dataclass(frozen=True, slots=True)
class Composition:
    """Finished formats by name, with what was measured on each."""

    images: dict[str, Rgb]
    layers: dict[str, FormatLayer]
    legibility: dict[str, LegibilityCheck]
    core_difference: int
    violations: dict[str, tuple[Violation, ...]] = field(default_factory=dict)
    warnings: list[Any] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Material:
    """What every format is composed from: the cut-out and the painted scenes by bucket."""

    sprite: Sprite
    scenes: Mapping[str, Any]


def compose_formats(
    ctx: StepContext,
    design: Design,
    specs: list[FormatSpec],
    material: Material,
    edits: Edits,
    kept: Mapping[str, LayoutAttempt] | None = None,
) -> Composition:
    """Compose ``specs`` with ``design``; ``edits`` are by format. Stops between formats when the job is stopped.

    With ``kept`` layouts (by format, those that are known) pictures are made as the edits say, and nothing is mended.
    """

    def one(number: int, spec: FormatSpec) -> ComposedAd:
        ctx.progress(f"render ({number}/{len(specs)})", (number - 1) / len(specs))
        backdrop = backdrop_of(ctx.artifacts, material.scenes, spec)
        return compose_format(
            design,
            spec,
            material.sprite,
            backdrop,
            ctx.renderer,
            edits=dict(edits.get(spec.name, {})),
            as_shown=kept is not None,
            kept=(kept or {}).get(spec.name),
        )

    with ThreadPoolExecutor(2) as pool:
        ads = list(pool.map(one, range(1, len(specs) + 1), specs))
    return _composition(ctx.artifacts, dict(zip((spec.name for spec in specs), ads, strict=True)))


def checks_of(composition: Composition, confidence: float, verdict: str) -> dict[str, Any]:
    """What the status reports of the finished pictures: the worst of all formats, and each by itself."""
    fidelity = FidelityCheck(
        core_difference=composition.core_difference, cutout_confidence=confidence, cutout_verdict=verdict
    )
    checks = Checks(
        legibility=_worst(composition.legibility), legibility_by_format=composition.legibility, fidelity=fidelity
    )
    return checks.model_dump(mode="json")


def _composition(store: ArtifactStore, ads: Mapping[str, ComposedAd]) -> Composition:
    return Composition(
        images={name: ad.image for name, ad in ads.items()},
        layers={name: _lightened(store, ad) for name, ad in ads.items()},
        legibility={name: ad.legibility.check for name, ad in ads.items()},
        core_difference=max(ad.core_difference for ad in ads.values()),
        violations={name: ad.legibility.violations for name, ad in ads.items() if ad.legibility.violations},
        warnings=[[key, details] for ad in ads.values() for key, details in ad.warnings],
    )


def _lightened(store: ArtifactStore, ad: ComposedAd) -> FormatLayer:
    """The layer with its pictures as artifacts instead of embedded bytes: a status stays small."""
    layer = ad.layer

    def address(found: re.Match[str]) -> str:
        return f"/artifacts/{store.put(base64.b64decode(found[1]), 'image/jpeg')}"

    pictures = {"plate": put_plate(store, ad.plate), "cover": "" if ad.cover is None else put_cover(store, ad.cover)}
    return layer.model_copy(update={"html": _EMBEDDED_SCENE.sub(address, layer.html), **pictures})


def _worst(by_format: Mapping[str, LegibilityCheck]) -> LegibilityCheck:
    every = list(by_format.values())
    return LegibilityCheck(
        passed=all(check.passed for check in every),
        glyphs=sum(check.glyphs for check in every),
        worst_contrast=min(check.worst_contrast for check in every),
        failing=sum(check.failing for check in every),
        overlap=max(check.overlap for check in every),
        overflow=sum(check.overflow for check in every),
        missing=sum(check.missing for check in every),
    )
