"""A site's one stylesheet: colours, faces, common and theme's rules, and what its words and pictures measure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

from homepage_generator.render.art import ArtId, art_css
from homepage_generator.render.fonts import Cut, cuts
from homepage_generator.render.measures import measures
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
    parts = (_colours(theme, spec.look), fonts, art_css(art), rules(theme), measures(theme, spec), _shapes(ratios))
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


def _shapes(ratios: Iterable[int]) -> str:
    return "".join(f".ar-{ratio}{{--r:{ratio / 100:g}}}" for ratio in sorted(ratios))


def _packed(css: str) -> str:
    """Without comments and needless space."""
    return _SPACE.sub(lambda found: found[1] or " ", _COMMENT.sub("", css)).strip()


def write(files: dict[str, bytes], out: Path) -> None:
    for name, data in files.items():
        (out / name).write_bytes(data)
