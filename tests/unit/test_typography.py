"""Lines break where a typesetter would break them, and no character is lost on the way."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nanococoa_aiserver.layout.emoji import is_emoji, without_emoji
from nanococoa_aiserver.layout.typography import break_lines, money, soft, stylesheet, text_width, type_size, typo

WORDS = st.lists(
    st.sampled_from(
        [
            *(
                "새벽에",
                "딴",
                "꿀사과가",
                "왔어요",
                "한",
                "두",
                "첫",
                "더",
                "10",
                "개",
                "박스",
                "39,900원",
                "·",
                "(부사)",
            ),
            *("fresh", "apples,", "!", "가나다라마바사아자차카"),
        ]
    ),
    min_size=1,
    max_size=30,
).map(" ".join)


def letters(text: str) -> str:
    return re.sub(r"\s", "", text)


def plain(markup: str) -> str:
    text = re.sub(r"<[^>]+>", "", markup.replace("<br>", "\n"))
    text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return re.sub(r"[\s\u200b\u2060]", "", text)


@pytest.mark.parametrize(
    ("text", "aspect", "lines"),
    [
        ("새벽에 딴 꿀사과가 왔어요", 2.0, ["새벽에 딴", "꿀사과가 왔어요"]),
        ("한 방울이면, 밥상이 달라집니다", 2.5, ["한 방울이면,", "밥상이 달라집니다"]),
        ("우리 집 첫 반려식물", 2.0, ["우리 집", "첫 반려식물"]),
        ("촉촉함이 밤새 머무는 크림", 1.5, ["촉촉함이 밤새", "머무는 크림"]),
        ("손으로 빚은 아침", 1.2, ["손으로", "빚은 아침"]),
        ("햇사과 왔다!", 4.0, ["햇사과 왔다!"]),
        ("Fresh apples, picked at dawn for you", 2.0, ["Fresh apples,", "picked at dawn", "for you"]),
        ("경북 청송 · 산지직송 · 당일수확", 2.0, ["경북 청송 ·", "산지직송 ·", "당일수확"]),
    ],
)
def test_headlines_break_as_a_typesetter_breaks_them(text: str, aspect: float, lines: list[str]) -> None:
    assert break_lines(text, aspect) == lines


@pytest.mark.parametrize(
    ("text", "never"),
    [
        ("오늘 하루 딱 한 번만 드려요", "딱"),
        ("물은 두 주에 한 번이면 돼요", "한"),
        ("사과 10 박스 한정 판매합니다", "10"),
        ("동네에서 가장 맛있는 빵집", "가장"),
        ("The best bread of the town", "the"),
    ],
)
def test_a_word_that_clings_to_the_next_never_ends_a_line(text: str, never: str) -> None:
    for aspect in (1.0, 1.5, 2.0, 3.0):
        assert all(line.split()[-1] != never for line in break_lines(text, aspect)[:-1])


def test_a_lone_syllable_gets_no_line_of_its_own() -> None:
    for aspect in (0.8, 1.2, 2.0):
        lines = break_lines("꽃 한 송이 더", aspect)
        assert all(len(letters(line)) > 1 for line in lines)


def test_a_wide_box_takes_one_line_and_a_tall_one_several() -> None:
    text = "새벽에 딴 꿀사과가 왔어요"
    assert len(break_lines(text, 12)) == 1
    assert len(break_lines(text, 0.5)) == 3


def test_the_customers_own_line_ends_are_preferred() -> None:
    assert break_lines("딸기\n케이크가 나왔어요", 3.5, 2) == ["딸기", "케이크가 나왔어요"]


def test_an_endless_word_is_broken_but_never_inside_a_number() -> None:
    lines = break_lines("가나다라마바사아자차카타파하39,900원짜리선물세트예약받습니다", 2.0)
    assert len(lines) > 1
    assert any("39,900" in line for line in lines)


def test_a_line_never_begins_with_a_dot_or_closing_mark() -> None:
    for aspect in (0.7, 1.0, 2.0):
        for line in break_lines("사과 · 배 · 귤 · 감 (국산) ! 세일", aspect, 5):
            assert line[0] not in "·!)"


@given(WORDS, st.floats(0.3, 8), st.integers(1, 5))
@settings(max_examples=200, deadline=None)
def test_no_character_is_lost_or_added_and_the_lines_are_no_more_than_asked(
    text: str, aspect: float, most: int
) -> None:
    lines = break_lines(text, aspect, most)
    assert letters("".join(lines)) == letters(text)
    assert 1 <= len(lines) <= most
    assert lines == break_lines(text, aspect, most)


@given(st.text(max_size=120), st.floats(0.3, 8))
@settings(max_examples=300, deadline=None)
def test_any_text_survives_breaking_and_markup(text: str, aspect: float) -> None:
    assert letters("".join(break_lines(text, aspect))) == letters(text)
    for markup in (typo(text), soft(text), money(text)):
        assert not re.search(r"<(?!/?(span|br)\b)", markup)


@given(WORDS)
@settings(max_examples=100, deadline=None)
def test_markup_shows_every_character_of_the_copy(text: str) -> None:
    for markup in (typo(text), soft(text), money(text)):
        assert plain(markup) == letters(text)


def test_long_copy_breaks_in_milliseconds() -> None:
    text = "아주 긴 문구를 넣어도 빠르게 " * 60
    break_lines(text, 2.0, 4)
    begin = time.process_time()
    break_lines(text, 2.0, 4)
    assert time.process_time() - begin < 0.5


def test_a_larger_share_of_the_box_is_won_by_breaking() -> None:
    text = "새벽에 딴 꿀사과가 왔어요"
    assert type_size(break_lines(text, 2.0), 2.0) > type_size([text], 2.0)


def test_won_is_small_and_its_digits_tabular() -> None:
    assert typo("39,900원") == '<span class="tn">39,900</span><span class="wn">원</span>'
    assert money("39,900원") == '<span class="won"><span class="n">39,900</span><span class="w">원</span></span>'
    assert money("특가 9,900원부터").startswith('<span class="won"><span class="lb">특가</span>')
    assert money("was $59.00").startswith('<span class="won"><span class="lb">was</span><span class="w">$</span>')
    assert money("무료") == '<span class="won"><span class="n">무료</span></span>'
    assert ".56em" in stylesheet()


def test_units_are_small_and_words_that_only_look_like_units_are_not() -> None:
    assert typo("10kg") == '10<span class="un">kg</span>'
    assert typo("3gram") == "3gram"


def test_markup_in_copy_is_shown_as_typed() -> None:
    assert "<script>" not in typo("<script>alert(1)</script>")
    assert "<b" not in money("<b>9,900원")


def test_a_middle_dot_stays_with_the_word_before_it() -> None:
    assert "\u2060" in typo("산지직송 · 당일수확")


def test_body_copy_ends_with_no_short_word_alone() -> None:
    assert soft("물은 이 주에 한 번이면 충분해요 꼭").endswith("충분해요\u00a0꼭")
    assert "한\u00a0번이면" in soft("물은 이 주에 한 번이면 충분해요 꼭")
    assert soft("첫 줄\n둘째 줄").count("<br>") == 1


@pytest.mark.parametrize("emoji", ["🍎", "❤️", "👨‍👩‍👧", "🇰🇷", "1️⃣", "👍🏽", "⭐", "☎️"])
def test_emoji_are_whole_and_set_in_the_emoji_font(emoji: str) -> None:
    assert is_emoji(emoji)
    assert typo(f"가{emoji}") == f'가<span class="emoji">{emoji}</span>'
    assert without_emoji(f"가{emoji}나") == "가나"


@pytest.mark.parametrize("text", ["☎", "★", "가", "1", "#", "→", "©"])
def test_text_symbols_are_no_emoji(text: str) -> None:
    assert not is_emoji(text)


def test_widths_are_close_to_the_fonts() -> None:
    assert text_width("가나다") == pytest.approx(2.7)
    assert text_width("") == 0
