"""Names both sides of the queue agree on: the API enqueues a workflow by name, only the worker knows its code."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

APP_NAME: Final = "nanococoa"

PIPELINE_VERSION: Final = "ad-2"
"""DBOS hands a job only to workers of its version. Bump it when the steps below change in number or order."""

Lane: TypeAlias = Literal["heavy", "light"]
Kind: TypeAlias = Literal["ad", "edit", "cutout", "render", "analyze", "clip_score"]
Status: TypeAlias = Literal["pending", "running", "completed", "failed", "stopped"]

LANES: Final[dict[Lane, int]] = {"heavy": 1, "light": 4}
"""Jobs one worker runs at the same time, by lane."""

FINISHED: Final[frozenset[Status]] = frozenset({"completed", "failed", "stopped"})

STAGE_1: Final = "step1_background"
STAGE_2: Final = "step2_html_rendering"

AD_STEPS: Final[dict[str, str]] = {
    "segment": STAGE_1,
    "background": STAGE_1,
    "composite": STAGE_1,
    "refine": STAGE_1,
    "self_check": STAGE_1,
    "analyse": STAGE_2,
    "design": STAGE_2,
    "render": STAGE_2,
    "export": STAGE_2,
}
"""Stage by step, in order. Every ad has all of them, so that a step's number never depends on the request; one that
is not needed returns nothing at once."""

EDIT_STEPS: Final[dict[str, str]] = dict.fromkeys(("look", "locate", "edit", "check", "finish"), "")
"""The steps of ``POST /edit``, in order; an edit has no stages."""

HEAVY: Final[dict[str, dict[str, str]]] = {"ad": AD_STEPS, "edit": EDIT_STEPS}
"""The kinds of work that paint, and their steps."""


def lane_of(kind: str) -> Lane:
    """Ads and edits are heavy; everything else answers while its caller waits."""
    return "heavy" if kind in HEAVY else "light"


def steps_of(kind: str) -> dict[str, str]:
    """Stage by step for a job of ``kind``; a light job has one step, named like itself."""
    return HEAVY.get(kind) or {kind: STAGE_2 if kind == "render" else STAGE_1}
