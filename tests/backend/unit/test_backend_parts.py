"""The dashboard's small pure parts: texts, numbers, the next step, cursors, passwords, pictures."""

from __future__ import annotations

import string
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pydantic import ValidationError

from nanococoa_backend.businesses.schemas import BusinessFacts
from nanococoa_backend.home.next_step import Situation, next_step
from nanococoa_backend.messages import catalogue
from nanococoa_backend.platform import pictures
from nanococoa_backend.platform.pages import inner_path
from nanococoa_backend.platform.passwords import Passwords, weakness
from nanococoa_backend.platform.wording import when, won
from nanococoa_backend.products.schemas import ProductFacts

NOON = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_say_the_same_things_with_the_same_values() -> None:
    korean, english = catalogue("ko"), catalogue("en")
    assert korean.keys() == english.keys()
    assert {key: fields(text) for key, text in korean.items()} == {key: fields(text) for key, text in english.items()}


def test_korean_never_says_error() -> None:
    assert [key for key, text in catalogue("ko").items() if "오류" in text or "에러" in text] == []


@pytest.mark.parametrize(
    ("ago", "korean", "english"),
    [
        (timedelta(seconds=20), "방금", "just now"),
        (timedelta(minutes=7), "7분 전", "7 min ago"),
        (timedelta(hours=3), "3시간 전", "3 h ago"),
        (timedelta(hours=20), "어제", "yesterday"),
        (timedelta(days=9), "11월 11일", "11 Nov"),
    ],
)
def test_times_are_told_as_people_say_them(ago: timedelta, korean: str, english: str) -> None:
    assert when(NOON - ago, "ko", NOON) == korean
    assert when(NOON - ago, "en", NOON) == english


def test_prices_are_told_in_won() -> None:
    assert won(39900, "ko") == "39,900원"
    assert won(39900, "en") == "₩39,900"
    assert won(None, "ko") == ""


@pytest.mark.parametrize(("typed", "price"), [("39,900원", 39900), ("₩ 1 000", 1000), ("", None), ("0", 0)])
def test_a_price_is_read_as_people_type_it(typed: str, price: int | None) -> None:
    assert ProductFacts.model_validate({"name": "사과", "price": typed}).price == price


@pytest.mark.parametrize("typed", ["-5", "1.5", "천원", "9999999999", "٣"])
def test_what_is_no_price_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        ProductFacts.model_validate({"name": "사과", "price": typed})


def test_a_registration_number_is_checked_and_written_with_dashes() -> None:
    assert BusinessFacts(name="가게", registration_number="1234567891").registration_number == "123-45-67891"
    for wrong in ("1234567890", "12345", "abcdefghij"):
        with pytest.raises(ValidationError):
            BusinessFacts(name="가게", registration_number=wrong)


@pytest.mark.parametrize(
    ("situation", "step"),
    [
        (Situation(0, 0, 0, 0, has_contact=False), "add_product"),
        (Situation(3, 1, 1, 1, has_contact=False), "look_again"),
        (Situation(3, 0, 1, 1, has_contact=False), "check_cutout"),
        (Situation(3, 0, 0, 1, has_contact=False), "tell_shop"),
        (Situation(3, 0, 0, 1, has_contact=True), "add_meanwhile"),
        (Situation(3, 0, 0, 0, has_contact=False, ready=3), "make_first"),
        (Situation(3, 0, 0, 0, has_contact=False, ready=3, ads=2, ads_to_look_at=1), "look_at_ad"),
        (Situation(3, 0, 0, 1, has_contact=True, ready=2, ads=2), "make_more"),
    ],
)
def test_what_needs_the_owner_comes_first(situation: Situation, step: str) -> None:
    assert next_step(situation) == step


@given(st.text(max_size=40))
def test_no_redirect_leaves_the_site(path: str) -> None:
    safe = inner_path(path)
    assert safe.startswith("/")
    assert not safe.startswith(("//", "/\\"))


def test_passwords_are_hashed_with_argon2id_and_checked() -> None:
    passwords = Passwords()
    known = passwords.hash("새벽 네 시 가락시장")
    assert known.startswith("$argon2id$")
    assert passwords.matches(known, "새벽 네 시 가락시장")
    assert not passwords.matches(known, "다른 것입니다 정말")
    assert not passwords.matches(None, "nobody has this password")
    assert not passwords.is_outdated(known)


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", "password_short"),
        ("a" * 12, "password_plain"),
        ("sajang1234@a.kr", "password_plain"),
        ("x" * 129, "password_long"),
    ],
)
def test_weak_passwords_are_told_why(password: str, why: str) -> None:
    assert weakness(password, "sajang1234@a.kr") == why


def test_untouched_pixels_of_a_cutout_stay_exactly_as_they_are() -> None:
    photo = Image.new("RGB", (64, 48), "#808080")
    cutout = Image.linear_gradient("L").resize((64, 48)).convert("RGB")
    cutout.putalpha(Image.radial_gradient("L").resize((64, 48)))
    paint = Image.new("RGBA", (32, 24), (0, 0, 0, 0))
    assert pictures.touched_up(photo, cutout, paint).tobytes() == cutout.tobytes()


def test_white_paint_brings_the_photo_back_and_black_removes() -> None:
    photo = Image.new("RGB", (64, 48), "#336699")
    cutout = Image.new("RGBA", (64, 48), (200, 0, 0, 0))
    paint = Image.new("RGBA", (64, 48), (0, 0, 0, 255))
    paint.paste((255, 255, 255, 255), (32, 0, 64, 48))
    result = pictures.touched_up(photo, cutout, paint)
    assert result.getpixel((50, 20)) == (0x33, 0x66, 0x99, 255)
    assert result.getpixel((5, 20)) == (200, 0, 0, 0)
