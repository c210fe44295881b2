"""Pictures edited by an instruction, whole or inside a mask."""

from __future__ import annotations

import numpy as np

from nanococoa_aiserver.engines.diffusion.generators.request import Brief, Generator, Repaint, Watch
from nanococoa_aiserver.engines.diffusion.painter import sub_step
from nanococoa_aiserver.engines.diffusion.wording import Translator, Wording
from nanococoa_aiserver.engines.ports import EditTask, Notes, Progress, StopCheck
from nanococoa_aiserver.imaging.filters import Mask, smoothstep, soften
from nanococoa_aiserver.imaging.types import Alpha, Rgb

FEATHER = 0.004
"""Of the picture's longer side: how softly a filled region begins, inside its mask."""


class DiffusionEditor:
    """``engines.ports.ImageEditor``: ``generator`` edits, ``filler`` fills. They may be the same."""

    def __init__(self, generator: Generator, filler: Generator, translator: Translator) -> None:
        self._generator, self._filler = generator, filler
        self._wording = {one.spec.name: Wording(one.spec, translator) for one in (generator, filler)}

    def edit(self, task: EditTask, progress: Progress, stop: StopCheck) -> Rgb:
        """Where a strength is asked for the picture is repainted by it, else edited as the model does best."""
        brief = self._brief(task, self._generator, stop)
        watch = Watch(sub_step(self._generator.spec, "edit"), progress, stop)
        if task.strength is None:
            return self._generator.edit(brief, [task.image, *task.references], watch)
        return self._generator.repaint(brief, Repaint(task.image, task.strength, references=task.references), watch)

    def fill(self, task: EditTask, mask: Mask, progress: Progress, stop: StopCheck) -> Rgb:
        """Wholly repainted inside the mask unless a strength is asked for."""
        brief = self._brief(task, self._filler, stop)
        watch = Watch(sub_step(self._filler.spec, "fill"), progress, stop)
        strength = 1.0 if task.strength is None else task.strength
        return self._filler.repaint(brief, Repaint(task.image, strength, feathered(mask), task.references), watch)

    def notes(self, task: EditTask, stop: StopCheck, *, local: bool = False) -> Notes:
        """Which encoders will cut the prompt of ``edit``, of ``fill`` where ``local``."""
        model = self._filler if local else self._generator
        return model.notes(self._brief(task, model, stop))

    def _brief(self, task: EditTask, model: Generator, stop: StopCheck) -> Brief:
        wording = self._wording[model.spec.name]
        return Brief(
            wording.readable(task.prompt, stop),
            negative=wording.readable(task.negative, stop) if model.spec.negative else "",
            seed=task.seed,
            steps=task.steps,
            guidance=task.guidance,
            adapters=task.adapters,
        )


def feathered(mask: Mask) -> Alpha:
    """The mask with a soft edge that lies inside it; thin parts keep their middle."""
    sigma = max(0.5, FEATHER * max(mask.shape))
    inside = smoothstep(0.5, 1.0, soften(mask.astype(np.float32), sigma))
    return np.asarray(np.where(mask, np.maximum(inside, 0.1), 0), np.float32)
