"""An edit run step by step in this process, with small engines behind the ports."""

from __future__ import annotations

from typing import Any, cast

import pytest

from nanococoa_aiserver.ads.local import LocalContext
from nanococoa_aiserver.ads.pictures import get_picture, put_picture
from nanococoa_aiserver.ads.pipeline import EDIT_STEPS
from nanococoa_aiserver.artifacts.store import ArtifactStore
from nanococoa_aiserver.engines.wiring import Engines
from nanococoa_aiserver.imaging.types import Rgb
from nanococoa_aiserver.settings import Settings
from nanococoa_client.errors import ServiceError
from nanococoa_client.schemas import EditRequest
from support.fake_editing import scene


def context(
    store: ArtifactStore, engines: Engines, image: Rgb | None = None, self_check: bool = True, **asked: Any
) -> LocalContext:
    asked = {"instruction": "turn the blue square into a dog"} | asked
    picture = put_picture(store, scene() if image is None else image)
    request = EditRequest.model_validate(asked | {"image": picture}).model_dump(mode="json")
    return LocalContext(request, engines, store, cast(Any, None), Settings(self_check=self_check), unheard)


def unheard(step: str, name: str, share: float) -> None: ...


def edited(ctx: LocalContext) -> dict[str, dict[str, Any]]:
    """What each step returned."""
    results: dict[str, dict[str, Any]] = {}
    for step in EDIT_STEPS:
        results[step.name] = step.run(ctx, results)
    return results


def result_of(ctx: LocalContext, results: dict[str, dict[str, Any]]) -> Rgb:
    return get_picture(ctx.artifacts, results["finish"]["outputs"]["edited"])[0]


def refusal(ctx: LocalContext, error: type[ServiceError]) -> ServiceError:
    with pytest.raises(error) as refused:
        edited(ctx)
    for locale in ("ko", "en"):
        assert len(refused.value.message(locale)) > 20
    return refused.value
