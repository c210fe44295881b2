"""The gate sees what a reader sees: checked against known truths and against a slow second measurement."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt
import pytest

from nanococoa_aiserver.layout.legibility import Legibility, measure
from nanococoa_aiserver.render import Drawing, Glyph, LayerRenderer
from nanococoa_client.schemas import AdCopy, Role

pytestmark = pytest.mark.browser

SIZE = (360, 360)
U8 = npt.NDArray[np.uint8]
HEAD = (
    '<html lang="ko" style="font-size:3.6px"><style>*{{margin:0}}.a{{position:absolute;white-space:nowrap}}</style>'
    '<body><div class="back a" style="inset:0;background:{scene}"></div>'
)


def text(role: str, words: str, css: str, plane: str = "front", more: str = "") -> str:
    style = f"font-family:NanumGothic;font-weight:700;{css}"
    return f'<div class="{plane} a" data-role="{role}" style="{style}" {more}>{words}</div>'


def page(*parts: str, scene: str = "#777") -> str:
    return HEAD.format(scene=scene) + "".join(parts)


def product_at(x: int, y: int, width: int, height: int) -> npt.NDArray[np.float32]:
    matte = np.zeros((SIZE[1], SIZE[0]), np.float32)
    matte[y : y + height, x : x + width] = 1
    return matte


NO_PRODUCT = np.zeros((SIZE[1], SIZE[0]), np.float32)


def plate_of(drawing: Drawing, product: npt.NDArray[np.float32], shade: float = 1.0) -> U8:
    """Scene and back plane, darkened by ``shade``, with a brown product on it."""
    back = drawing.back[..., :3].astype(np.float32) * shade
    brown = np.array([120, 80, 40], np.float32)
    return np.rint(back * (1 - product[..., None]) + brown * product[..., None]).astype(np.uint8)


@pytest.fixture(scope="module")
def renderer() -> Iterator[LayerRenderer]:
    renderer = LayerRenderer()
    yield renderer
    renderer.close()


def judged(
    renderer: LayerRenderer,
    html: str,
    shown: Mapping[Role, str],
    product: npt.NDArray[np.float32] = NO_PRODUCT,
) -> Legibility:
    drawing = renderer.draw(html, SIZE)
    return measure(drawing, plate_of(drawing, product), product, AdCopy.model_validate(shown), shown)


def kinds(result: Legibility) -> list[tuple[str, str]]:
    return [(violation.kind, violation.role) for violation in result.violations]


# known truths --------------------------------------------------------------------------------------------------


def test_a_plain_readable_text_passes(renderer: LayerRenderer) -> None:
    result = judged(
        renderer,
        page(text("headline", "햇사과 왔다", "left:20px;top:20px;font-size:40px;color:#111")),
        {"headline": "햇사과 왔다"},
    )
    assert result.violations == ()
    assert result.check.passed
    assert (result.check.glyphs, result.check.failing, result.check.missing) == (5, 0, 0)


@pytest.mark.parametrize(
    ("ink", "scene", "truth"),
    [("#fff", "#777777", 4.48), ("#000", "#777777", 4.69), ("#fff", "#000000", 21.0), ("#767676", "#fff", 4.54)],
)
def test_contrast_is_wcags(renderer: LayerRenderer, ink: str, scene: str, truth: float) -> None:
    html = page(text("sub", "문구", f"left:20px;top:20px;font-size:22px;color:{ink}"), scene=scene)
    assert judged(renderer, html, {"sub": "문구"}).check.worst_contrast == pytest.approx(truth, rel=0.03)


@pytest.mark.parametrize(
    ("css", "passes"),
    [
        ("font-size:16px;font-weight:400", False),
        ("font-size:16px;font-weight:800", False),
        ("font-size:20px;font-weight:400", False),
        ("font-size:20px;font-weight:800", True),
        ("font-size:26px;font-weight:400", True),
    ],
)
def test_large_text_needs_less(renderer: LayerRenderer, css: str, passes: bool) -> None:
    html = page(text("sub", "문구", f"left:20px;top:20px;color:#8a8a8a;{css}"), scene="#fff")  # 3.45 : 1
    assert judged(renderer, html, {"sub": "문구"}).check.passed is passes


def test_one_faint_letter_on_a_bright_spot_fails_and_is_named(renderer: LayerRenderer) -> None:
    words = text("sub", "맑은아침", "left:20px;top:20px;font-size:30px;color:#fff")
    scene = "linear-gradient(90deg,#111 0 80px,#eee 80px)"
    violation = judged(renderer, page(words, scene=scene), {"sub": "맑은아침"}).violations[0]
    assert (violation.kind, violation.role, violation.text) == ("contrast", "sub", "맑은아침")
    assert violation.detail.endswith("아침")
    assert violation.value < 1.5


def test_text_in_the_ground_s_own_colour_is_drawn_but_fails(renderer: LayerRenderer) -> None:
    html = page(text("sub", "숨은", "left:20px;top:20px;font-size:30px;color:#777"))
    result = judged(renderer, html, {"sub": "숨은"})
    assert kinds(result) == [("contrast", "sub")]
    assert result.check.worst_contrast == 1


def test_text_on_its_own_panel_is_judged_on_the_panel(renderer: LayerRenderer) -> None:
    html = page(
        text("price", "9,900원", "left:20px;top:20px;font-size:40px;color:#fff;background:#a00;padding:9px"),
        scene="#fff",
    )
    assert judged(renderer, html, {"price": "9,900원"}).check.passed


def test_text_on_the_product_is_told_with_its_share(renderer: LayerRenderer) -> None:
    html = page(text("sub", "가나다라", "left:20px;top:20px;font-size:40px;color:#fff"))
    result = judged(renderer, html, {"sub": "가나다라"}, product_at(98, 0, 200, 200))
    violation = next(one for one in result.violations if one.kind == "overlap")
    assert violation.value == pytest.approx(0.5, abs=0.12)
    assert violation.detail == "product: 다라"
    assert result.check.overlap == violation.value


def test_a_price_may_not_even_touch_the_product_but_a_sticker_may_lie_on_it(renderer: LayerRenderer) -> None:
    css = "left:20px;top:20px;font-size:40px;color:#fff;"
    product = product_at(0, 52, 200, 100)
    touching = judged(renderer, page(text("price", "9,900", css)), {"price": "9,900"}, product)
    assert ("overlap", "price") in kinds(touching)
    sticker = page(text("price", "9,900", css + "background:#a00", more="data-over"))
    assert judged(renderer, sticker, {"price": "9,900"}, product).check.passed


def test_texts_that_run_into_each_other_are_told(renderer: LayerRenderer) -> None:
    one = text("headline", "햇사과", "left:20px;top:20px;font-size:40px;color:#fff", more="")
    other = text("sub", "산지직송", "left:60px;top:40px;font-size:30px;color:#fff")
    result = judged(renderer, page(one, other, scene="#111"), {"headline": "햇사과", "sub": "산지직송"})
    violation = next(one for one in result.violations if one.kind == "overlap")
    assert violation.detail == "text: 햇사과 × 산지직송"


def test_lines_set_tight_but_apart_are_no_clash(renderer: LayerRenderer) -> None:
    lines = '<span style="display:block">햇사과</span><span style="display:block">왔어요</span>'
    html = page(text("headline", lines, "left:20px;top:20px;font-size:40px;line-height:1;color:#fff"), scene="#111")
    assert judged(renderer, html, {"headline": "햇사과왔어요"}).check.passed


def test_text_that_leaves_the_picture_is_told_unless_it_may(renderer: LayerRenderer) -> None:
    css = "left:300px;top:20px;font-size:40px;color:#fff"
    leaving = judged(renderer, page(text("sub", "가나다", css), scene="#111"), {"sub": "가나다"})
    assert ("overflow", "sub") in kinds(leaving)
    assert leaving.check.overflow == 1
    bleeding = judged(renderer, page(text("sub", "가나", css, more="data-bleed"), scene="#111"), {"sub": "가나"})
    assert ("overflow", "sub") not in kinds(bleeding)


def test_text_that_does_not_fit_its_place_is_told(renderer: LayerRenderer) -> None:
    fit = 'data-fit data-max="20" data-min="10"'
    html = page(
        text("sub", "긴 문구를 넣는다", "left:9px;top:9px;width:80px;height:40px;color:#fff", more=fit), scene="#111"
    )
    assert ("unfit", "sub") in kinds(judged(renderer, html, {"sub": "긴 문구를 넣는다"}))


def test_a_lost_character_is_told(renderer: LayerRenderer) -> None:
    html = page(text("sub", "산지직", "left:20px;top:20px;font-size:30px;color:#fff"), scene="#111")
    result = judged(renderer, html, {"sub": "산지직송"})
    assert [(one.kind, one.detail) for one in result.violations] == [("missing", "송")]
    assert result.check.missing == 1


def test_a_field_left_out_on_purpose_is_counted_but_no_violation(renderer: LayerRenderer) -> None:
    drawing = renderer.draw(page(text("headline", "사과", "left:9px;top:9px;font-size:40px;color:#111")), SIZE)
    copy = AdCopy(headline="사과", small_print="배송비 별도")
    result = measure(drawing, plate_of(drawing, NO_PRODUCT), NO_PRODUCT, copy, {"headline": "사과"})
    assert result.check.passed
    assert result.check.missing == 5


def test_a_syllable_the_font_maps_but_draws_as_nothing_is_missing(renderer: LayerRenderer) -> None:
    """NanumSquare has an entry, and no outline, for 8,693 syllables: the browser reports no fallback."""
    html = page(text("sub", "가뇂나", "left:20px;top:20px;font-size:40px;color:#111;font-family:NanumSquare"))
    assert ("missing", "sub") in kinds(judged(renderer, html, {"sub": "가뇂나"}))


def test_a_family_that_stands_in_is_told(renderer: LayerRenderer) -> None:
    html = page(text("sub", "가나", "left:20px;top:20px;font-size:40px;color:#111;font-family:No Such,NanumGothic"))
    assert kinds(judged(renderer, html, {"sub": "가나"})) == [("font", "sub")]


def test_an_emoji_that_is_drawn_passes_and_a_blank_one_is_missing(renderer: LayerRenderer) -> None:
    css = "left:20px;top:20px;font-size:40px;color:#111;"
    span = '<span style="font-family:Noto Color Emoji">🍎</span>'
    assert judged(renderer, page(text("sub", f"사과{span}", css)), {"sub": "사과🍎"}).check.passed
    hidden = span.replace('style="', 'style="opacity:0;')
    assert ("missing", "sub") in kinds(judged(renderer, page(text("sub", f"사과{hidden}", css)), {"sub": "사과🍎"}))


def test_letters_behind_the_product_may_hide_a_third(renderer: LayerRenderer) -> None:
    html = page(text("headline", "사과", "left:20px;top:20px;font-size:90px;color:#111", plane="back"))
    drawing = renderer.draw(html, SIZE)
    middle = (drawing.glyphs[0].y0 + drawing.glyphs[0].y1) / 2
    for rise, passes in ((30, True), (-10, False)):
        product = product_at(0, int(middle + rise), 360, 300)
        result = measure(drawing, plate_of(drawing, product), product, AdCopy(headline="사과"), {"headline": "사과"})
        assert result.check.passed is passes, result.violations
    assert {one.kind for one in result.violations} == {"occluded"}


def test_a_shadow_that_swallows_letters_behind_the_product_is_seen(renderer: LayerRenderer) -> None:
    html = page(text("headline", "사과", "left:20px;top:20px;font-size:40px;color:#000", plane="back"), scene="#fff")
    drawing = renderer.draw(html, SIZE)
    dark = measure(
        drawing, plate_of(drawing, NO_PRODUCT, 0.2), NO_PRODUCT, AdCopy(headline="사과"), {"headline": "사과"}
    )
    assert ("contrast", "headline") in kinds(dark)


def test_no_text_at_all_passes(renderer: LayerRenderer) -> None:
    assert judged(renderer, page(), {}).check.passed


# a second measurement ------------------------------------------------------------------------------------------


def slow_luminance(pixel: tuple[float, ...]) -> float:
    channels = [value / 255 for value in pixel]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def slow_over(layer: U8, x: int, y: int, plate: U8) -> tuple[float, ...]:
    alpha = int(layer[y, x, 3]) / 255
    return tuple(int(layer[y, x, c]) * alpha + int(plate[y, x, c]) * (1 - alpha) for c in range(3))


def slow_contrast(glyph: Glyph, drawing: Drawing, plate: U8) -> float:
    """Pixel by pixel: the colour inside the stroke against what lies up to two pixels from it."""
    width, height = SIZE
    xs = range(max(0, int(glyph.x0) - 3), min(width, int(glyph.x1) + 4))
    ys = range(max(0, int(glyph.y0) - 3), min(height, int(glyph.y1) + 4))
    final = {(x, y): slow_over(drawing.front, x, y, plate) for x in xs for y in ys}
    bare = {(x, y): slow_over(drawing.front_textless, x, y, plate) for x in xs for y in ys}
    change = {at: max(abs(a - b) for a, b in zip(final[at], bare[at], strict=True)) for at in final}
    inside = [at for at in change if glyph.x0 <= at[0] <= glyph.x1 and glyph.y0 <= at[1] <= glyph.y1]
    strongest = max(change[at] for at in inside)
    stroke = [at for at in inside if change[at] > 0.8 * strongest]
    ring = {
        (x + dx, y + dy)
        for x, y in stroke
        for dx in range(-2, 3)
        for dy in range(-2, 3)
        if change.get((x + dx, y + dy), 999) < 0.2 * strongest
    }
    ink = slow_luminance(tuple(statistics.median(final[at][c] for at in stroke) for c in range(3)))
    ratios = sorted(
        (max(ink, other) + 0.05) / (min(ink, other) + 0.05) for other in (slow_luminance(bare[at]) for at in ring)
    )
    return ratios[int(0.08 * len(ratios))]


GROUNDS = [
    "#fff",
    "#123",
    "#8a6",
    "linear-gradient(90deg,#111,#ddd)",
    "repeating-linear-gradient(45deg,#665 0 6px,#443 6px 12px)",
]
INKS = ["#fff", "#111", "#c22", "#fd4"]


@pytest.mark.parametrize("number", range(20))
def test_a_slow_second_measurement_agrees(renderer: LayerRenderer, number: int) -> None:
    ground, ink = GROUNDS[number % 5], INKS[number // 5]
    size = (18, 26, 40)[number % 3]
    html = page(
        text("headline", "꿀사과", f"left:{20 + 7 * number}px;top:30px;font-size:{size}px;color:{ink}"),
        text(
            "sub",
            "Ab 9,",
            f"left:40px;top:150px;font-size:{size}px;color:{ink};background:#45a;padding:6px",
            more="data-over",
        ),
        scene=ground,
    )
    drawing = renderer.draw(html, SIZE)
    plate = plate_of(drawing, NO_PRODUCT)
    result = measure(drawing, plate, NO_PRODUCT, AdCopy(), {})
    for role in ("headline", "sub"):
        slow = min(slow_contrast(glyph, drawing, plate) for glyph in drawing.glyphs if glyph.role == role)
        assert result.worst_by_role[role] == pytest.approx(slow, rel=0.15, abs=0.15), (ground, ink, role)
