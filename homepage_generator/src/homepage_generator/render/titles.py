"""What a section is called: by its owner, else by what it is."""

from __future__ import annotations

from typing import Final

from homepage_generator.render.words import Words
from homepage_generator.spec.sections import Section

ASIDES: Final = {"404.html": "lost", "thanks.html": "thanks", "sorry.html": "sorry"}
"""Pages beside the site's own: for addresses that lead nowhere, and after the form."""


def kind_of(section: Section) -> str:
    """Its name in the catalogue; a form has two."""
    return f"contact_{section.purpose}" if section.kind == "contact" else section.kind


def title_of(section: Section, t: Words) -> str:
    return section.title or t(f"title.{kind_of(section)}")
