"""The diffusion engine's backgrounds: an empty set painted from the customer's words."""

from __future__ import annotations

from nanococoa_aiserver.engines.diffusion.catalogue import ModelSpec
from nanococoa_aiserver.engines.diffusion.generators.request import Brief, Generator, Watch
from nanococoa_aiserver.engines.diffusion.staging import stage_of
from nanococoa_aiserver.engines.diffusion.wording import Translator, Wording
from nanococoa_aiserver.engines.ports import Progress, SceneChoice, ScenePrompt, StopCheck, go_on
from nanococoa_aiserver.engines.studio.scenes.choose import understand
from nanococoa_aiserver.imaging.sprite import light_side
from nanococoa_aiserver.imaging.types import Backdrop, Sprite

FREE = "free"
"""The palette's label where the words name no colour: the model chose."""


class DiffusionPainter:
    """``engines.ports.BackgroundPainter`` by a generator."""

    def __init__(self, generator: Generator, translator: Translator) -> None:
        self._generator, self._spec = generator, generator.spec
        self._wording = Wording(generator.spec, translator)

    def choose(self, prompt: ScenePrompt, product: Sprite, stop: StopCheck = go_on) -> SceneChoice:
        """Lit as the words say, else from where the product's own photo was lit. Any words are understood; notes say
        where an encoder will cut them."""
        wish = understand(prompt.text, prompt.negative)
        light = round(light_side(product) if wish.light is None else wish.light, 2)
        notes = self._generator.notes(self._brief(prompt, light, stop))
        return SceneChoice(self._spec.name, wish.palette or wish.tone or FREE, light, True, wish.why, notes)

    def paint(
        self, choice: SceneChoice, prompt: ScenePrompt, size: tuple[int, int], progress: Progress, stop: StopCheck
    ) -> Backdrop:
        """Paint ``size`` = (width, height) px and see where a product can stand on it."""
        brief = self._brief(prompt, choice.light, stop)
        image = self._generator.paint(brief, size, Watch(sub_step(self._spec, "bg_generation"), progress, stop))
        return Backdrop(image, stage_of(image, choice.light), choice.scene, choice.palette)

    def _brief(self, prompt: ScenePrompt, light: float, stop: StopCheck) -> Brief:
        return Brief(
            self._wording.backdrop(prompt.text, light, stop),
            summary=self._wording.readable(prompt.text, stop),
            negative=self._wording.backdrop_negative(prompt.negative, stop) if self._spec.negative else "",
            seed=prompt.seed,
            guidance=prompt.guidance,
            adapters=prompt.adapters,
        )


def sub_step(spec: ModelSpec, what: str) -> str:
    """``flux_bg_generation``: the family's name as people know it, and what it is doing."""
    return f"{'flux' if spec.family.startswith('flux') else spec.family}_{what}"
