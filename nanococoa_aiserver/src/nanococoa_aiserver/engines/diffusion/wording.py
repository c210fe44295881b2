"""What the models are told: the customer's words first, in a language the text encoder reads, then a photographer's
brief from ``prompts.toml``."""

from __future__ import annotations

import re
import tomllib
from collections import OrderedDict
from functools import lru_cache
from importlib import resources
from typing import Any, Protocol

from nanococoa_aiserver.engines.diffusion.catalogue import ModelSpec
from nanococoa_aiserver.engines.ports import StopCheck

_HANGUL = re.compile(r"[가-힣ㄱ-ㅎㅏ-ㅣ]")
_KEPT = 64  # translations: more than the prompts of any one job, small enough to forget
SIDED = 0.25
"""Least side of the light (0..1) that is worth a word."""


@lru_cache(1)
def load_prompts() -> dict[str, Any]:
    """``prompts.toml``."""
    return tomllib.loads(resources.files(__package__).joinpath("prompts.toml").read_text("utf-8"))


class Translator(Protocol):
    """What it needs of a ``VisionLanguageModel``."""

    def in_english(self, prompt: str, stop: StopCheck) -> str: ...


class Wording:
    """Prompts for one model. Korean goes through ``translator`` where the model's text encoder reads none."""

    def __init__(self, spec: ModelSpec, translator: Translator) -> None:
        self._korean = "ko" in spec.languages
        self._translator = translator
        self._translated: OrderedDict[str, str] = OrderedDict()

    def readable(self, text: str, stop: StopCheck) -> str:
        """``text`` in a language the model reads."""
        if self._korean or not _HANGUL.search(text):
            return text
        if text not in self._translated:
            self._translated[text] = self._translator.in_english(text, stop)
            while len(self._translated) > _KEPT:
                self._translated.popitem(last=False)
        return self._translated[text]

    def backdrop(self, wish: str, light: float, stop: StopCheck) -> str:
        """An empty set as ``wish`` describes it, lit from ``light`` (-1 left .. 1 right)."""
        told = self.readable(wish, stop)
        language = _language(told)
        people = "with_people" if _speaks_of_people(wish) else "people"
        values = {"light": _light(light, language), "people": load_prompts()["backdrop"][people][language]}
        return _written("backdrop", told, language, values)

    def backdrop_negative(self, unwanted: str, stop: StopCheck) -> str:
        told = self.readable(unwanted, stop)
        return ", ".join(filter(None, [told, load_prompts()["backdrop"]["negative"][_language(told)]]))

    def refine(self, wish: str, stop: StopCheck) -> str:
        """How a product meets its surroundings, in the scene ``wish`` describes."""
        told = self.readable(wish, stop)
        return _written("refine", told, _language(told), {})


def _written(kind: str, wish: str, language: str, values: dict[str, str]) -> str:
    template = load_prompts()[kind]
    told = wish.strip().rstrip(".。 ") or template["nothing_asked"][language]
    return " ".join(template[language].format_map({"wish": told, **values}).split())


def _language(text: str) -> str:
    return "ko" if _HANGUL.search(text) else "en"


def _light(side: float, language: str) -> str:
    name = "front" if abs(side) < SIDED else "left" if side < 0 else "right"
    return str(load_prompts()["light"][name][language])


def _speaks_of_people(wish: str) -> bool:
    """Korean words anywhere, English ones as whole words."""
    words = set(re.findall(r"[a-z]+", wish.lower()))
    return any(term in words if term.isascii() else term in wish for term in load_prompts()["words"]["people"])
