"""What the gate asks for, with the source of each number."""

from __future__ import annotations

from typing import Final, NamedTuple


class Screen(NamedTuple):
    width: int
    height: int

    @property
    def touch(self) -> bool:
        return self.width < 800


SCREENS: Final = (Screen(320, 640), Screen(360, 740), Screen(768, 1024), Screen(1440, 900))
"""The narrowest that WCAG 1.4.10 asks for, the commonest phone, a tablet upright, a laptop."""
PHONE: Final = SCREENS[1]
DESKTOP: Final = SCREENS[3]
SHIFT: Final = 0.02
"""A fifth of what web.dev calls good."""
WEIGHT: Final = 150_000
"""Bytes of a page without photos: a second on a slow phone connection (1.6 Mbit/s, Lighthouse's)."""
CARDS: Final = {(1200, 630), (800, 400)}
"""The pictures beside a link: Open Graph's and KakaoTalk's."""
EACH: Final = 6
"""Findings of one check that are told of one page on one screen; the rest says no more."""
