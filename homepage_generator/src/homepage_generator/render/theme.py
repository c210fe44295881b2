"""Themes: a folder each with ``theme.toml``, ``theme.css`` and templates for what it lays out differently."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Final

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from pydantic import Field

from homepage_generator.render.colour import mixed, on, readable
from homepage_generator.spec.site import Look
from homepage_generator.spec.types import THEMES, Colour, Model, ThemeName

HERE: Final = Path(__file__).parent
PALE: Final = 0.42
"""How much white is in a colour's paler self, in linear light."""
FOLDER: Final = HERE / "themes"


class Face(Model):
    """One weight of one family. ``files`` after the first lend what the ones before lack.

    ``where``: what a rule of the stylesheets says when it sets text in this face ("var(--display)"); only that text's
    letters are sent. None: the face of all text.
    """

    family: str
    files: list[str] = Field(min_length=1)
    weight: int = 400
    where: list[str] = Field(default=[])
    preload: bool = False


class Fit(Model):
    """The face that headlines are measured in, and its spacing in em."""

    face: str
    weight: int = 400
    spacing: float = 0.0
    capitals: bool = False
    """Whether the stylesheet sets headlines in capitals."""


class Grounds(Model):
    paper: Colour
    ink: Colour
    color: Colour
    accent: Colour


class Theme(Model):
    """``dark``: its colours at night; without it a page stays as it is."""

    name: ThemeName
    title_ko: str
    title_en: str
    text_ko: str
    text_en: str
    day: Grounds
    dark: Grounds | None = None
    face: list[Face]
    fit: Fit
    bar: str = "paper"
    """The token that a phone's browser bar takes."""

    @property
    def measure(self) -> str:
        """The font file that headlines are measured in."""
        of = (face for face in self.face if (face.family, face.weight) == (self.fit.face, self.fit.weight))
        return next(of).files[0]

    @property
    def css(self) -> str:
        return (FOLDER / self.name / "theme.css").read_text("utf-8")


@lru_cache
def theme(name: ThemeName) -> Theme:
    return Theme.model_validate(tomllib.loads((FOLDER / name / "theme.toml").read_text("utf-8")) | {"name": name})


def themes() -> list[Theme]:
    return [theme(name) for name in THEMES]


@lru_cache
def templates(name: ThemeName) -> Environment:
    """A theme's own templates before the common ones. Everything is escaped, a missing name is an error."""
    loaders = ChoiceLoader([FileSystemLoader(FOLDER / name), FileSystemLoader(HERE / "templates")])
    return Environment(loader=loaders, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def tokens(grounds: Grounds, look: Look) -> dict[str, str]:
    """The colours a page is painted with, each one readable where its name says it stands.

    ``c``: the shop's colour as a ground; ``a``: the accent; ``…-ink``: as text on paper; ``a-on-c``: accent on colour;
    ``pale``: the colour with white in it.
    """
    colour, accent = look.color or grounds.color, look.accent or grounds.accent
    pale = mixed(colour, "#ffffff", PALE)
    on_colour = on(colour, grounds.ink, grounds.paper)
    return {
        "paper": grounds.paper,
        "ink": grounds.ink,
        "c": colour,
        "on-c": on_colour,
        "c-ink": readable(colour, grounds.paper),
        "pale": pale,
        "a": accent,
        "on-a": on(accent, grounds.ink, grounds.paper),
        "a-ink": readable(accent, grounds.paper),
        "a-on-c": readable(accent, colour),
        "a-on-pale": readable(accent, pale),
        "c-on-ink": readable(colour, grounds.ink),
        "a-on-ink": readable(accent, grounds.ink),
    }
