"""The little picture in a browser's tab: the first drawing of the shop's things on the shop's colour."""

from __future__ import annotations

from homepage_generator.render.art import ArtId, art_css, sprite


def favicon(name: ArtId, ground: str) -> str:
    place = 'x="8" y="8" width="48" height="48" viewBox="0 0 100 100"'
    drawn = f'<svg class="art-{name}" {place}><use href="#art-{name}"/></svg>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><style>{art_css([name])}</style>{sprite([name])}'
        f'<rect width="64" height="64" rx="6" fill="{ground}"/>'
        f"{drawn}</svg>\n"
    )
