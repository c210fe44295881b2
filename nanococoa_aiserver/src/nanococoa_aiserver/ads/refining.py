"""The product on its scene, and what a model may repaint around it: edge and shadow, never the product's core."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from nanococoa_aiserver.ads.context import StepContext
from nanococoa_aiserver.ads.formats import select_formats
from nanococoa_aiserver.ads.pictures import put_picture, put_scene
from nanococoa_aiserver.ads.plain import PlainPicture, plain_picture
from nanococoa_aiserver.ads.scenes import backdrop_of
from nanococoa_aiserver.engines.ports import RefinePrompt, Refiner
from nanococoa_aiserver.imaging.composite import Composite
from nanococoa_aiserver.imaging.contact import contact_of, encoded
from nanococoa_aiserver.imaging.fidelity import assert_core, core_difference, overlap
from nanococoa_aiserver.imaging.filters import F32, smoothstep
from nanococoa_aiserver.imaging.types import Alpha, Box, Rgb, Sprite

RING = 0.22
"""How far around the product edge and shadow may be repainted, share of its longer side."""
FULL = 0.4
"""Share of the ring that may be repainted wholly; beyond, the model's picture fades into the composite."""


def composed(ctx: StepContext, scenes: Any, sprite: Sprite) -> PlainPicture:
    """The product on its scene in the first format, without text."""
    spec = select_formats(ctx.request["formats"])[0]
    return plain_picture(sprite, backdrop_of(ctx.artifacts, scenes, spec), spec)


def kept(ctx: StepContext, picture: PlainPicture) -> dict[str, Any]:
    """What a checkpoint holds of a composite; shown as ``step1_result``."""
    artifact = put_scene(ctx.artifacts, picture.image)  # a preview: finished ads are composed anew
    ctx.preview("step1_result", artifact)
    return {"image": artifact, "product": list(picture.at), "core_difference": picture.core_difference, "contact": ""}


def refined(ctx: StepContext, refiner: Refiner, picture: PlainPicture, prompt: RefinePrompt) -> dict[str, Any]:
    """``picture`` with edge and shadow repainted and the product's core pasted back.

    Raises ``fidelity.CoreChanged`` if the core were not the product's, byte for byte.
    """
    composite, at = picture.composite, picture.at
    allowed = repaintable(composite)
    painted = refiner.refine(picture.image, allowed, prompt, ctx.progress, ctx.check_stop)
    image = with_core(blended(picture.image, painted, allowed), composite.sprite, at, composite)
    assert_core(image, composite.sprite, at)
    contact = contact_of(picture.image, image, at, composite.matte)
    artifact = put_scene(ctx.artifacts, image)
    ctx.preview("step1_result", artifact)
    return {
        "image": artifact,
        "product": list(at),
        "core_difference": core_difference(image, composite.sprite, at),
        "contact": put_picture(ctx.artifacts, encoded(contact)),
        "warnings": [[key, dict(details)] for key, details in refiner.notes(prompt, ctx.check_stop)],
    }


def repaintable(composite: Composite) -> Alpha:
    """1 at the product's soft edge and close around it, falling to 0 at ``RING``; 0 in its core."""
    away = cv2.distanceTransform((composite.matte < 0.5).astype(np.uint8), cv2.DIST_L2, 3)
    ring = RING * max(composite.at.width, composite.at.height)
    near = smoothstep(ring, FULL * ring, away)
    near[composite.core] = 0
    return near


def blended(before: Rgb, after: Rgb, share: F32) -> Rgb:
    """``after`` where ``share`` is 1, ``before`` byte for byte where it is 0."""
    mixed = before + (after.astype(np.float32) - before) * share[..., None]
    image = np.asarray(np.rint(mixed).clip(0, 255), np.uint8)
    image[share == 0] = before[share == 0]
    return image


def with_core(image: Rgb, sprite: Sprite, at: Box, composite: Composite) -> Rgb:
    """The product's core over ``image``, byte for byte."""
    on_canvas, inside = overlap(at, image.shape[1], image.shape[0])
    core = composite.core[on_canvas]
    image[on_canvas][core] = sprite.rgb[inside][core]
    return image
