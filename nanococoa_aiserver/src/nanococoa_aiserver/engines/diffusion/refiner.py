"""Product and background made one picture: edge and shadow repainted where that is allowed, nowhere else."""

from __future__ import annotations

import numpy as np

from nanococoa_aiserver.engines.diffusion.generators.request import Brief, Generator, Repaint, Watch
from nanococoa_aiserver.engines.diffusion.painter import sub_step
from nanococoa_aiserver.engines.diffusion.wording import Translator, Wording
from nanococoa_aiserver.engines.ports import Notes, Progress, RefinePrompt, StopCheck
from nanococoa_aiserver.imaging.types import Alpha, Rgb


class DiffusionRefiner:
    """``engines.ports.Refiner`` by a generator's inpainting."""

    def __init__(self, generator: Generator, translator: Translator) -> None:
        self._generator, self._spec = generator, generator.spec
        self._wording = Wording(generator.spec, translator)

    def refine(self, composite: Rgb, allowed: Alpha, prompt: RefinePrompt, progress: Progress, stop: StopCheck) -> Rgb:
        """The model's picture wherever ``allowed`` is above 0 (the caller fades it in), the composite elsewhere."""
        if prompt.strength <= 0:
            return composite
        task = Repaint(composite, prompt.strength, np.asarray(allowed > 0, np.float32))
        watch = Watch(sub_step(self._spec, "refine"), progress, stop)
        return self._generator.repaint(self._brief(prompt, stop), task, watch)

    def notes(self, prompt: RefinePrompt, stop: StopCheck) -> Notes:
        """Which encoders will cut the prompt."""
        return self._generator.notes(self._brief(prompt, stop))

    def _brief(self, prompt: RefinePrompt, stop: StopCheck) -> Brief:
        return Brief(
            self._wording.refine(prompt.text, stop),
            summary=self._wording.readable(prompt.text, stop),
            negative=self._wording.readable(prompt.negative, stop) if self._spec.negative else "",
            seed=prompt.seed,
            guidance=prompt.guidance,
            adapters=prompt.adapters,
        )
