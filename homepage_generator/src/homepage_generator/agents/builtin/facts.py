"""What a brief holds, as the agents ask for it: which kinds of sections there is something for, which pictures lead."""

from __future__ import annotations

import re
from typing import Final

from homepage_generator.agents.builtin.words import word
from homepage_generator.spec.brief import Brief
from homepage_generator.spec.sections import SectionKind
from homepage_generator.spec.types import PictureId

LEADING_WIDTH: Final = 900
"""A photo narrower than this is not shown across a screen."""
_DISTRICT: Final = re.compile(r"(?:([가-힣]+)\s+)?(?!대구\s)([가-힣]{1,6}[구군])(?=\s)")
_MANY_CITIES_HAVE: Final = ("중구", "동구", "서구", "남구", "북구", "강서구")
_CITY: Final = re.compile(r"(?:^|\s)([가-힣]{1,6}시)(?=\s)")


def kinds_of(brief: Brief) -> set[SectionKind]:
    """Kinds of sections that there are facts for, besides hero and footer."""
    held: dict[SectionKind, object] = {
        "prices": brief.products,
        "menu": brief.menu,
        "season": brief.seasons,
        "gallery": gallery_pictures(brief),
        "story": brief.story.strip(),
        "process": brief.steps,
        "timetable": brief.slots,
        "location": _is_somewhere(brief),
        "reviews": brief.reviews,
        "faq": brief.questions,
        "notice": brief.announcements,
        "contact": wants_form(brief),
    }
    return {kind for kind, given in held.items() if given}


def _is_somewhere(brief: Brief) -> bool:
    shop = brief.business
    place = shop.place
    return bool(place.address or place.landmark or shop.hours or shop.hours_text or shop.closed)


def wants_form(brief: Brief) -> bool:
    """Asked for, or the only way to reach the shop at all."""
    return brief.form != "none" or not (has_phone(brief) or _is_somewhere(brief))


def has_phone(brief: Brief) -> bool:
    return sum(character.isdigit() for character in brief.business.phone) >= 3


def hero_pictures(brief: Brief) -> list[PictureId]:
    """Products without background first; else one large photo."""
    cutouts = [one.picture for one in brief.products if one.picture and brief.pictures[one.picture].kind == "cutout"]
    if cutouts:
        return list(dict.fromkeys(cutouts))[:3]
    return [shown.picture for shown in brief.photos if _leads(brief, shown.picture)][:1]


def _leads(brief: Brief, picture_id: PictureId) -> bool:
    picture = brief.pictures[picture_id]
    return picture.width >= LEADING_WIDTH and 1.1 <= picture.width / picture.height <= 2.6


def gallery_pictures(brief: Brief) -> list[PictureId]:
    """Photos and ads that the hero does not show already."""
    used = hero_pictures(brief)
    return [shown.picture for shown in [*brief.photos, *brief.ads] if shown.picture not in used]


def trade_said(brief: Brief) -> str:
    """What the owner calls the trade, else our word for it where it can't be wrong."""
    return brief.business.trade_name or word(brief.locale, "trade", brief.business.trade)


def district(brief: Brief) -> str:
    """ "마포구", "전주시": as a neighbour would say where it is."""
    address = brief.business.place.address
    if brief.locale != "ko":
        return ""
    if found := _DISTRICT.search(address):
        return " ".join(filter(None, found.groups())) if found[2] in _MANY_CITIES_HAVE else found[2]
    city = _CITY.search(address)
    return city[1] if city else ""
