"""What a page says to search engines and messengers, from the same facts that it shows to people."""

from __future__ import annotations

import json
import re
from typing import Any, Final
from xml.sax.saxutils import escape

from markupsafe import Markup

from homepage_generator.render.links import address_of, shown
from homepage_generator.render.money import amount
from homepage_generator.spec.business import Business, Hours
from homepage_generator.spec.site import SiteSpec
from homepage_generator.spec.types import Day, Trade

TYPES: Final[dict[Trade, str | list[str]]] = {
    "fruit": "GroceryStore",
    "cafe": "CafeOrCoffeeShop",
    "restaurant": "Restaurant",
    "bakery": "Bakery",
    "salon": "HairSalon",
    "clinic": "MedicalClinic",
    "academy": ["LocalBusiness", "EducationalOrganization"],
    "workshop": "HobbyShop",
    "shop": "Store",
}
"""schema.org 28: LocalBusiness' subtypes; it has none for academies."""
_DAYS: Final[dict[Day, str]] = {
    "mon": "Monday", "tue": "Tuesday", "wed": "Wednesday", "thu": "Thursday", "fri": "Friday", "sat": "Saturday",
    "sun": "Sunday",
}  # fmt: skip
_REGIONS: Final = {
    "서울": "서울특별시", "부산": "부산광역시", "대구": "대구광역시", "인천": "인천광역시", "광주": "광주광역시",
    "대전": "대전광역시", "울산": "울산광역시", "세종": "세종특별자치시", "경기": "경기도", "강원": "강원특별자치도",
    "충북": "충청북도", "충남": "충청남도", "전북": "전북특별자치도", "전남": "전라남도", "경북": "경상북도",
    "경남": "경상남도", "제주": "제주특별자치도",
}  # fmt: skip
OFFERS: Final = 40
"""More would only weigh."""


def json_ld(spec: SiteSpec, url: str) -> Markup:
    """LocalBusiness as JSON in a script element; what would end the element is written as an escape."""
    business = spec.business
    said: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": TYPES[business.trade],
        "@id": f"{url}#business",
        "name": business.name,
        "url": url,
        "image": f"{url}og.png",
        "description": spec.seo.description,
        "telephone": _international(business.phone),
        "address": _address(business),
        "hasMap": business.place.map_url,
        "openingHoursSpecification": [_hours(row) for row in business.hours],
        "foundingDate": str(business.since) if business.since else None,
        "email": business.legal.email,
        "legalName": business.legal.legal_name,
        "sameAs": [link.url for link in business.links],
        "makesOffer": _offers(spec),
    }
    text = json.dumps({key: value for key, value in said.items() if value}, ensure_ascii=False, separators=(",", ":"))
    for sign, code in (
        ("<", "\\u003c"),
        (">", "\\u003e"),
        ("&", "\\u0026"),
        ("\u2028", "\\u2028"),
        ("\u2029", "\\u2029"),
    ):
        text = text.replace(sign, code)
    return Markup(text)  # noqa: S704 -- nothing in it can end the element


def sitemap(spec: SiteSpec, url: str) -> str:
    places = "".join(f"<url><loc>{escape(url + address_of(page))}</loc></url>\n" for page in spec.pages)
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
    return f"{head}{places}</urlset>\n"


def robots(url: str) -> str:
    return f"User-agent: *\nAllow: /\nSitemap: {url}sitemap.xml\n"


def _international(phone: str) -> str:
    digits = re.sub(r"[^\d-]", "", phone)
    return f"+82-{digits[1:]}" if digits.startswith("0") else phone


def _address(business: Business) -> dict[str, str] | None:
    """The street as it was given; region and district only where the address says them in the usual order."""
    address = business.place.address
    if not address:
        return None
    said = {"@type": "PostalAddress", "streetAddress": address, "addressCountry": "KR"}
    parts = address.split()
    region = _REGIONS.get(parts[0][:2]) if re.match(r"[가-힣]{2}", parts[0]) else None
    if region:
        said["addressRegion"] = region
    if region and len(parts) > 1 and parts[1][-1] in "시군구":
        said["addressLocality"] = parts[1]
    return said


def _hours(row: Hours) -> dict[str, Any]:
    closes = "23:59" if row.closes.startswith("24") else row.closes
    days = [_DAYS[day] for day in row.days]
    return {"@type": "OpeningHoursSpecification", "dayOfWeek": days, "opens": row.opens, "closes": closes}


def _offers(spec: SiteSpec) -> list[dict[str, Any]]:
    sections = [section for page in spec.pages for section in shown(page)]
    priced = [item for section in sections if section.kind == "prices" for item in section.items if not item.sold_out]
    return [
        {"@type": "Offer", "name": item.name, "price": price, "priceCurrency": "KRW"}
        for item in priced
        if (price := amount(item.price)) is not None
    ][:OFFERS]
