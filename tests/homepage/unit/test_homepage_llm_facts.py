"""A sentence that says more than its owner did is told from one that does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homepage_generator.agents.llm.facts import Known, unfounded

KNOWN = Known(
    {
        "name": "햇살과일", "phone": "02-199-1407", "since": 2007, "address": "서울 마포구 새물길 14",
        "hours": [{"opens": "08:00", "closes": "20:30"}], "products": [{"name": "대봉감", "price": "24,000원"}],
        "story": "2007년에 세 평짜리 자리를 물려받았습니다. 맛없으면 바꿔드려요.",
        "reviews": [{"text": "늘 골라 주셔서 믿고 사요"}],
    }
)  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "골라서 내놓습니다.",
        "대봉감 24,000원",
        "대봉감 24000원",
        "2007년부터 이 자리에 있습니다.",
        "8시에 엽니다.",
        "서울 마포구 새물길",
        "“늘 골라 주셔서 믿고 사요”",
        "전화 02-199-1407",
        "세 평짜리 자리에서 시작했습니다.",
        "We pick every fruit by hand.",
        "다시 그대로 담습니다.",
    ],
)
def test_what_the_owner_told_may_be_said(text: str) -> None:
    assert unfounded(text, KNOWN) == []


@pytest.mark.parametrize(
    ("text", "which"),
    [
        ("대봉감 9,900원", "9,900"),
        ("30년을 지켰습니다.", "30"),
        ("삼십 년 전통", "삼십 년"),
        ("전화 02-555-1234", "555"),
        ("부산 해운대구 우동에도 있어요.", "해운대구 우동"),
        ("“인생 과일 가게예요”", "“인생 과일 가게예요”"),
        ("「미슐랭」이 고른", "「미슐랭」"),
        ("최고의 과일", "최고"),
        ("유기농만 팝니다.", "유기농"),
        ("무료로 드려요", "무료"),
        ("HACCP 인증", "HACCP"),
        ("제주에서 온 감귤", "제주"),
        ("통증 없이 치료", "치료"),
        ("<b>굵게</b>", "<"),
        ("**굵게**", "**"),
        ("haetsal.com에서", "haetsal.com"),
        ("owner@example.kr", "owner@example.kr"),
        ("The best fruit in town", "best"),
        ("Twenty years of craft", "Twenty"),
        ("Free delivery", "Free"),
        ("２５％", "25"),
    ],
)
def test_what_nobody_told_is_found(text: str, which: str) -> None:
    assert which in unfounded(text, KNOWN)


@given(st.integers(min_value=0, max_value=10**9))
def test_no_number_but_the_owners_gets_through(number: int) -> None:
    owners = {2, 199, 1407, 2007, 14, 8, 20, 24000}
    assert (unfounded(f"값 {number}원", KNOWN) == []) == (number in owners)
