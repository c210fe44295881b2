"""Which steps a changed request may keep. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from nanococoa_aiserver.errors import InvalidParameter, JobNotResumable
from nanococoa_aiserver.jobs.names import HEAVY

_AD: Final[dict[str, str]] = {
    "start_step": "segment",
    "product_image": "segment",
    "product_box": "segment",
    "cutout_image": "segment",
    "cutout_policy": "segment",
    "bg_prompt": "background",
    "bg_negative_prompt": "background",
    "bg_composition_prompt": "background",
    "bg_composition_negative_prompt": "background",
    "seed": "background",
    "formats": "background",
    "strength": "refine",
    "guidance_scale": "background",
    "adapters": "background",
    "step1_image": "analyse",
    "text_content": "analyse",
    "fields": "analyse",
    "use_qwen_analysis": "analyse",
}
_EDIT: Final[dict[str, str]] = {
    "image": "look",
    "instruction": "look",
    "mode": "locate",
    "mask": "locate",
    "keep_product": "locate",
    "product_box": "locate",
    "reference_images": "edit",
    "strength": "edit",
    "steps": "edit",
    "adapters": "edit",
    "seed": "edit",
}
_FIRST_STEP_TO_SEE: Final[dict[str, dict[str, str]]] = {"ad": _AD, "edit": _EDIT}
"""By kind of job, the first step that reads a field: its result, and those after it, cannot be reused when the field
changes."""


def kept_steps(
    from_step: str, changes: Mapping[str, Any], status: str, done: Iterable[str], kind: str = "ad"
) -> tuple[str, ...]:
    """Names of the steps whose results a fork from ``from_step`` takes over.

    Raises InvalidParameter for an unknown step or a change that an earlier step must see, JobNotResumable when a step
    before it is not done.
    """
    names = tuple(HEAVY[kind])
    if from_step not in names:
        raise InvalidParameter(field="from_step", reason=", ".join(names))
    kept = names[: names.index(from_step)]
    for name in changes:
        if (needed := _FIRST_STEP_TO_SEE[kind].get(name)) in kept:
            raise InvalidParameter(field=name, reason=f"from_step={needed}")
    if not set(kept) <= set(done):
        raise JobNotResumable(status=status)
    return kept
