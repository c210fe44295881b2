"""Opening hours, days and months, read from what owners write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homepage_generator.spec.lines import written_days
from homepage_generator.spec.reading.days import read_days, read_months
from homepage_generator.spec.reading.hours import read_hours
from homepage_generator.spec.types import DAYS

WEEK = ["mon", "tue", "wed", "thu", "fri"]


def _read(text: str) -> tuple[list[tuple[str, str, str]] | None, str]:
    said = read_hours(text)
    if said.hours is None:
        return None, said.closed
    return [("".join(day[:2] for day in row.days), row.opens, row.closes) for row in said.hours], said.closed


@pytest.mark.parametrize(
    ("text", "rows", "closed"),
    [
        ("월–금 08:00–20:30, 일요일 휴무", [("motuwethfr", "08:00", "20:30")], "일요일"),
        ("평일 9시~18시 / 토 9시~13시", [("motuwethfr", "09:00", "18:00"), ("sa", "09:00", "13:00")], ""),
        ("화요일부터 목요일까지 오전 11시부터 오후 8시까지", [("tuweth", "11:00", "20:00")], ""),
        ("월, 수, 금 09:30–18:30", [("mowefr", "09:30", "18:30")], ""),
        ("월수금 10:00-18:00 화목 12:00-20:00", [("mowefr", "10:00", "18:00"), ("tuth", "12:00", "20:00")], ""),
        ("수~월 10:00~19:00", [("mowethfrsasu", "10:00", "19:00")], ""),
        ("매일 10:00~20:00, 화요일 휴무", [("mowethfrsasu", "10:00", "20:00")], "화요일"),
        ("매일 10:00~20:00 (둘째 화요일 휴무)", [("motuwethfrsasu", "10:00", "20:00")], "둘째 화요일"),
        ("화-일 08:00-18:00, 월 휴무", [("tuwethfrsasu", "08:00", "18:00")], "월요일"),
        ("월~금 10:00-14:00, 16:00-21:00", [("motuwethfr", "10:00", "14:00"), ("motuwethfr", "16:00", "21:00")], ""),
        ("10시~22시 연중무휴", [("motuwethfrsasu", "10:00", "22:00")], ""),
        ("매일 18:00-02:00", [("motuwethfrsasu", "18:00", "02:00")], ""),
        ("24시간 영업", [("motuwethfrsasu", "00:00", "24:00")], ""),
        ("Mon–Fri 07:30–18:00, Sun closed", [("motuwethfr", "07:30", "18:00")], "Sun"),
        ("Sat 9am–5pm", [("sa", "09:00", "17:00")], ""),
        ("Monday to Friday 9 to 5", [("motuwethfr", "09:00", "17:00")], ""),
        ("월-토 08:00 - 20:30\n일 쉼", [("motuwethfrsa", "08:00", "20:30")], "일요일"),
        ("월 10:00~19:00 점심시간 13:00~14:00", [("mo", "10:00", "13:00"), ("mo", "14:00", "19:00")], ""),
        (
            "월~금 09:00-18:00 (점심 12:30-13:30), 토 09:00-13:00 점심시간 없이, 일요일 휴무",
            [("motuwethfr", "09:00", "12:30"), ("motuwethfr", "13:30", "18:00"), ("sa", "09:00", "13:00")],
            "일요일",
        ),
        (
            "매일 11:00-21:00, 평일 브레이크타임 15:00-17:00",
            [("sasu", "11:00", "21:00"), ("motuwethfr", "11:00", "15:00"), ("motuwethfr", "17:00", "21:00")],
            "",
        ),
        ("Fri 9am–6pm, lunch break 12pm–1pm", [("fr", "09:00", "12:00"), ("fr", "13:00", "18:00")], ""),
        ("매일 10:00-20:00, 화요일은 쉬는 날", [("mowethfrsasu", "10:00", "20:00")], "화요일"),
        ("수 10:00–19:00, 화요일은 볶는 날이라 쉽니다", [("we", "10:00", "19:00")], "화요일은 볶는 날이라 쉽니다"),
    ],
)  # fmt: skip
def test_hours_that_owners_write_are_understood(text: str, rows: list[tuple[str, str, str]], closed: str) -> None:
    assert _read(text) == (rows, closed)


@pytest.mark.parametrize(
    "text",
    [
        "전화 주세요",
        "매일 10:00–20:00, 라스트오더 19:30",
        "평일 10:00~12:00 점심시간 13:00~14:00",
        "점심시간 13:00~14:00",
        "매일 10:00-21:00, 점심 11:00-14:00",
        "99:99–88:88",
        "월–금",
        "월–금 10:00",
        "예약제",
        "해 뜰 때부터 해 질 때까지",
        "10,000원–20,000원",
    ],
)
def test_hours_that_say_more_than_days_and_times_are_not_guessed(text: str) -> None:
    assert read_hours(text).hours is None


@given(st.text(max_size=200))
def test_no_text_breaks_the_reading_of_hours(text: str) -> None:
    said = read_hours(text)
    assert said.hours is None or all(row.days for row in said.hours)


@given(st.sets(st.sampled_from(DAYS), min_size=1), st.sampled_from(["ko", "en"]))
def test_days_that_were_written_are_read_again(days: set[str], locale: str) -> None:
    ordered = [day for day in DAYS if day in days]
    assert read_days(written_days(ordered, locale)) == ordered  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("said", "months"),
    [
        ("11월–4월", [11, 12, 1, 2, 3, 4]),
        ("11~4월", [11, 12, 1, 2, 3, 4]),
        ("3월, 5월", [3, 5]),
        ("Nov–Feb", [11, 12, 1, 2]),
        ("연중", list(range(1, 13))),
        ([9, 10, 9], [9, 10]),
        (7, [7]),
        ("13월", None),
        ("가을", None),
        ([0, 1], None),
        (True, None),
        ([], None),
    ],
)
def test_months_are_read_from_words_and_lists(said: object, months: list[int] | None) -> None:
    assert read_months(said) == months
