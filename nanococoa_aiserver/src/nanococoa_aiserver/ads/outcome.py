"""What stage 1 left behind, whichever of its steps it is in: the self-check's better attempt wins over the first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nanococoa_aiserver.ads.context import Results


def cutout_of(results: Results) -> Mapping[str, Any]:
    """The checkpoint that holds the cut-out."""
    return results.get("segment") or results["analyse"]


def scenes_of(results: Results) -> Mapping[str, Any]:
    """The painted scenes by bucket."""
    scenes: Mapping[str, Any] = _last(results, "scenes", "self_check", "background", "analyse")
    return scenes


def picture_of(results: Results) -> Mapping[str, Any]:
    """``image``, ``product`` (box), ``core_difference`` and ``contact`` of the picture without text."""
    checked = results.get("self_check") or {}
    return checked if "image" in checked else results.get("refine") or results["analyse"]


def contact_of(results: Results) -> str:
    """The artifact of the contact light, empty where no model refined the picture."""
    return str(picture_of(results).get("contact") or "")


def _last(results: Results, key: str, *steps: str) -> Any:
    return next(results[step][key] for step in steps if key in (results.get(step) or {}))
