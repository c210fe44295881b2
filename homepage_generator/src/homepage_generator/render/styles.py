"""A site's one stylesheet: colours, faces, common and theme's rules, and what its words and pictures measure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

from homepage_generator.render.art import ArtId, art_css
from homepage_generator.render.fonts import Cut, cuts, width
from homepage_generator.render.theme import HERE, Face, Theme, tokens
from homepage_generator.spec.site import Look, SiteSpec

_COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
_SPACE: Final = re.compile(r"\s*([{};,>])\s*|\s+")


class Typeset(NamedTuple):
    rules: str
    files: dict[str, bytes]
    preload: list[str]


def typeset(faces: Iterable[Face], letters: Iterable[set[str]]) -> Typeset:
    """Each face's files and rules; those that lend letters come later and name them."""
    rules, files, preload = [], {}, []
    for face, shown in zip(faces, letters, strict=True):
        for at, cut in enumerate(cuts(face, shown)):
            files[cut.name] = cut.data
            rules.append(_rule(face, cut))
            if face.preload and at == 0:
                preload.append(cut.name)
    return Typeset("".join(rules), files, preload)


def _rule(face: Face, cut: Cut) -> str:
    codes = f";unicode-range:{_ranges(cut.covers)}" if cut.covers else ""
    return (
        f'@font-face{{font-family:"{face.family}";font-weight:{face.weight};font-display:swap;'
        f'src:url({cut.name}) format("woff2"){codes}}}'
    )


def _ranges(codes: Iterable[int]) -> str:
    return ",".join(f"U+{code:X}" for code in codes)


def rules(theme: Theme) -> str:
    """What is the same for every site of a theme."""
    return _COMMENT.sub("", (HERE / "base.css").read_text("utf-8") + theme.css)


def stylesheet(theme: Theme, spec: SiteSpec, fonts: str, art: Iterable[ArtId], ratios: Iterable[int]) -> str:
    parts = (_colours(theme, spec.look), fonts, art_css(art), rules(theme), _measures(theme, spec), _shapes(ratios))
    return _packed("\n".join(parts))


def _colours(theme: Theme, look: Look) -> str:
    scheme = "light dark" if theme.dark else "normal"
    rules = f":root{{color-scheme:{scheme};{_custom(tokens(theme.day, look))}}}"
    if theme.dark:
        night = _custom(tokens(theme.dark, look))
        rules += f"@media screen and (prefers-color-scheme:dark){{:root{{{night}}}}}"
    return rules


def _custom(values: dict[str, str]) -> str:
    return ";".join(f"--{name}:{value}" for name, value in values.items())


def _measures(theme: Theme, spec: SiteSpec) -> str:
    """How wide headlines are, in em, so that CSS can give them the size that fills their line.

    ``--em``: the longest line of a hero; ``--len``: its letters; ``--lines``: how many. ``--word``, ``--note``,
    ``--title``: the longest word of a section's title, a hero's note, a page's title.
    """
    file, rules = theme.measure, []
    cased = str.upper if theme.fit.capitals else str
    for _, section in spec.sections():
        if section.kind == "hero":
            em = max(width(file, cased(line), theme.fit.spacing) for line in section.headline)
            letters = max(map(len, section.headline))
            lines = len(section.headline)
            note = _longest(file, cased(section.note), theme.fit.spacing)
            rules.append(
                f"#{section.id}{{--em:{max(em, 1):.2f};--len:{letters or 1};--lines:{lines};--note:{note:.2f}}}"
            )
        elif section.title:
            rules.append(f"#{section.id}{{--word:{_longest(file, cased(section.title), theme.fit.spacing):.2f}}}")
    for page in spec.pages:
        title = spec.business.name if page.id == "home" else page.title
        rules.append(f".page-{page.id}{{--title:{_longest(file, cased(title), theme.fit.spacing):.2f}}}")
    rules.append(f".of-name{{--em:{max(width(file, cased(spec.business.name), theme.fit.spacing), 1):.2f}}}")
    return "".join(rules)


def _longest(file: str, text: str, spacing: float) -> float:
    return max([1.0, *(width(file, word, spacing) for word in text.split())])


def _shapes(ratios: Iterable[int]) -> str:
    return "".join(f".ar-{ratio}{{--r:{ratio / 100:g}}}" for ratio in sorted(ratios))


def _packed(css: str) -> str:
    """Without comments and needless space."""
    return _SPACE.sub(lambda found: found[1] or " ", _COMMENT.sub("", css)).strip()


def write(files: dict[str, bytes], out: Path) -> None:
    for name, data in files.items():
        (out / name).write_bytes(data)
