"""What an edit was understood as, put together from what its steps have left so far."""

from __future__ import annotations

from collections.abc import Callable

from nanococoa_aiserver.jobs.models import JobView
from nanococoa_client.schemas import EditInfo

Shown = Callable[[str | None], str | None]
"""An artifact as the client asked to see pictures."""


def edit_info(view: JobView, shown: Shown) -> EditInfo | None:
    """None for a job that is no edit."""
    if view.kind != "edit":
        return None
    seen, place, checked, finished = (view.results.get(step, {}) for step in ("look", "locate", "check", "finish"))
    return EditInfo(
        mode=view.params["mode"],
        description=seen.get("description", ""),
        prompt=checked.get("prompt") or seen.get("prompt", ""),
        target=seen.get("target", ""),
        label=place.get("label", ""),
        score=place.get("score"),
        mask=shown(place.get("mask")),
        outside_difference=finished.get("outside_difference"),
    )
