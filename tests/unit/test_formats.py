"""The placements: what the data file promises, how names are chosen, which scene serves which format."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nanococoa_aiserver.ads.formats import BUCKETS, SOCIAL, bucket_of, load_formats, select_formats
from nanococoa_aiserver.errors import InvalidParameter

PIXELS = {
    "square": (1080, 1080),
    "portrait": (1080, 1350),
    "story": (1080, 1920),
    "wide": (1200, 628),
    "kakao_bizboard": (1029, 258),
    "kakao_link": (800, 400),
    "naver_wide": (1250, 560),
    "google_portrait": (1200, 1500),
    "banner_320x50": (320, 50),
    "banner_160x600": (160, 600),
}


@pytest.mark.parametrize("name", PIXELS)
def test_a_placement_has_the_exact_pixels_its_owner_asks_for(name: str) -> None:
    spec = load_formats()[name]
    assert (spec.width, spec.height) == PIXELS[name]


def test_the_bizboard_is_a_png_of_at_most_300_kilobytes() -> None:
    spec = load_formats()["kakao_bizboard"]
    assert (spec.file_type, spec.byte_limit) == ("png", 300_000)


def test_reels_keep_their_published_safe_zone() -> None:
    zone = load_formats()["reels"].safe_zone
    assert (zone.top, zone.bottom, zone.left, zone.right) == (0.14, 0.35, 0.06, 0.06)


def test_every_placement_names_its_source_and_the_day_it_was_checked() -> None:
    for spec in load_formats().values():
        assert spec.source
        assert date.fromisoformat(spec.checked) < date(2030, 1, 1)


def test_google_responsive_placements_ask_for_a_variant_without_text() -> None:
    assert {name for name, spec in load_formats().items() if spec.no_text_variant} == {
        "google_landscape",
        "google_square",
        "google_portrait",
    }


def test_all_means_every_placement() -> None:
    assert [spec.name for spec in select_formats(["all"])] == list(load_formats())


def test_a_name_given_twice_is_made_once_and_order_is_kept() -> None:
    assert [spec.name for spec in select_formats(["wide", "Square ", "wide"])] == ["wide", "square"]


@pytest.mark.parametrize("names", [[], ["poster"], ["square", "../etc"]])
def test_unknown_or_no_names_are_refused_with_the_known_ones(names: list[str]) -> None:
    with pytest.raises(InvalidParameter, match="square, portrait"):
        select_formats(names)


def test_the_social_formats_exist() -> None:
    assert set(SOCIAL) <= set(load_formats())


def test_each_bucket_is_its_own() -> None:
    assert [bucket_of(*size) for size in BUCKETS.values()] == list(BUCKETS)


@given(st.integers(32, 4000), st.integers(32, 4000))
def test_any_size_has_the_bucket_nearest_in_aspect(width: int, height: int) -> None:
    ratio = width / height

    def distance(name: str) -> float:
        bucket = BUCKETS[name][0] / BUCKETS[name][1]
        return max(ratio / bucket, bucket / ratio)

    assert distance(bucket_of(width, height)) == min(map(distance, BUCKETS))
