"""The whole of a commission, read top-down: the shop, what it sells, what else its owner gave."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, cast, get_args

from homepage_generator.errors import InvalidField
from homepage_generator.spec.brief import Brief
from homepage_generator.spec.reading.goods import read_ads, read_menu, read_photos, read_products
from homepage_generator.spec.reading.pictures import Album, FetchPicture, Pictures
from homepage_generator.spec.reading.shop import read_business
from homepage_generator.spec.reading.telling import (
    read_announcements,
    read_facts,
    read_headings,
    read_headline,
    read_questions,
    read_reviews,
    read_seasons,
    read_slots,
    read_steps,
)
from homepage_generator.spec.reading.values import Part, is_nothing
from homepage_generator.spec.types import THEMES, Locale, ThemeName

_FORMS: Final = ("none", "question", "reservation")
KNOWN: Final = frozenset({
    "name", "trade", "description", "story", "address", "phone", "opening_hours", "hours", "footer", "brand",
    "tagline", "slogan", "headline", "note", "landmark", "directions", "parking", "map_url", "closed", "since", "links",
    "menu", "seasons", "season", "process", "steps", "timetable", "reviews", "faq", "notices", "facts", "signature",
    "form", "photos", "gallery", "titles", "leads", "prices_as_of",
})  # fmt: skip


def read_commission(
    data: Mapping[str, Any], media: Pictures, fetch: FetchPicture | None = None
) -> tuple[Brief, list[str]]:
    """The brief, and codes of ``warnings.*`` for what was shortened, left out or not understood.

    Raises InvalidField naming the field as it was sent.
    """
    whole = Part(data, "")
    if "business_info" not in data:
        raise InvalidField("business_info", "missing")
    shop = whole.part("business_info")
    locale = _locale(whole)
    album = Album(media, fetch)
    business = read_business(shop, album)
    if any(name not in KNOWN and not is_nothing(value) for name, value in shop.given.items()):
        shop.warn("left_out")
    style, wishes = _style(whole)
    brief = Brief(
        locale=locale,
        business=business,
        headline=read_headline(shop),
        note=shop.line("note", budget=32),
        titles=read_headings(shop, "titles", 32),
        leads=read_headings(shop, "leads", 160),
        story=shop.prose("description", "story", budget=10_000),
        signature=shop.line("signature", budget=40),
        products=read_products(whole, album, locale),
        ads=read_ads(whole, album),
        photos=read_photos(shop, album),
        menu=read_menu(shop, album, locale),
        seasons=read_seasons(shop),
        steps=read_steps(shop),
        slots=read_slots(shop),
        reviews=read_reviews(shop),
        questions=read_questions(shop),
        announcements=read_announcements(shop),
        facts=read_facts(shop),
        form=_form(shop),
        prices_as_of=shop.fact("prices_as_of", budget=40),
        style=style,
        wishes=wishes,
        pages=_pages(whole),
        pictures=album.pictures,
    )
    return brief, list(whole.warnings)


def _locale(whole: Part) -> Locale:
    locale = whole.text("locale") or "ko"
    if locale not in get_args(Locale):
        raise InvalidField("locale", "choice", choices=", ".join(get_args(Locale)))
    return cast(Locale, locale)


def _pages(whole: Part) -> Any:
    pages = whole.text("pages") or "one"
    if pages not in ("one", "several"):
        raise InvalidField("pages", "choice", choices="one, several")
    return pages


def _form(shop: Part) -> Any:
    value = shop.given.get("form")
    if isinstance(value, bool):
        return "question" if value else "none"
    form = shop.text("form") or "none"
    if form not in _FORMS:
        raise InvalidField(shop.path("form"), "choice", choices=", ".join(_FORMS))
    return form


def _style(whole: Part) -> tuple[ThemeName | None, str]:
    """A theme's name, or words, which are then wishes."""
    said = whole.line("style", budget=200)
    wishes = whole.prose("wishes", budget=2000 - len(said) - 1)
    name = re.sub(r"[\W_]+", "", said).casefold()
    if name in THEMES:
        return name, wishes
    return None, f"{said}\n{wishes}".strip()
