"""A version as an editor opens it."""

from __future__ import annotations

import re
from math import dist
from typing import Final

from nanococoa_backend.ads.catalogue import format_title
from nanococoa_backend.businesses.models import Business
from nanococoa_backend.editor.live import edits_of
from nanococoa_backend.editor.schemas import EditorView, FormatTab
from nanococoa_backend.editor.service import Opened
from nanococoa_backend.messages import Locale
from nanococoa_backend.platform.services import Services
from nanococoa_client.schemas import Checks

_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}")
MOST_COLOURS: Final = 12
PLAIN: Final = ("#ffffff", "#1a1a1a")
DISTINCT: Final = 60
"""Of 441, how far apart two swatches are at least."""


def editor_view(opened: Opened, services: Services, business: Business, locale: Locale) -> EditorView:
    layer, version = opened.layer, opened.version
    return EditorView(
        ad_id=opened.ad.id,
        version_id=version.id,
        number=version.number,
        fields=layer.fields,
        style=layer.style,
        styles=list(dict.fromkeys([layer.style, *layer.alternatives, *services.catalogue.now.styles])),
        fonts=list(services.catalogue.now.fonts),
        colors=colours_of([business.brand_color, business.accent_color, *layer.palette.values()]),
        formats=tabs_of(opened, services, locale),
        edits=edits_of(layer),
    )


def tabs_of(opened: Opened, services: Services, locale: Locale) -> list[FormatTab]:
    """The formats of a version, in its order, with what was measured."""
    checks = Checks.model_validate(opened.version.checks).legibility_by_format
    catalogue = services.catalogue.now
    tabs = []
    for name, layer in opened.layer.formats.items():
        spec, title = catalogue.format(name), format_title(catalogue, name, locale)
        passed = name not in checks or checks[name].passed
        tab = FormatTab(name=name, title=title, width=layer.width, height=layer.height, passed=passed)
        tabs.append(tab.model_copy(update={"safe_zone": spec.safe_zone}) if spec else tab)
    return tabs


def colours_of(found: list[str]) -> list[str]:
    """Those that look different from each other: white and black, the shop's, the ad's own."""
    chosen = list(PLAIN)
    for colour in (colour.lower() for colour in found if _COLOUR.fullmatch(colour)):
        if all(_distance(colour, other) >= DISTINCT for other in chosen):
            chosen.append(colour)
    return [*chosen[len(PLAIN) : MOST_COLOURS], *PLAIN]


def _distance(one: str, other: str) -> float:
    """Of two colours in RGB; a rough measure is enough to leave out a swatch."""
    return dist(_rgb(one), _rgb(other))


def _rgb(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour[1:]))
