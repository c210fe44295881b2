"""Lines for an ad from what the owner has said of the product, and nothing else: no praise, no promise is added.

Only the order differs: what leads is the name, the first note, or the price. Fewer facts give fewer suggestions.
"""

from __future__ import annotations

import re
from typing import Final

from nanococoa_backend.messages import Locale
from nanococoa_backend.platform.wording import won
from nanococoa_backend.products.schemas import ProductFacts
from nanococoa_client.schemas import AdCopy

LONGEST: Final = 40
"""Characters of a note that can still lead or follow on a picture; longer ones are left out, not cut."""

_BREAKS: Final = re.compile(r"[\n;·•]+|(?<!\d),|,(?!\d)|[.!?](?=\s|$)")


def suggestions(facts: ProductFacts, locale: Locale) -> list[AdCopy]:
    """Three at most, all different, the surest first."""
    notes = stated(facts.notes)
    first, second = [*notes, "", ""][:2]
    offer = {"price": won(facts.price, locale), "unit": facts.unit if facts.price is not None else ""}
    drafts = [AdCopy(headline=facts.name, sub=first, **offer)]
    if first:
        drafts.append(AdCopy(headline=first, sub=facts.name, **offer))
    drafts.append(AdCopy(headline=facts.name, **offer))
    drafts.append(AdCopy(headline=facts.name, sub=second))
    return list({draft.model_dump_json(): draft for draft in drafts}.values())[:3]


def stated(notes: str) -> list[str]:
    """The notes' single facts in their own words, as far as they are short enough."""
    parts = (" ".join(part.split()) for part in _BREAKS.split(notes))
    return [part for part in dict.fromkeys(parts) if part and len(part) <= LONGEST]
