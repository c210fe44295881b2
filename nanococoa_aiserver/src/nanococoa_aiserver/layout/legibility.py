"""The gate: is every character there, in its own font, apart from the product and other text, and easy to read?

Measured per glyph on the finished pixels and independent of any style. Contrast after WCAG 2.2 (4.5, 3.0 where
large); what the other limits mean to the eye is said where they stand.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from nanococoa_aiserver.imaging.types import Alpha, Rgb
from nanococoa_aiserver.layout.emoji import is_emoji
from nanococoa_aiserver.layout.fonts import same_family
from nanococoa_aiserver.layout.glyph_ink import Ink, measure_ink
from nanococoa_aiserver.layout.text_clash import clashes
from nanococoa_aiserver.render.drawing import Drawing, Glyph
from nanococoa_client.schemas import AdCopy, LegibilityCheck, Role

Kind: TypeAlias = Literal["contrast", "overlap", "overflow", "missing", "font", "occluded", "unfit"]

NORMAL, LARGE = 4.5, 3.0  # WCAG 2.2, 1.4.3
LARGE_PX, LARGE_BOLD_PX, BOLD = 24.0, 18.66, 700  # WCAG's 18 pt and 14 pt bold in CSS px
OVERLAP = 0.02  # of a text's ink on the product: a serif's tip, no letter
HIDDEN, HIDDEN_MEAN = 0.34, 0.20  # Hangul still reads (finals stand at the foot, where products rise)
HIDDEN_DIGIT, HIDDEN_DIGIT_MEAN = 0.46, 0.30  # digits need less of themselves
OUTSIDE_PX = 1.0  # px a box may leave the picture by rounding
EMOJI_FONT = "Noto Color Emoji"
_IGNORED: Final = frozenset("\u200b\u200c\u200d\u2060\ufe0f\ufe0e\ufeff")
_BEST: Final = 21.0


@dataclass(frozen=True, slots=True)
class Violation:
    """What is wrong with one text, in numbers a designer can act on. ``limit`` is what ``value`` must not pass."""

    kind: Kind
    role: str
    text: str
    value: float
    limit: float
    detail: str


@dataclass(frozen=True, slots=True)
class Legibility:
    """``worst_by_role`` is the lowest contrast of each role's glyphs."""

    check: LegibilityCheck
    violations: tuple[Violation, ...]
    worst_by_role: dict[str, float]


@dataclass(frozen=True, slots=True)
class _Measured:
    glyph: Glyph
    ink: Ink

    @property
    def limit(self) -> float:
        size, bold = self.glyph.font_px, self.glyph.weight >= BOLD
        return LARGE if size >= LARGE_PX or (bold and size >= LARGE_BOLD_PX) else NORMAL

    @property
    def faint(self) -> bool:
        return self.ink.contrast is not None and self.ink.contrast < self.limit


def measure(drawing: Drawing, plate: Rgb, product: Alpha, copy: AdCopy, shown: Mapping[Role, str]) -> Legibility:
    """Measure a drawing on its picture.

    ``plate`` is the picture without the front plane (scene, back plane, shadow, product), ``product`` the matte on
    the canvas. ``shown`` are the fields this picture is to show, which may be edited or fewer than ``copy``'s; what
    ``shown`` leaves out counts as missing in the check, but only what it promises is a violation.
    """
    measured = [
        _Measured(glyph, ink)
        for glyph in drawing.glyphs
        if (ink := measure_ink(glyph, drawing, plate, product, colourful=is_emoji(glyph.char)))
    ]
    texts = _texts(drawing.glyphs)
    missing = {role: lost for role, text in shown.items() if (lost := _lost(text, role, measured))}
    overflow = list(_overflow(drawing, texts, plate.shape[1], plate.shape[0]))
    violations = (
        *_faint(measured, texts),
        *_on_product(measured),
        *_clashing(drawing.glyphs, texts),
        *overflow,
        *(Violation("missing", role, shown[role], len(lost), 0, lost) for role, lost in missing.items()),
        *_foreign_fonts(drawing),
        *_occluded(measured),
    )
    left_out = sum(len(_letters(text)) for role, text in copy.given().items() if role not in shown)
    worst = _worst_by_role(measured)
    check = LegibilityCheck(
        passed=not violations,
        glyphs=len(measured),
        worst_contrast=round(min(worst.values(), default=_BEST), 2),
        failing=sum(one.faint for one in measured),
        overlap=round(_overlap(measured), 4),
        overflow=len(overflow),
        missing=sum(map(len, missing.values())) + left_out,
    )
    return Legibility(check, violations, worst)


def _texts(glyphs: Sequence[Glyph]) -> dict[int, str]:
    """Block -> its characters."""
    texts: dict[int, str] = defaultdict(str)
    for glyph in glyphs:
        texts[glyph.block] += glyph.char
    return texts


def _letters(text: str) -> list[str]:
    return [character for character in text if not character.isspace() and character not in _IGNORED]


def _lost(text: str, role: str, measured: Sequence[_Measured]) -> str:
    """The characters of ``text`` that no drawn glyph of its role shows."""
    have = Counter(letter for one in measured if one.glyph.role == role and one.ink.drawn for letter in one.glyph.char)
    return "".join((Counter(_letters(text)) - have).elements())


def _worst_by_role(measured: Sequence[_Measured]) -> dict[str, float]:
    worst: dict[str, float] = {}
    for one in measured:
        if one.ink.contrast is not None:
            worst[one.glyph.role] = min(worst.get(one.glyph.role, _BEST), one.ink.contrast)
    return worst


