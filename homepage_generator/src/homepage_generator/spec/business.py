"""The shop's facts. Nothing here is ever made up: what its owner did not say stays empty and is not shown."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from homepage_generator.spec.types import Clock, Colour, Day, Line, Model, PictureId, Text, Trade, WebAddress


class Hours(Model):
    """Hours that these days share."""

    days: list[Day] = Field(min_length=1, max_length=7)
    opens: Clock
    closes: Clock


class Place(Model):
    address: Annotated[str, Line(200)] = ""
    landmark: Annotated[str, Line(120)] = ""
    """How one finds it: "망원역 2번 출구에서 걸어서 6분"."""
    parking: Annotated[str, Line(200)] = ""
    map_url: WebAddress | None = None
    """The owner's own link to a map; without one the directions link searches for the address."""


class Legal(Model):
    """What Korean law wants in the footer of a business that sells."""

    legal_name: Annotated[str, Line(100)] = ""
    representative: Annotated[str, Line(60)] = ""
    registration_number: Annotated[str, Line(40)] = ""
    mail_order_number: Annotated[str, Line(60)] = ""
    email: Annotated[str, Line(200)] = ""


class Brand(Model):
    color: Colour | None = None
    accent: Colour | None = None
    logo: PictureId | None = None


class Link(Model):
    """Somewhere else the shop is: its Instagram, its map entry, its shop on another site."""

    label: Annotated[str, Line(40)]
    url: WebAddress


class Business(Model):
    name: Annotated[str, Line(60, least=1)]
    trade: Trade = "shop"
    trade_name: Annotated[str, Line(40)] = ""
    """What its owner calls the trade: "과일 가게"."""
    tagline: Annotated[str, Line(80)] = ""
    phone: Annotated[str, Line(30)] = ""
    place: Place = Place()
    hours: list[Hours] = Field(default=[], max_length=14)
    hours_text: Annotated[str, Text(300)] = ""
    """Hours in the owner's words; shown where ``hours`` could not be read from them."""
    closed: Annotated[str, Line(120)] = ""
    since: int | None = Field(None, ge=1800, le=2100)
    legal: Legal = Legal()
    brand: Brand = Brand()
    links: list[Link] = Field(default=[], max_length=8)
