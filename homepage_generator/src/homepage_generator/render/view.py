"""What templates ask for while they show one page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from markupsafe import Markup

from homepage_generator.render.art import ArtId, art_for, drawing, find_art
from homepage_generator.render.links import Links, file_of, maps, shown, telephone
from homepage_generator.render.money import Money, money
from homepage_generator.render.pictures import Pictures
from homepage_generator.render.plan import sketch
from homepage_generator.render.theme import Theme
from homepage_generator.render.titles import kind_of, title_of
from homepage_generator.render.way import Stop, way
from homepage_generator.render.words import Words
from homepage_generator.spec.business import Business
from homepage_generator.spec.sections import Hero, PriceItem, Section, Shown, Slot, Timetable
from homepage_generator.spec.site import Page, SiteSpec
from homepage_generator.spec.types import DAYS, Day

NAVIGATED: Final = 6
BOARD_ROWS: Final = 5
AT_ONCE: Final = 30
WORDY: Final = 8
ROW: Final = 3.2
"""How wide a row of a gallery is against its height: 3 photos of 4:3 with a bit to spare."""


class NavLink(NamedTuple):
    label: str
    href: str
    here: bool = False


class BoardRow(NamedTuple):
    name: str
    price: Money
    note: str = ""


@dataclass
class View:
    """One page of a site, as its templates see it."""

    spec: SiteSpec
    page: Page
    theme: Theme
    t: Words
    pictures: Pictures
    form_action: str
    drawn: list[ArtId] = field(default_factory=list)
    ratios: set[int] = field(default_factory=set)
    """What was drawn and which picture shapes were shown: for the sprite and the stylesheet."""

    def __post_init__(self) -> None:
        self.links = Links(self.spec, self.page)

    @property
    def business(self) -> Business:
        return self.spec.business

    @property
    def sections(self) -> list[Section]:
        return shown(self.page)

    @property
    def leads(self) -> bool:
        """Whether the page begins with its hero, whose headline is then the page's h1."""
        return self.sections[0].kind == "hero"

    def title(self, section: Section) -> str:
        return title_of(section, self.t)

    def nav(self) -> list[NavLink]:
        if len(self.spec.pages) > 1:
            return [NavLink(p.title, self.links.to_page(p), p is self.page) for p in self.spec.pages]
        listed = [s for s in self.sections if s.kind not in ("hero", "footer", "notice")] or []
        return [NavLink(self.t(f"nav.{kind_of(s)}"), self.links.to(s)) for s in _once(listed)[:NAVIGATED]]

    def actions(self, hero: Hero) -> list[NavLink]:
        return [NavLink(action.label, href) for action in hero.actions if (href := self.links.of(action))]

    def dock(self) -> list[NavLink]:
        """What a thumb reaches on a phone: the telephone or the form, and the way."""
        call = self.telephone
        first = NavLink(self.t("call"), call) if call else self._to("contact")
        second = self._to("location") or self._to("prices", "menu", "timetable")
        return [link for link in (first, second) if link]

    def _to(self, *kinds: str) -> NavLink | None:
        section = self.links.first(*kinds)  # type: ignore[arg-type]
        return NavLink(self.t(f"nav.{kind_of(section)}"), self.links.to(section)) if section else None

    @property
    def telephone(self) -> str | None:
        return telephone(self.business.phone)

    @property
    def maps(self) -> list[tuple[str, str]]:
        return maps(self.business, self.spec.locale)

    @property
    def way(self) -> list[Stop]:
        return way(self.business.place.landmark)

    def sketch(self) -> Markup:
        return sketch(self.business.place.address or self.business.name, len(self.way))

    @property
    def home(self) -> str:
        return "./" if self.page.id != "home" else "#main"

    @property
    def file(self) -> str:
        return file_of(self.page)

    def money(self, price: str) -> Money:
        return money(price, self.spec.locale)

    def art(self, name: ArtId, classes: str = "") -> Markup:
        self.drawn.append(name)
        return drawing(name, classes)

    def art_of(self, words: str, classes: str = "") -> Markup | None:
        """The drawing of a thing that the words name; None where nothing fits, rather than something else."""
        found = find_art(words)
        return self.art(found, classes) if found else None

    def tint(self, words: str) -> str:
        """The class of a thing's natural colours, without drawing it."""
        found = find_art(words)
        self.drawn += [found] if found else []
        return f"art-{found}" if found else ""

    def hero_art(self, count: int = 3) -> list[ArtId]:
        """Of what the shop calls itself and sells; where that says nothing, of its trade."""
        return art_for(self.business.trade, [self.business.trade_name, *self._sold()], count)

    def _sold(self) -> Iterable[str]:
        for _, section in self.spec.sections():
            match section.kind:
                case "prices":
                    yield from (item.name for item in section.items[:12])
                case "menu":
                    yield from (item.name for group in section.groups for item in group.items[:6])
                case "season":
                    yield from (row.name for row in section.rows)
                case _:
                    pass

    def board(self) -> list[BoardRow]:
        """The first prices, or the hours, for a hero that shows them."""
        every = [section for _, section in self.spec.sections() if not section.hidden]
        for section in every:
            match section.kind:
                case "prices":
                    return [BoardRow(i.name, self.money(i.price), i.unit) for i in section.items[:BOARD_ROWS]]
                case "menu":
                    items = [item for group in section.groups for item in group.items]
                    return [BoardRow(i.name, self.money(i.price)) for i in items[:BOARD_ROWS]]
                case _:
                    pass
        return [BoardRow(days, Money(words=times)) for days, times in self.hours()]

    def hours(self) -> list[tuple[str, str]]:
        return [(self.t.days(row.days), f"{row.opens}–{row.closes}") for row in self.business.hours]

    def week(self, table: Timetable) -> list[tuple[Day, list[Slot]]]:
        """Days on which something is, each with its slots by time."""
        days = [(day, [slot for slot in table.slots if day in slot.days]) for day in DAYS]
        return [(day, sorted(slots, key=lambda slot: slot.starts)) for day, slots in days if slots]

    def rows(self, items: Sequence[Shown]) -> list[list[Shown]]:
        """Pictures in rows of about the same width, none cropped; a last one alone joins the row before."""
        rows: list[list[Shown]] = [[]]
        for item in items:
            if rows[-1] and sum(map(self._ratio, rows[-1])) + self._ratio(item) / 2 > ROW:
                rows.append([])
            rows[-1].append(item)
        if len(rows) > 1 and len(rows[-1]) == 1:
            rows[-2:] = [[*rows[-2], *rows[-1]]]
        return rows

    def _ratio(self, item: Shown) -> float:
        return self.pictures.ratio(item.picture)

    def shape(self, picture: str) -> str:
        """The class that tells the stylesheet a picture's shape: ``ar-133`` is 4:3."""
        hundredths = round(self.pictures.ratio(picture) * 100)
        self.ratios.add(hundredths)
        return f"ar-{hundredths}"

    def split(self, items: Sequence[PriceItem]) -> tuple[Sequence[PriceItem], Sequence[PriceItem]]:
        """What is shown at once, and what is opened: a list of hundreds would bury everything below it."""
        return (items[:AT_ONCE], items[AT_ONCE:]) if len(items) > AT_ONCE + AT_ONCE // 4 else (items, [])

    def wordy(self, name: str) -> bool:
        """Whether a word of it is too long for the size that names usually have in a narrow column."""
        return any(len(word) >= WORDY for word in name.split())

    def paragraphs(self, text: str) -> list[str]:
        return [part.strip() for part in re.split(r"\n\s*\n|\n", text) if part.strip()]


def _once(sections: list[Section]) -> list[Section]:
    """The first of each kind."""
    return list({section.kind: section for section in reversed(sections)}.values())[::-1]
