"""Numbers and times as people say them, in either language. Times are Korea's: that is where the shops are."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from nanococoa_backend.messages import Locale, say
from nanococoa_backend.platform.tables import now

ZONE: Final = ZoneInfo("Asia/Seoul")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def won(amount: int | None, locale: Locale) -> str:
    """``39,900원``, ``₩39,900``; empty without a price."""
    if amount is None:
        return ""
    return f"{amount:,}원" if locale == "ko" else f"₩{amount:,}"


def when(moment: datetime, locale: Locale, today: datetime | None = None) -> str:
    """How long ago, in words; older than yesterday: the date."""
    current = today or now()
    minutes = int((current - moment).total_seconds() // 60)
    days = (current.astimezone(ZONE).date() - moment.astimezone(ZONE).date()).days
    if minutes < 1:
        return say(locale, "time.now")
    if minutes < 60:
        return say(locale, "time.minutes", minutes=minutes)
    if days == 0:
        return say(locale, "time.hours", hours=minutes // 60)
    if days == 1:
        return say(locale, "time.yesterday")
    return date(moment, locale)


def date(moment: datetime, locale: Locale) -> str:
    """``11월 20일``, ``20 Nov``."""
    local = moment.astimezone(ZONE)
    return f"{local.month}월 {local.day}일" if locale == "ko" else f"{local.day} {_MONTHS[local.month - 1]}"


def size(count: int) -> str:
    """``820KB``, ``3.4MB``, ``1.2GB``."""
    for unit, large in (("GB", 1e9), ("MB", 1e6)):
        if count >= large:
            return f"{count / large:,.1f}{unit}"
    return f"{max(1, round(count / 1000)) if count else 0}KB"


def percent(share: float) -> int:
    return round(100 * share)
