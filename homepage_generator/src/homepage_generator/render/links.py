"""Where a page's links lead: sections on this page or another, the telephone, maps."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

from homepage_generator.spec.business import Business
from homepage_generator.spec.sections import Action, ActionKind, Section, SectionKind
from homepage_generator.spec.site import Page, SiteSpec
from homepage_generator.spec.types import Locale

_TARGETS: Final[dict[ActionKind, tuple[SectionKind, ...]]] = {
    "contact": ("contact", "location"),
    "prices": ("prices", "menu"),
    "menu": ("menu", "prices"),
    "timetable": ("timetable", "location"),
}
_LEAST_DIGITS: Final = 3


def file_of(page: Page) -> str:
    return "index.html" if page.id == "home" else f"{page.id}.html"


def address_of(page: Page) -> str:
    """As others link to it, below the site's own address."""
    return "" if page.id == "home" else f"{page.id}.html"


def shown(page: Page) -> list[Section]:
    return [section for section in page.sections if not section.hidden]


def telephone(phone: str) -> str | None:
    digits = re.sub(r"[^\d+]", "", phone)
    return f"tel:{digits}" if len(digits) >= _LEAST_DIGITS else None


def maps(business: Business, locale: Locale) -> list[tuple[str, str]]:
    """Label keys and addresses; the owner's own link first, then searches for the address."""
    own = [("open_map", business.place.map_url)] if business.place.map_url else []
    query = quote(business.place.address, safe="")
    if not query:
        return own
    naver = ("naver_map", f"https://map.naver.com/p/search/{query}")
    kakao = ("kakao_map", f"https://map.kakao.com/?q={query}")
    google = ("google_map", f"https://www.google.com/maps/search/?api=1&query={query}")
    return [*own, naver, kakao] if locale == "ko" else [*own, google, naver]


class Links:
    """Links as one page sees them."""

    def __init__(self, spec: SiteSpec, page: Page) -> None:
        self.spec, self.page = spec, page

    def to_page(self, page: Page) -> str:
        return "./" if page.id == "home" else file_of(page)

    def to(self, section: Section) -> str:
        page = next(page for page in self.spec.pages if section in page.sections)
        return f"#{section.id}" if page is self.page else f"{self.to_page(page)}#{section.id}"

    def first(self, *kinds: SectionKind) -> Section | None:
        """The first section of the first of these kinds that there is; this page's before others'."""
        pages = [self.page, *self.spec.pages]
        every = [section for page in pages for section in shown(page)]
        return next((section for kind in kinds for section in every if section.kind == kind), None)

    def of(self, action: Action) -> str | None:
        """None: there is nothing to lead to, so the button is left out."""
        business = self.spec.business
        match action.kind:
            case "call":
                return telephone(business.phone)
            case "directions":
                place = self.first("location")
                return self.to(place) if place else next((url for _, url in maps(business, self.spec.locale)), None)
            case "link":
                return business.links[0].url if business.links else None
            case kind:
                target = self.first(*_TARGETS[kind])
                return self.to(target) if target else None
