"""The built-in copywriter says what the owner has said, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nanococoa_backend.ads.copywriter import LONGEST, stated, suggestions
from nanococoa_backend.messages import Locale
from nanococoa_backend.platform.wording import won
from nanococoa_backend.products.schemas import ProductFacts

APPLE = ProductFacts(name="부사 사과", price=39900, unit="10kg 한 상자", notes="경북 청송, 산지 직송")


@pytest.mark.parametrize(("locale", "price"), [("ko", "39,900원"), ("en", "₩39,900")])
def test_three_lines_lead_with_name_note_and_offer(locale: Locale, price: str) -> None:
    first, second, third = suggestions(APPLE, locale)
    assert (first.headline, first.sub, first.price, first.unit) == ("부사 사과", "경북 청송", price, "10kg 한 상자")
    assert (second.headline, second.sub) == ("경북 청송", "부사 사과")
    assert (third.headline, third.sub, third.price) == ("부사 사과", "", price)


def test_a_product_of_which_only_the_name_is_known_gets_its_name() -> None:
    assert [line.given() for line in suggestions(ProductFacts(name="배"), "ko")] == [{"headline": "배"}]


def test_a_unit_without_a_price_is_not_told() -> None:
    assert suggestions(ProductFacts(name="배", unit="한 상자"), "ko")[0].unit == ""


def test_numbers_with_commas_stay_whole_and_long_notes_are_left_out() -> None:
    assert stated("1,000상자 한정. 당도 14.5브릭스\n" + "가" * (LONGEST + 1)) == ["1,000상자 한정", "당도 14.5브릭스"]


@given(name=st.text("가나 ab", min_size=1, max_size=20), notes=st.text(max_size=200), price=st.integers(0, 10**6))
def test_every_word_is_the_owners(name: str, notes: str, price: int) -> None:
    facts = ProductFacts(name=name.strip() or "배", price=price, notes=notes)
    allowed = {facts.name, won(price, "ko"), *stated(facts.notes)}
    lines = suggestions(facts, "ko")
    assert 1 <= len(lines) <= 3
    assert len({line.model_dump_json() for line in lines}) == len(lines)
    for line in lines:
        assert set(line.given().values()) <= allowed
