"""A shop filled in by us, so that everything can be tried before anything is typed."""

from __future__ import annotations

from nanococoa_backend.businesses.models import Business
from nanococoa_backend.businesses.schemas import BusinessFacts, NewBusiness
from nanococoa_backend.businesses.service import BusinessService
from nanococoa_backend.messages import Locale, say


def make_demo(businesses: BusinessService, locale: Locale) -> Business:
    """A fruit shop with every fact; its texts are in the person's language."""
    texts = {
        name: say(locale, f"demo.{name}")
        for name in ("name", "trade", "address", "hours", "story", "legal_name", "representative", "mail_order_number")
    }
    facts = BusinessFacts(
        **texts,
        phone="02-332-1407",
        brand_color="#b71c1c",
        accent_color="#2e7d32",
        registration_number="1234567891",
        contact_email="hello@haetsal.example",
    )
    business = businesses.create(NewBusiness(name=facts.name, trade=facts.trade), is_demo=True)
    businesses.change(business, facts)
    return business