def _faint(measured: Sequence[_Measured], texts: Mapping[int, str]) -> Iterator[Violation]:
    """One violation per block, with its worst glyph's contrast."""
    by_block: dict[int, list[_Measured]] = defaultdict(list)
    for one in measured:
        if one.faint:
            by_block[one.glyph.block].append(one)
    for block, faint in by_block.items():
        worst = min(faint, key=lambda one: one.ink.contrast or 0)
        glyphs = "".join(one.glyph.char for one in faint)
        yield Violation(
            "contrast", worst.glyph.role, texts[block], round(worst.ink.contrast or 0, 2), worst.limit, glyphs
        )


def _front_by_role(measured: Sequence[_Measured]) -> dict[str, list[_Measured]]:
    """The texts in front that must keep off the product."""
    by_role: dict[str, list[_Measured]] = defaultdict(list)
    for one in measured:
        if one.glyph.plane == "front" and not one.glyph.over and one.ink.pixels:
            by_role[one.glyph.role].append(one)
    return by_role


def _share_on_product(texts: Sequence[_Measured]) -> float:
    ink = sum(one.ink.pixels for one in texts)
    return sum(one.ink.pixels * one.ink.on_product for one in texts) / ink if ink else 0.0


def _overlap(measured: Sequence[_Measured]) -> float:
    return _share_on_product([one for texts in _front_by_role(measured).values() for one in texts])


def _on_product(measured: Sequence[_Measured]) -> Iterator[Violation]:
    for role, texts in _front_by_role(measured).items():
        share, limit = _share_on_product(texts), 0.0 if role == "price" else OVERLAP
        if share > limit:
            hit = "".join(one.glyph.char for one in texts if one.ink.on_product > 0)
            text = "".join(one.glyph.char for one in texts)
            yield Violation("overlap", role, text, round(share, 4), limit, f"product: {hit}")


def _clashing(glyphs: Sequence[Glyph], texts: Mapping[int, str]) -> Iterator[Violation]:
    roles = {glyph.block: glyph.role for glyph in glyphs}
    for one, other in clashes(glyphs):
        yield Violation("overlap", roles[one], texts[one], 1, 0, f"text: {texts[one]} × {texts[other]}")


def _overflow(drawing: Drawing, texts: Mapping[int, str], width: int, height: int) -> Iterator[Violation]:
    for role in drawing.unfit:
        text = next((text.text for text in drawing.texts if text.role == role), "")
        yield Violation("unfit", role, text, 1, 0, "does not fit its place at the smallest size")
    by_block: dict[int, tuple[Glyph, float]] = {}
    for glyph in drawing.glyphs:
        outside = max(-glyph.x0, -_ink_top(glyph), glyph.x1 - width, _ink_bottom(glyph) - height)
        if outside > OUTSIDE_PX and not glyph.bleed and outside > by_block.get(glyph.block, (glyph, 0.0))[1]:
            by_block[glyph.block] = glyph, outside
    for block, (glyph, outside) in by_block.items():
        yield Violation("overflow", glyph.role, texts[block], round(outside, 1), 0, f"{glyph.char}: px outside")


def _ink_top(glyph: Glyph) -> float:
    """The box reaches over the letters by the font's ascent; the letters count."""
    return max(glyph.y0, (glyph.y0 + glyph.y1) / 2 - glyph.font_px / 2) if not glyph.rotated else glyph.y0


def _ink_bottom(glyph: Glyph) -> float:
    return min(glyph.y1, (glyph.y0 + glyph.y1) / 2 + glyph.font_px / 2) if not glyph.rotated else glyph.y1


def _foreign_fonts(drawing: Drawing) -> Iterator[Violation]:
    """Letters another family stands in for look like a ransom note."""
    for role, used in drawing.fonts.items():
        asked = drawing.asked_fonts.get(role, ())
        foreign = [name for name in used if name != EMOJI_FONT and not any(same_family(name, one) for one in asked)]
        if foreign:
            text = next((text.text for text in drawing.texts if text.role == role), "")
            yield Violation("font", role, text, len(foreign), 0, f"{', '.join(asked)} → {', '.join(foreign)}")


def _occluded(measured: Sequence[_Measured]) -> Iterator[Violation]:
    by_role: dict[str, list[_Measured]] = defaultdict(list)
    for one in measured:
        if one.glyph.plane == "back" and one.ink.drawn:
            by_role[one.glyph.role].append(one)
    for role, texts in by_role.items():
        text = "".join(one.glyph.char for one in texts)
        worst = max(texts, key=lambda one: one.ink.on_product - _hidden_limits(one.glyph)[0])
        if worst.ink.on_product > (limit := _hidden_limits(worst.glyph)[0]):
            yield Violation("occluded", role, text, round(worst.ink.on_product, 3), limit, worst.glyph.char)
        mean = sum(one.ink.on_product for one in texts) / len(texts)
        if mean > (limit := sum(_hidden_limits(one.glyph)[1] for one in texts) / len(texts)):
            yield Violation("occluded", role, text, round(mean, 3), limit, "mean of all letters")


def _hidden_limits(glyph: Glyph) -> tuple[float, float]:
    return (HIDDEN_DIGIT, HIDDEN_DIGIT_MEAN) if glyph.char.isdigit() else (HIDDEN, HIDDEN_MEAN)
