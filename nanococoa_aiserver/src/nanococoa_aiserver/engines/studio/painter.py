"""The studio engine's backgrounds: procedural scenes, chosen from the customer's words or the product's colours."""

from __future__ import annotations

from nanococoa_aiserver.engines.ports import Notes, Progress, SceneChoice, ScenePrompt, StopCheck, go_on
from nanococoa_aiserver.engines.studio.scenes.choose import Wish, understand
from nanococoa_aiserver.engines.studio.scenes.fallback import flattering_palette
from nanococoa_aiserver.engines.studio.scenes.paint import load_scenes, paint_scene
from nanococoa_aiserver.imaging.sprite import light_side
from nanococoa_aiserver.imaging.types import Backdrop, Sprite

PLAIN_SCENE = "sweep"  # a colour alone was asked for
UNKNOWN_SCENE = "window"  # nothing was understood: quiet, bright, fits anything


class StudioPainter:
    """``engines.ports.BackgroundPainter`` without weights."""

    def choose(self, prompt: ScenePrompt, product: Sprite, stop: StopCheck = go_on) -> SceneChoice:
        """The scene the prompt asks for, lit from where the product's own photo was lit."""
        wish = understand(prompt.text, prompt.negative)
        scene = wish.scene or (PLAIN_SCENE if wish.known else UNKNOWN_SCENE)
        palette = _palette_for(wish, scene, product)
        light = light_side(product) if wish.light is None else wish.light
        notes: Notes = (("adapters_unused", {}),) if prompt.adapters else ()
        return SceneChoice(scene, palette, round(light, 2), wish.known, wish.why, notes)

    def paint(
        self, choice: SceneChoice, prompt: ScenePrompt, size: tuple[int, int], progress: Progress, stop: StopCheck
    ) -> Backdrop:
        """Paint ``size`` = (width, height) px."""
        stop()
        progress(f"scene_painting {choice.scene}", 0.0)
        backdrop = paint_scene(choice.scene, size, palette=choice.palette, light=choice.light, seed=prompt.seed)
        stop()
        progress(f"scene_painting {choice.scene}", 1.0)
        return backdrop


def _palette_for(wish: Wish, scene: str, product: Sprite) -> str:
    if wish.palette:
        return wish.palette
    if wish.tone and not load_scenes()[scene].themed:
        return wish.tone
    return load_scenes()[scene].palette if wish.scene else flattering_palette(product)
