"""Ten styles compose real ads in a real browser, and the finished pixels pass the gate."""

from __future__ import annotations

import re
from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from nanococoa_aiserver.ads.formats import BUCKETS, bucket_of, load_formats
from nanococoa_aiserver.engines.ports import ScenePrompt
from nanococoa_aiserver.engines.studio.painter import StudioPainter
from nanococoa_aiserver.imaging.types import Backdrop, Rgb, Sprite
from nanococoa_aiserver.layout.compose import ComposedAd, compose_format
from nanococoa_aiserver.layout.design import STYLES, DesignBrief, design
from nanococoa_aiserver.render import LayerRenderer
from nanococoa_client.schemas import ROLES, AdCopy, FormatSpec, Role, TextEdit

pytestmark = pytest.mark.browser

FULL = AdCopy(
    headline="새벽에 딴 꿀사과가 왔어요",
    sub="경북 청송 산지직송 · 10kg 한 박스",
    price="39,900원",
    old_price="59,000원",
    unit="10kg",
    discount="32%",
    call_to_action="오늘 주문하면 내일 도착",
    small_print="산간지역 배송비 별도 · 소진 시 조기 마감",
    shop="청송댁 과일가게",
)
PLAIN = AdCopy(headline="손으로 빚은 아침", sub="하나하나 색이 조금씩 달라요", shop="흙과손 공방")
RARE = AdCopy(headline="똠양꿍보다 뷁 맛있는 사과 🍎", price="9,900원", shop="청송댁")
LARGE = ("square", "portrait", "story", "reels", "wide")
SMALL = ("kakao_bizboard", "banner_300x250", "banner_728x90", "banner_160x600", "banner_320x100", "banner_320x50")


@pytest.fixture(scope="module")
def renderer() -> Iterator[LayerRenderer]:
    renderer = LayerRenderer()
    yield renderer
    renderer.close()


def jar(width: int = 300, height: int = 420) -> Sprite:
    """A rounded, shaded red jar."""
    alpha = np.zeros((height, width), np.float32)
    cv2.rectangle(alpha, (20, 60), (width - 20, height - 10), 1.0, -1)
    cv2.rectangle(alpha, (60, 8), (width - 60, 60), 1.0, -1)
    shade = np.linspace(0.6, 1.1, width)[None, :, None] * np.array([190, 60, 45])
    rgb = np.broadcast_to(shade.clip(0, 255).astype(np.uint8), (height, width, 3))
    return Sprite(np.ascontiguousarray(rgb), np.asarray(cv2.GaussianBlur(alpha, (0, 0), 1.2), np.float32))


def backdrop_for(spec: FormatSpec, prompt: str = "나무 탁자") -> Backdrop:
    painter, wish = StudioPainter(), ScenePrompt(prompt, seed=3)
    size = BUCKETS[bucket_of(spec.width, spec.height)]
    choice = painter.choose(wish, jar())
    return painter.paint(choice, wish, size, lambda _name, _share: None, lambda: None)


def compose(
    renderer: LayerRenderer,
    style: str,
    name: str,
    copy: AdCopy = FULL,
    edits: dict[Role, TextEdit] | None = None,
    **more: object,
) -> ComposedAd:
    spec = load_formats()[name]
    backdrop = backdrop_for(spec)
    small: Rgb = np.asarray(cv2.resize(backdrop.image, (96, 96), interpolation=cv2.INTER_AREA), np.uint8)
    brief = DesignBrief(copy=copy, product=jar(), scene=small, style=style, **more)  # type: ignore[arg-type]
    return compose_format(design(brief), spec, jar(), backdrop, renderer, edits=edits)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("name", LARGE)
