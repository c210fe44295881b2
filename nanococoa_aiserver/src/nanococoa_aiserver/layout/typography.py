"""Korean and English line breaking by score, and the markup of numbers.

Every way to break a line is scored by the size of type it allows in its box; what hurts reading (a lone syllable, a
number cut from its noun, ragged lines) costs a share of that size, and a break after a comma is worth one.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib import resources
from itertools import combinations, pairwise

from markupsafe import Markup

from nanococoa_aiserver.layout.emoji import EMOJI
from nanococoa_aiserver.layout.typography_rules import Rules, Token, rules, tokens

_EXHAUSTIVE = 14  # tokens; up to here all breaks are tried, beyond it only balanced ones
_WON = re.compile(r"(\d[\d,.]*)(\s?)(만원|천원|원)")
_AMOUNT = re.compile(r"[₩￦$€£]?\s?\d")
_PARTS = re.compile(r"\d[\d,.]*|[^\d]+")
_UNIT = re.compile(r"(\d)(kg|mg|g|ml|mL|cm|mm|km|m|L|l|%|％|℃)(?![A-Za-z])")


def text_width(text: str) -> float:
    """Width in em of one line, from average advances (about 5 % off for any one font)."""
    rule = rules()
    return sum(map(rule.advance, text))


def break_lines(
    text: str, box_aspect: float, max_lines: int = 3, line_height: float = 1.12, min_lines: int = 1
) -> list[str]:
    """The lines that read best in a box of ``box_aspect`` = width / height.

    Joined with spaces (none inside a broken word) the lines are the text, its white space collapsed. Words wider
    than ten em are broken inside when nothing else helps.
    """
    parts = tokens(text)
    if not parts:
        return []
    best: tuple[float, list[str]] | None = None
    for count in range(min(min_lines, len(parts)), min(max_lines, len(parts)) + 1):
        for cuts in _ways(parts, count):
            lines = _joined(parts, cuts)
            score = _score(parts, cuts, lines, box_aspect, line_height)
            if best is None or score > best[0]:
                best = score, lines
    return best[1] if best else [" ".join(text.split())]


def type_size(lines: Sequence[str], box_aspect: float, line_height: float = 1.12) -> float:
    """Largest type, as a share of the box's height, at which ``lines`` fit a box of ``box_aspect``."""
    return min(box_aspect / max(map(text_width, lines)), 1 / (len(lines) * line_height))


def typo(text: str) -> Markup:
    """One line as HTML: escaped, won and units small, digits tabular, the middle dot tied to the word before it."""
    return Markup("".join(_marked(piece, is_emoji) for piece, is_emoji in _pieces(text)))  # noqa: S704 - escaped


def soft(text: str) -> Markup:
    """Body copy that the browser breaks: no number or modifier ends a line, no short word ends alone."""
    return Markup("<br>").join(typo(_glued(line)) for line in text.split("\n") if line.strip())


def money(text: str, css_class: str = "") -> Markup:
    """A price as HTML: digits at full size, what stands around them small (원, ₩, 부터), a label (특가) apart."""
    first = _AMOUNT.search(text)
    label = text[: first.start()].strip() if first else ""
    parts = [("lb", label)] if label else []
    parts += [
        ("n" if part[0].isdigit() else "w", part)
        for part in _PARTS.findall(text[first.start() :].strip() if first else "")
    ]
    parts = parts or [("n", text)]
    spans = Markup("").join(Markup('<span class="{}">{}</span>').format(*part) for part in parts)
    return Markup('<span class="{}">{}</span>').format(f"won {css_class}".strip(), spans)


@lru_cache
def stylesheet() -> str:
    """The CSS that the markup of this module relies on."""
    return resources.files(__package__).joinpath("data", "typography.css").read_text("utf-8")


def _ways(parts: Sequence[Token], count: int) -> Iterator[tuple[int, ...]]:
    """The places to cut ``parts`` into ``count`` lines; with many parts only those near equal widths."""
    allowed = [at for at in range(1, len(parts)) if parts[at].may_start_a_line]
    if len(allowed) < _EXHAUSTIVE:
        yield from combinations(allowed, count - 1)
        return
    ends = _running_widths(parts)
    near = sorted({at for line in range(1, count) for at in _nearest(allowed, ends, ends[-1] * line / count)})
    yield from combinations(near, count - 1)


def _nearest(allowed: Sequence[int], ends: Sequence[float], target: float) -> list[int]:
    return sorted(allowed, key=lambda at: abs(ends[at - 1] - target))[:5]


def _running_widths(parts: Sequence[Token]) -> list[float]:
    total, ends = 0.0, []
    for part in parts:
        total += text_width(part.text) + 0.27
        ends.append(total)
    return ends


def _joined(parts: Sequence[Token], cuts: tuple[int, ...]) -> list[str]:
    lines: list[str] = []
    for start, end in zip((0, *cuts), (*cuts, len(parts)), strict=True):
        first, *others = parts[start:end]
        lines.append(first.text + "".join((" " if part.spaced else "") + part.text for part in others))
    return lines


def _score(
    parts: Sequence[Token], cuts: tuple[int, ...], lines: Sequence[str], box_aspect: float, line_height: float
) -> float:
    rule = rules()
    score = type_size(lines, box_aspect, line_height)
    if len(lines) > 1:
        widths = [text_width(line) for line in lines]
        score *= 1 - rule.cost["ragged"] * (max(widths) - min(widths)) / max(widths)
        for line in lines:
            score *= _thinness(line, rule)
    for index, part in enumerate(parts[1:], start=1):
        cut = index in cuts
        if part.newline:
            score *= rule.cost["at_newline" if cut else "across_newline"]
    for number, cut_at in enumerate(cuts):
        score *= rule.break_factor(parts[cut_at - 1], parts[cut_at], lines[number])
    return score


def _thinness(line: str, rule: Rules) -> float:
    letters = len(re.sub(r"[\W_]", "", line))
    if letters <= 1:
        return rule.cost["lone_syllable"]
    return rule.cost["short_line"] if letters == 2 else 1.0


def _glued(line: str) -> str:
    """Modifiers and bare numbers tied to the next word, and a last word of three letters to the one before it."""
    words = line.split()
    result = words[0]
    for before, word in pairwise(words):
        last_and_short = word is words[-1] and len(word) <= 3 and len(words) > 2
        tied = rules().clings(before) or last_and_short
        result += ("\u00a0" if tied else " ") + word
    return _with_breaks(result)


def _with_breaks(line: str) -> str:
    """Zero-width break points inside words too wide for a line."""
    return "".join(
        (("" if not index else " " if part.spaced else "\u200b") + part.text)
        for index, part in enumerate(tokens(line, keep_nbsp=True))
    )


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    at = 0
    for match in EMOJI.finditer(text):
        if match.start() > at:
            yield text[at : match.start()], False
        yield match.group(), True
        at = match.end()
    if at < len(text):
        yield text[at:], False


def _marked(piece: str, is_emoji: bool) -> str:
    escaped = html.escape(piece, quote=False)
    if is_emoji:
        return f'<span class="emoji">{escaped}</span>'
    escaped = re.sub(r"[ \u00a0]?·[ \u00a0]?", '\u2060<span class="dot">·</span>\u200b', escaped)
    escaped = _WON.sub(r'<span class="tn">\1</span>\2<span class="wn">\3</span>', escaped)
    return _UNIT.sub(r'\1<span class="un">\2</span>', escaped)
