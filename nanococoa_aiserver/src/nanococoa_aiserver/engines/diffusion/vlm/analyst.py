"""What a picture shows, in words: four views asked one after the other under one lease; the numbers are measured."""

from __future__ import annotations

from dataclasses import replace

from nanococoa_aiserver.engines.diffusion.host import ModelHost
from nanococoa_aiserver.engines.ports import Analysis, ImageAnalyst, StopCheck
from nanococoa_aiserver.gpu.turn import Lane
from nanococoa_aiserver.imaging.types import Box, Rgb

from . import prompts
from .chat import QwenChat

VIEW_TOKENS = 140  # two or three sentences of Korean


class DiffusionAnalyst:
    """``engines.ports.ImageAnalyst``. ``numbers`` measures palette, brightness, texture and free space, which a
    language model would only guess; its sentences stay in ``views`` under ``ko`` and ``en``."""

    def __init__(
        self,
        host: ModelHost,
        model: str,
        numbers: ImageAnalyst,
        *,
        lane: Lane = "heavy",
        locale: prompts.Locale = "ko",
    ) -> None:
        self._chat = QwenChat(host, model, lane)
        self._numbers, self._locale = numbers, locale

    def analyse(self, image: Rgb, product: Box | None, stop: StopCheck) -> Analysis:
        """``text`` has the four views under their titles, and the measured sentence of the analyst's locale."""
        measured = self._numbers.analyse(image, product, stop)
        seen = self._views(image, stop)
        spoken = [f"{prompts.title(name, self._locale)}: {text}" for name, text in seen.items() if text]
        text = "\n".join([*spoken, measured.views.get(self._locale, measured.text)])
        return replace(measured, text=text, views={**measured.views, **seen})

    def _views(self, image: Rgb, stop: StopCheck) -> dict[str, str]:
        with self._chat.open("analyse", stop) as dialogue:
            return {
                name: dialogue.answer(
                    prompts.system(self._locale), prompts.view(name, self._locale), image, VIEW_TOKENS
                )
                for name in prompts.VIEWS
            }
