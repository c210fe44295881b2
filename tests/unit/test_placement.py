"""Boxes stay where they must: inside safe zones, apart from the product, mirrored whole."""

from __future__ import annotations

import itertools

import pytest

from nanococoa_aiserver.ads.formats import load_formats
from nanococoa_aiserver.layout.placement import class_of, frame_of, place, shape_of, standing_in
from nanococoa_aiserver.layout.styles.claims import claims
from nanococoa_aiserver.layout.styles.model import CLASSES, SHAPES, STYLES, load_style
from nanococoa_client.schemas import ROLES, AdCopy
from nanococoa_client.schemas.catalogue import SafeZone

FULL = dict.fromkeys(ROLES, "글") | {
    "headline": "한 방울이면",
    "sub": "국산 참깨로 짠 참기름입니다",
    "price": "9,900원",
}
ASPECTS = {"tall": 0.4, "mid": 1.0, "wide": 1.8}


@pytest.mark.parametrize(("style", "kind"), list(itertools.product(STYLES, CLASSES)))
@pytest.mark.parametrize("sub", ["짧게", "두 줄이 될 만큼 길게 적은 둘째 줄이에요"])
def test_every_field_has_a_place_in_every_style_and_class(style: str, kind: str, sub: str) -> None:
    layout = load_style(style).layouts[kind]  # type: ignore[index]
    shown = FULL | {"sub": sub}
    places = [role for claim in claims(layout, shown) for role in claim.roles if role in ROLES]
    assert sorted(places) == sorted(ROLES)


@pytest.mark.parametrize(("style", "kind"), list(itertools.product(STYLES, CLASSES)))
def test_nothing_but_what_is_given_is_claimed(style: str, kind: str) -> None:
    layout = load_style(style).layouts[kind]  # type: ignore[index]
    places = {role for claim in claims(layout, {"headline": "안녕", "price": "9,900원"}) for role in claim.roles}
    assert places <= {"headline", "price"}


@pytest.mark.parametrize("name", list(load_formats()))
@pytest.mark.parametrize("style", STYLES)
def test_words_stay_inside_the_safe_zone_of_every_format(style: str, name: str) -> None:
    spec = load_formats()[name]
    for aspect in ASPECTS.values():
        found = place(load_style(style), spec, aspect, letters=30)
        safe = spec.safe_zone
        for zone in found.layout.zones:
            if zone.shape or zone.plane == "back":
                continue
            left, top, width, height = found.zone_box(zone)
            assert left >= safe.left * spec.width - 1
            assert top >= safe.top * spec.height - 1
            assert left + width <= spec.width
            assert top + height <= spec.height * (1 - safe.bottom) + 1


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("name", ["square", "portrait", "story", "wide", "reels"])
def test_the_product_is_at_least_a_third_of_the_short_side(style: str, name: str) -> None:
    spec = load_formats()[name]
    for aspect in ASPECTS.values():
        product = place(load_style(style), spec, aspect, letters=30).product
        least = 0.27 if name == "reels" else 0.33
        assert max(product.width, product.height) >= least * min(spec.width, spec.height)


def test_a_story_has_a_safe_zone_even_when_its_format_names_none() -> None:
    spec = load_formats()["kakao_vertical"]
    top = place(load_style("split"), spec, 1.0).frame.content[1]
    assert top >= 0.12 * spec.height


def test_reels_leave_a_square_between_their_controls() -> None:
    spec = load_formats()["reels"]
    assert class_of(spec.width, spec.height, spec.safe_zone) == "square"
    assert class_of(spec.width, spec.height, SafeZone(top=0.12, bottom=0.14)) == "story"


@pytest.mark.parametrize(
    ("size", "kind"),
    [
        ((1080, 1080), "square"),
        ((300, 250), "square"),
        ((1080, 1350), "portrait"),
        ((1080, 1920), "story"),
        ((1200, 628), "wide"),
        ((1250, 560), "wide"),
        ((1029, 258), "banner"),
        ((320, 100), "banner"),
        ((728, 90), "strip"),
        ((320, 50), "strip"),
        ((160, 600), "tower"),
        ((300, 600), "tower"),
    ],
)
def test_every_placement_finds_its_class(size: tuple[int, int], kind: str) -> None:
    assert class_of(*size) == kind


def test_a_product_stands_on_the_middle_of_its_box() -> None:
    box = standing_in((100, 50, 400, 300), 0.5)
    assert box.bottom == 350
    assert box.height == 300
    assert box.x + box.width / 2 == pytest.approx(300, abs=1)


def test_words_wished_to_the_right_mirror_the_whole_layout() -> None:
    spec = load_formats()["square"]
    left, right = (place(load_style("split"), spec, 1.0, position=side) for side in ("left", "right"))
    assert left.turned
    assert right.turned
    assert left.zone_box(left.layout.zones[0])[0] < 540 < right.zone_box(right.layout.zones[0])[0]
    assert left.product.x + left.product.right == pytest.approx(2160 - right.product.x - right.product.right, abs=4)


def test_a_side_a_style_cannot_turn_to_is_told() -> None:
    assert not place(load_style("shout"), load_formats()["square"], 1.0, position="bottom").turned


def test_shapes_split_at_a_bottle_and_a_box() -> None:
    assert [shape_of(aspect) for aspect in (0.4, 1.0, 1.8)] == list(SHAPES)


def test_bleeding_boxes_reach_the_edge_and_others_the_margin() -> None:
    frame = frame_of(load_formats()["square"], "square", 6.0)
    assert frame.bleeding((0, 0, 44, 100))[:2] == (0.0, 0.0)
    assert frame.bleeding((0, 0, 44, 100))[3] == 1080
    assert frame.box((0, 0, 100, 100))[0] == pytest.approx(64.8)


def test_left_out_fields_leave_their_place_to_others() -> None:
    copy = AdCopy(headline="우리 집 첫 반려식물", price="9,900원").given()
    names = {claim.zone.name for claim in claims(load_style("shout").layouts["square"], copy)}
    assert names == {"head", "burst"}
