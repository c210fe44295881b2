"""What the shop sells and shows: products, menu, ads, photos."""

from __future__ import annotations

from typing import Final

from homepage_generator.errors import InvalidField
from homepage_generator.spec.reading.pictures import Album, Kind
from homepage_generator.spec.reading.values import Part
from homepage_generator.spec.sections import MenuGroup, MenuItem, PriceItem, Shown
from homepage_generator.spec.types import Locale

MOST_PRODUCTS: Final = 300
_DISHES: Final = 120


def read_products(whole: Part, album: Album, locale: Locale) -> list[PriceItem]:
    return [_product(part, album, locale) for part in whole.parts("products", limit=MOST_PRODUCTS)]


def _product(part: Part, album: Album, locale: Locale) -> PriceItem:
    name = part.needed("name", budget=60)
    kind: Kind = "cutout" if part.text("picture") == "cutout" else "photo"
    return PriceItem(
        name=name,
        origin=part.line("origin", budget=40),
        unit=part.fact("unit", budget=30),
        price=price(part, locale),
        note=part.line("description", "note", budget=120),
        picture=album.take(part, "image", kind=kind, alt=part.line("alt", budget=200) or name),
        sold_out=part.yes("sold_out"),
    )


def price(part: Part, locale: Locale) -> str:
    """As it was written; a number alone is an amount of won."""
    value = part.given.get("price")
    if isinstance(value, int | float) and not isinstance(value, bool):
        if not 0 <= value < 10**12:
            raise InvalidField(part.path("price"), "number")
        return f"{value:,.0f}원" if locale == "ko" else f"₩{value:,.0f}"
    return part.fact("price", budget=30)


def read_menu(shop: Part, album: Album, locale: Locale) -> list[MenuGroup]:
    """Groups of dishes; dishes without a group are one."""
    parts = list(shop.parts("menu", limit=_DISHES))
    if parts and not any("items" in part.given for part in parts):
        return [MenuGroup(items=[_dish(part, album, locale) for part in parts])]
    if len(parts) > 12:
        raise InvalidField(shop.path("menu"), "too_many", limit=12)
    groups = [(part, [_dish(one, album, locale) for one in part.parts("items", limit=_DISHES)]) for part in parts]
    return [MenuGroup(name=part.line("name", budget=30), items=dishes) for part, dishes in groups if dishes]


def _dish(part: Part, album: Album, locale: Locale) -> MenuItem:
    name = part.needed("name", budget=60)
    return MenuItem(
        name=name,
        price=price(part, locale),
        note=part.line("note", "description", budget=120),
        picture=album.take(part, "image", kind="photo", alt=name),
        sold_out=part.yes("sold_out"),
    )


def read_ads(whole: Part, album: Album) -> list[Shown]:
    """Finished ads; their own words are their text for who can't see them."""
    shown = []
    for part in whole.parts("ads", limit=12):
        title = part.line("title", budget=60)
        words = part.line("words", budget=200)
        picture = album.take(part, "image", kind="ad", alt=words or title)
        if picture:
            shown.append(Shown(picture=picture, caption=title))
    return shown


def read_photos(shop: Part, album: Album) -> list[Shown]:
    """Photos of the shop, with or without a caption."""
    shown = []
    for where, value in shop.values("photos", "gallery", limit=24):
        if isinstance(value, str):
            shown.append(Shown(picture=album.keep(where, value, "photo")))
            continue
        if not isinstance(value, dict):
            raise InvalidField(where, "object")
        part = Part(value, where, shop.warnings)
        caption = part.line("caption", "title", budget=60)
        if picture := album.take(part, "image", kind="photo", alt=part.line("alt", budget=200) or caption):
            shown.append(Shown(picture=picture, caption=caption))
    return shown
