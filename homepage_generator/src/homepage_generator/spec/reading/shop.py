"""The shop itself: where, when, who; brand colours and the law's lines."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from homepage_generator.errors import InvalidField
from homepage_generator.spec.business import Brand, Business, Hours, Legal, Link, Place
from homepage_generator.spec.reading.days import read_days
from homepage_generator.spec.reading.hours import Said, read_hours
from homepage_generator.spec.reading.pictures import Album
from homepage_generator.spec.reading.trades import read_trade
from homepage_generator.spec.reading.values import Part
from homepage_generator.spec.types import TRADES

_COLOUR: Final = re.compile(r"#?([0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)
_ADDRESS: Final = re.compile(r"https://[^\s<>\"']{3,400}")
_PHONE: Final = re.compile(r"[0-9+() ./~-]{3,}(?:\s*(?:내선|ext\.?)\s*\d+)?", re.IGNORECASE)
_YEAR: Final = re.compile(r"(1[89]\d\d|20\d\d)")
_HOURS_BUDGET: Final = 300


def read_business(shop: Part, album: Album) -> Business:
    name = shop.needed("name", budget=60)
    said = shop.line("trade", budget=40)
    hours = _hours(shop)
    return Business(
        name=name,
        trade=read_trade(shop.text("trade"), name),
        trade_name="" if said in TRADES else said,
        tagline=shop.line("tagline", "slogan", budget=80),
        phone=_phone(shop),
        place=Place(
            address=shop.fact("address", budget=200),
            landmark=shop.line("landmark", "directions", budget=120),
            parking=shop.line("parking", budget=200),
            map_url=_web_address(shop, "map_url"),
        ),
        hours=hours.hours or [],
        hours_text="" if hours.hours is not None else shop.prose("opening_hours", "hours", budget=_HOURS_BUDGET),
        closed=shop.line("closed", budget=120) or hours.closed[:120],
        since=_since(shop),
        legal=_legal(shop.part("footer")),
        brand=_brand(shop.part("brand"), album, name),
        links=[_link(one) for one in shop.parts("links", limit=8)],
    )


def _phone(shop: Part) -> str:
    """As it is written; words around a number are refused, for they can't be dialled."""
    phone = shop.fact("phone", budget=30)
    if phone and not _PHONE.fullmatch(phone):
        raise InvalidField(shop.path("phone"), "phone")
    return phone


def _hours(shop: Part) -> Said:
    """From words, a list of rows or an object of days. ``hours`` is None where words were not understood."""
    name = shop.first("opening_hours", "hours")
    value = shop.given.get(name)
    if isinstance(value, Mapping):
        rows = [f"{day} {times}" for day, times in value.items()]
        return _understood(shop, "\n".join(rows))
    if isinstance(value, list):
        return Said([_row(Part(one, where)) for where, one in _objects(shop, name)], "")
    return _understood(shop, shop.text(name))


def _understood(shop: Part, text: str) -> Said:
    if not text:
        return Said([], "")
    said = read_hours(text)
    if said.hours is None or len(said.hours) > 14:
        shop.warn("hours_as_written")
        return Said(None, "")
    return said


def _objects(shop: Part, name: str) -> list[tuple[str, Mapping[str, Any]]]:
    return [(part.where, part.given) for part in shop.parts(name, limit=14)]


def _row(part: Part) -> Hours:
    days_said = part.given.get("days", "매일")
    days = read_days(", ".join(map(str, days_said)) if isinstance(days_said, list) else str(days_said))
    said = read_hours(f"{part.text('opens', 'open')}-{part.text('closes', 'close')}")
    if not days or not said.hours:
        raise InvalidField(part.where, "hours")
    return said.hours[0].model_copy(update={"days": days})


def _since(shop: Part) -> int | None:
    found = _YEAR.search(shop.text("since"))
    if shop.has("since") and not found:
        raise InvalidField(shop.path("since"), "year")
    return int(found[1]) if found else None


def _legal(footer: Part) -> Legal:
    return Legal(
        legal_name=footer.fact("legal_name", budget=100),
        representative=footer.fact("representative", budget=60),
        registration_number=footer.fact("registration_number", budget=40),
        mail_order_number=footer.fact("mail_order_number", budget=60),
        email=footer.fact("email", budget=200),
    )


def _brand(brand: Part, album: Album, name: str) -> Brand:
    return Brand(
        color=_colour(brand, "color"),
        accent=_colour(brand, "accent"),
        logo=album.take(brand, "logo", kind="logo", alt=name),
    )


def _colour(brand: Part, name: str) -> str | None:
    said = brand.text(name)
    if not said:
        return None
    found = _COLOUR.fullmatch(said)
    if not found:
        raise InvalidField(brand.path(name), "colour")
    digits = found[1].lower()
    return "#" + (digits if len(digits) == 6 else "".join(digit * 2 for digit in digits))


def _web_address(part: Part, name: str) -> str | None:
    said = part.text(name)
    if not said:
        return None
    address = said.replace("http://", "https://", 1)
    if not _ADDRESS.fullmatch(address):
        raise InvalidField(part.path(name), "web_address")
    return address


def _link(part: Part) -> Link:
    address = _web_address(part, "url")
    if address is None:
        raise InvalidField(part.path("url"), "missing")
    return Link(label=part.line("label", "title", budget=40) or address.split("/")[2][:40], url=address)
