"""What a CLIP score means, in words. Imports no torch, so that whoever shows a score can say it in any language."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib import resources

from nanococoa_aiserver.engines.ports import ClipModel
from nanococoa_client.messages import Locale, say


def interpretation(score: float, model: ClipModel, locale: Locale = "ko") -> str:
    """A sentence for people; the thresholds and their sources are in ``clip_bands.toml``."""
    return say("labels", f"clip_{band(score, model)}", locale)


def band(score: float, model: ClipModel) -> str:
    """``none``, ``weak``, ``fair``, ``good`` or ``strong``: the highest band whose threshold ``score`` reaches."""
    reached = [name for name, threshold in _bands()[model].items() if score >= threshold]
    return reached[-1]


@lru_cache(1)
def _bands() -> dict[str, dict[str, float]]:
    return tomllib.loads(resources.files(__package__).joinpath("clip_bands.toml").read_text("utf-8"))
