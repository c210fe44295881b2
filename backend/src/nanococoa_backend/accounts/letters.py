"""The letters accounts send."""

from __future__ import annotations

from nanococoa_backend.accounts.service import RESET_MINUTES
from nanococoa_backend.messages import Locale, say
from nanococoa_backend.platform.mail import Letter


def reset_letter(email: str, link: str, locale: Locale) -> Letter:
    """How to choose a new password."""
    text = say(locale, "letters.reset.text", link=link, minutes=RESET_MINUTES)
    return Letter(email, say(locale, "letters.reset.subject"), text)
