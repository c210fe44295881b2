"""A browser's name for people, from what it says of itself."""

from __future__ import annotations

from typing import Final

_BROWSERS: Final = (
    ("SamsungBrowser", "Samsung Internet"),
    ("KAKAOTALK", "KakaoTalk"),
    ("NAVER", "Naver"),
    ("Whale/", "Whale"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
"""In this order: most claim to be the later ones too."""

_SYSTEMS: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


def browser_name(user_agent: str) -> str:
    """``Chrome · Android``; the first words of what is unknown; empty for nothing."""
    found = [next((name for sign, name in known if sign in user_agent), "") for known in (_BROWSERS, _SYSTEMS)]
    return " · ".join(name for name in found if name) or user_agent[:40]
