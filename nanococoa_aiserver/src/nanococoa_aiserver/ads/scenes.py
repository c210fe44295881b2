"""Painted scenes as the checkpoints keep them: read back as backdrops for any format of their bucket."""

from __future__ import annotations

from collections.abc import Mapping
from math import log
from typing import Any

from pydantic import TypeAdapter

from nanococoa_aiserver.ads.formats import bucket_of
from nanococoa_aiserver.ads.pictures import get_picture
from nanococoa_aiserver.artifacts.store import ArtifactStore
from nanococoa_aiserver.imaging.types import Backdrop, Stage
from nanococoa_client.schemas import FormatSpec


def backdrop_of(store: ArtifactStore, scenes: Mapping[str, Any], spec: FormatSpec) -> Backdrop:
    """The scene of the format's bucket, as painted; the nearest in shape where that bucket was not painted."""
    asset = scenes.get(bucket_of(spec.width, spec.height)) or _nearest(scenes, spec.width / spec.height)
    image, _ = get_picture(store, asset["artifact"])
    return Backdrop(image, stage_of(asset["stage"]), asset["scene"], asset["palette"])


def _nearest(scenes: Mapping[str, Any], aspect: float) -> Any:
    return min(scenes.values(), key=lambda scene: abs(log(scene["width"] / scene["height"] / aspect)))


def stage_of(saved: Mapping[str, Any]) -> Stage:
    """JSON knows no tuples: pydantic gives the stage its own back. Raises its ValidationError."""
    return TypeAdapter(Stage).validate_python(saved)
