"""One edit as its steps work on it: the picture, what must stay, and the task the model gets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from nanococoa_aiserver.ads.context import Results, StepContext
from nanococoa_aiserver.ads.editing.keeping import Keeping
from nanococoa_aiserver.ads.editing.region import weight_of
from nanococoa_aiserver.ads.pictures import get_picture
from nanococoa_aiserver.ads.product import LARGEST_SIDE
from nanococoa_aiserver.artifacts.store import ArtifactStore
from nanococoa_aiserver.engines.ports import Adapter, EditTask
from nanococoa_aiserver.errors import ModelUnavailable
from nanococoa_aiserver.imaging.filters import Mask
from nanococoa_aiserver.imaging.types import Rgb, Rgba

Part = TypeVar("Part")
Told = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Edit:
    """The open edit. ``mask`` is the region of a local one."""

    ctx: StepContext
    keeping: Keeping
    mask: Mask | None

    @property
    def image(self) -> Rgb:
        return self.keeping.original

    def attempt(self, prompt: str, number: int, progress: Told) -> Rgb:
        """Paint, and put back what must stay. Each attempt (``number`` from 0) has its own seed."""
        editor = needed(self.ctx.engines.editor)
        task = self._task(prompt, number)
        if self.mask is None:
            edited = editor.edit(task, progress, self.ctx.check_stop)
        else:
            edited = editor.fill(task, self.mask, progress, self.ctx.check_stop)
        return self.keeping.put_back(edited)

    def warnings(self, prompt: str) -> list[Any]:
        """What the model would leave out of ``prompt``, as the job's warnings."""
        task, editor = self._task(prompt, 0), needed(self.ctx.engines.editor)
        found = editor.notes(task, self.ctx.check_stop, local=self.mask is not None)
        return [[key, dict(details)] for key, details in found]

    def _task(self, prompt: str, number: int) -> EditTask:
        asked = self.ctx.request
        references = [own_size(self.ctx.artifacts, artifact) for artifact in asked["reference_images"]]
        return EditTask(
            image=self.image,
            prompt=prompt,
            references=tuple(references),
            seed=(seed_of(asked) + number) % 2**32,
            strength=asked["strength"],
            steps=asked["steps"],
            adapters=tuple(Adapter(one["id"], one["scale"]) for one in asked["adapters"]),
        )


def open_edit(ctx: StepContext, results: Results) -> Edit:
    """The edit as the steps before left it."""
    place = results["locate"]
    mask = read_region(ctx.artifacts, place["mask"]) if "mask" in place else None
    product = whole_rgba(ctx.artifacts, place["cutout"]) if "cutout" in place else None
    original = own_size(ctx.artifacts, ctx.request["image"])
    return Edit(ctx, Keeping(original, None if mask is None else weight_of(mask), product), mask)


def needed(part: Part | None) -> Part:
    """An engine's part. Raises ``ModelUnavailable`` where this worker has none: the studio engine paints no edits."""
    if part is None:
        raise ModelUnavailable("editing_unavailable", model="FLUX.2", install="ENGINE=diffusion")
    return part


def seed_of(request: dict[str, Any]) -> int:
    """The seed asked for, else one derived from the picture's content hash, so that a job is repeatable."""
    given = request["seed"]
    return int(request["image"][:8], 16) if given is None else int(given)


def own_size(store: ArtifactStore, artifact: str, side: int = LARGEST_SIDE) -> Rgb:
    """A picture on white paper where it is see-through, at its own size or with its longest side ``side``."""
    colours, alpha = get_picture(store, artifact, side=side)
    if alpha is None:
        return colours
    cover = alpha[..., None]
    return np.asarray(np.rint(colours * cover + 255 * (1 - cover)), np.uint8)


def read_region(store: ArtifactStore, artifact: str) -> Mask:
    """A region as ``store_mask`` keeps it."""
    return np.asarray(get_picture(store, artifact, side=LARGEST_SIDE)[0][..., 0] > 127, np.bool_)


def whole_rgba(store: ArtifactStore, artifact: str) -> Rgba:
    """A cut-out at its picture's own size."""
    colours, alpha = get_picture(store, artifact, side=LARGEST_SIDE)
    assert alpha is not None, "a cut-out is kept with its matte"
    return np.dstack([colours, np.rint(alpha * 255).astype(np.uint8)])
