"""What is an emoji: shown by the colour font, whatever family the text asks for."""

from __future__ import annotations

import re
from typing import Final

_PICTURE = "[\U0001f300-\U0001faff]"
_SHOWN_AS_EMOJI = "[⌚⌛⏩-⏬⏰⏳◽◾☔☕♈-♓♿⚓⚡⚪⚫⚽⚾⛄⛅⛎⛔⛪⛲⛳⛵⛺⛽✅✊✋✨❌❎❓-❕❗➕-➗➰➿⬛⬜⭐⭕]"
_ASKED_FOR = "[\u00a9\u00ae\u203c-\u3299\U0001f000-\U0001f2ff]\ufe0f"
_FLAG = "[\U0001f1e6-\U0001f1ff]{2}"
_KEYCAP = "[0-9#*]\ufe0f?\u20e3"
_MODIFIERS = "[\ufe0f\U0001f3fb-\U0001f3ff]*"

EMOJI: Final = re.compile(
    f"(?:{_FLAG}|{_KEYCAP}|(?:{_PICTURE}|{_SHOWN_AS_EMOJI}|{_ASKED_FOR}){_MODIFIERS}"
    f"(?:\u200d(?:{_PICTURE}|[\u2190-\u3299]){_MODIFIERS})*)"
)
"""One emoji, joined sequences as a whole (Unicode 16, emoji presentation; others only with U+FE0F)."""


def is_emoji(text: str) -> bool:
    return EMOJI.fullmatch(text) is not None


def without_emoji(text: str) -> str:
    return EMOJI.sub("", text).replace("\ufe0f", "").replace("\u200d", "")
