"""The style that suits is chosen from copy, trade, scene and wish; a refused one never is."""

from __future__ import annotations

import pytest

from nanococoa_aiserver.layout.select import REFUSED, Signals, best_three, mood_for, occasion_of, rank_styles
from nanococoa_aiserver.layout.styles.model import STYLES, load_style
from nanococoa_client.schemas import AdCopy

APPLES = AdCopy(headline="햇사과 왔다!", sub="한 입 베면 꿀이 뚝뚝", price="9,900원", shop="청송댁 과일가게")
CREAM = AdCopy(headline="촉촉함이 밤새 머무는 크림", sub="병풀 72% · 무향", price="24,000원", shop="오늘의피부")
MUG = AdCopy(headline="손으로 빚은 아침", sub="하나하나 색이 조금씩 다릅니다", shop="흙과손 공방")
GIFT = AdCopy(headline="귀한 마음을 담아 보냅니다", sub="추석 한과 선물세트 예약", price="45,000원", shop="연희한과")


def first(copy: AdCopy, prompt: str = "", **more: object) -> str:
    return rank_styles(Signals(copy=copy, prompt=prompt, **more))[0].style  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("prompt", "styles"),
    [
        ("고급스럽게", {"editorial", "cover"}),
        ("시끌벅적 전단지처럼", {"shout"}),
        ("미니멀하고 깔끔하게", {"catalog", "editorial"}),
        ("쿠폰 느낌", {"coupon"}),
        ("귀엽고 다정하게", {"friendly"}),
        ("잡지 표지처럼", {"cover"}),
        ("추석 분위기로 전통적으로", {"season"}),
        ("elegant and premium", {"editorial", "cover"}),
        ("loud flyer", {"shout"}),
        ("clean minimal", {"catalog", "editorial"}),
        ("cozy, friendly", {"friendly"}),
        ("화면을 나눠 주세요", {"split"}),
        ("사진이 크게 보이는 감성적인 느낌", {"lower", "shout"}),
    ],
)
def test_a_wish_in_words_decides(prompt: str, styles: set[str]) -> None:
    assert first(CREAM, prompt) in styles


@pytest.mark.parametrize("style", STYLES)
def test_a_style_named_in_the_prompt_wins(style: str) -> None:
    assert first(APPLES, f"{style} 스타일로") == style


def test_an_ad_without_price_or_discount_is_never_a_coupon_or_a_number() -> None:
    scores = {score.style: score.score for score in rank_styles(Signals(copy=MUG))}
    assert scores["coupon"] < REFUSED
    assert scores["number"] < REFUSED
    assert not {score.style for score in best_three(rank_styles(Signals(copy=MUG)))} & {"coupon", "number"}


def test_a_holiday_gift_gets_the_season() -> None:
    assert first(GIFT) == "season"
    assert occasion_of(Signals(copy=GIFT)) == "chuseok"


def test_a_big_discount_brings_the_number_forward() -> None:
    plain, sale = APPLES, APPLES.model_copy(update={"discount": "32%"})
    place = [[score.style for score in rank_styles(Signals(copy=copy))].index("number") for copy in (plain, sale)]
    assert place[1] < place[0]


def test_the_best_three_come_from_different_families() -> None:
    for copy in (APPLES, CREAM, MUG, GIFT):
        families = [load_style(score.style).family for score in best_three(rank_styles(Signals(copy=copy)))]
        assert len(families) == len(set(families)) == 3


def test_long_copy_goes_to_a_style_with_a_ground_of_its_own() -> None:
    long = CREAM.model_copy(update={"sub": "병풀 추출물을 담은 " * 12})
    assert first(long) in {"split", "catalog"}


def test_a_busy_scene_speaks_against_words_on_it() -> None:
    calm, busy = ({s.style: s.score for s in rank_styles(Signals(copy=CREAM, busy=b))} for b in (0.0, 20.0))
    assert busy["editorial"] < calm["editorial"]
    assert busy["split"] > calm["split"]


def test_the_mood_follows_the_trade_and_the_wish_overrules_it() -> None:
    assert mood_for(Signals(copy=CREAM), "normal") == "soft"
    assert mood_for(Signals(copy=CREAM, prompt="고급스럽게"), "normal") == "lux"
    assert mood_for(Signals(copy=AdCopy(headline="안녕")), "normal") == "normal"
