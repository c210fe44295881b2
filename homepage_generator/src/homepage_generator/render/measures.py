"""How wide a site's headlines are, so that CSS can give them the size that fills their line.

In em of the theme's display face: ``--em``: a hero's longest line; ``--len``: its letters; ``--lines``: how many;
``--wrap``: that none needs to wrap; ``--word``, ``--note``, ``--title``: the longest word of a section's title, of a
hero's note, of a page's title.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from homepage_generator.render.fonts import width
from homepage_generator.render.theme import Theme
from homepage_generator.render.titles import ASIDES, title_of
from homepage_generator.render.words import words
from homepage_generator.spec.sections import Hero
from homepage_generator.spec.site import SiteSpec

FITTING: Final = 11.5
"""The longest line that stays whole on a phone of 320 px at a headline's smallest size, 22 px."""


def measures(theme: Theme, spec: SiteSpec) -> str:
    return "".join(f"{selector}{{{values}}}" for selector, values in _measured(theme, spec))


def _measured(theme: Theme, spec: SiteSpec) -> Iterator[tuple[str, str]]:
    em, t = _ruler(theme), words(spec.locale)
    for _, section in spec.sections():
        if section.kind == "hero":
            yield f"#{section.id}", _hero(section, em)
        elif section.kind != "footer":
            yield f"#{section.id}", f"--word:{_longest(title_of(section, t), em):.2f}"
    for page in spec.pages:
        title = spec.business.name if page.id == "home" else page.title
        yield f".page-{page.id}", f"--title:{_longest(title, em):.2f}"
    for aside in ASIDES.values():
        yield f".page-{aside}", f"--title:{_longest(t(f'{aside}_title'), em):.2f}"
    yield ".of-name", f"--em:{max(em(spec.business.name), 1):.2f}"


def _ruler(theme: Theme) -> Callable[[str], float]:
    cased = str.upper if theme.fit.capitals else str
    return lambda text: width(theme.measure, cased(text), theme.fit.spacing)


def _hero(hero: Hero, em: Callable[[str], float]) -> str:
    longest = max(1.0, *map(em, hero.headline))
    letters = max(1, *map(len, hero.headline))
    wrap = ";--wrap:nowrap" if longest <= FITTING else ""
    note = _longest(hero.note, em)
    return f"--em:{longest:.2f};--len:{letters};--lines:{len(hero.headline)};--note:{note:.2f}{wrap}"


def _longest(text: str, em: Callable[[str], float]) -> float:
    return max([1.0, *map(em, text.split())])