def test_every_field_is_on_every_large_format_and_reads(renderer: LayerRenderer, style: str, name: str) -> None:
    ad = compose(renderer, style, name)
    assert ad.legibility.violations == ()
    assert {text.role for text in ad.layer.texts} == set(ROLES)
    assert ad.layer.left_out == []
    assert ad.layer.style == style
    assert ad.core_difference == 0
    assert ad.image.shape == (load_formats()[name].height, load_formats()[name].width, 3)


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("style", ["shout", "editorial", "lower"])
def test_small_placements_say_what_they_left_out(renderer: LayerRenderer, style: str, name: str) -> None:
    ad = compose(renderer, style, name)
    assert ad.legibility.violations == ()
    shown = {text.role for text in ad.layer.texts}
    assert shown | set(ad.layer.left_out) == set(ROLES)
    assert "headline" in shown
    told = [details["fields"] for key, details in ad.warnings if key == "fields_left_out"]
    assert bool(told) == bool(ad.layer.left_out)


@pytest.mark.parametrize("style", ["shout", "friendly", "editorial", "cover"])
def test_rare_syllables_and_emoji_are_drawn_by_a_font_that_has_them(renderer: LayerRenderer, style: str) -> None:
    ad = compose(renderer, style, "square", RARE)
    assert ad.legibility.violations == ()


@pytest.mark.parametrize("style", ["split", "catalog", "lower", "cover", "season"])
def test_nothing_is_invented(renderer: LayerRenderer, style: str) -> None:
    ad = compose(renderer, style, "wide", PLAIN)
    drawn = "".join(sorted(re.sub(r"\s", "", "".join(text.text for text in ad.layer.texts))))
    given = "".join(sorted(re.sub(r"\s", "", "".join(PLAIN.given().values()))))
    assert drawn == given


def test_an_edit_moves_recolours_and_rewrites_its_field_alone(renderer: LayerRenderer) -> None:
    before = {text.role: text for text in compose(renderer, "split", "square").layer.texts}
    edits: dict[Role, TextEdit] = {
        "headline": TextEdit(text="꿀사과가 왔어요", color="#ffee00", dx=2, dy=3),
        "small_print": TextEdit(hidden=True),
    }
    ad = compose(renderer, "split", "square", edits=edits)
    after = {text.role: text for text in ad.layer.texts}
    assert after["headline"].text.replace(" ", "") == "꿀사과가왔어요"
    assert after["headline"].color == "rgb(255, 238, 0)"
    assert after["headline"].box.x == pytest.approx(before["headline"].box.x + 2 * 10.8, abs=1)
    assert "small_print" not in after
    assert after["shop"].text == before["shop"].text
    assert after["shop"].color == before["shop"].color
    assert ad.layer.edits == edits


def test_markup_in_the_copy_is_shown_not_run(renderer: LayerRenderer) -> None:
    ad = compose(renderer, "split", "square", AdCopy(headline="<b>굵게</b>", sub="<script>alert(1)</script>"))
    assert "<script>" not in ad.layer.html
    assert {text.text for text in ad.layer.texts if text.role == "headline"} == {"<b>굵게</b>"}


def test_the_words_go_where_they_are_wished_or_the_answer_says_so(renderer: LayerRenderer) -> None:
    right = compose(renderer, "split", "square", text_position="right")
    assert min(text.box.x for text in right.layer.texts) > 540
    refused = compose(renderer, "coupon", "square", text_position="left")
    assert "text_position_ignored" in [key for key, _ in refused.warnings]


def test_the_label_stands_in_a_corner_when_wished(renderer: LayerRenderer) -> None:
    assert "AI로 제작" in compose(renderer, "split", "square", visible_label=True).layer.html
    assert "AI로 제작" not in compose(renderer, "split", "square").layer.html


def test_the_layer_s_page_holds_everything_it_needs(renderer: LayerRenderer) -> None:
    html = compose(renderer, "lower", "square").layer.html
    assert "http" not in html.replace("http://www.w3.org/2000/svg", "")
    assert 'class="f scene back"' in html
    assert len(html) < 250_000
