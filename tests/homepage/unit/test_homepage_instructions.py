"""Clear instructions are followed without an LLM, in both languages; anything else leaves the page as it is."""

from __future__ import annotations

import pytest

from homepage_generator.agents.instructions import understood
from homepage_generator.errors import EditUnclear, HomepageError
from homepage_generator.spec.business import Business
from homepage_generator.spec.patch import apply
from homepage_generator.spec.sections import (
    Faq,
    Footer,
    Hero,
    Location,
    Menu,
    MenuGroup,
    MenuItem,
    PriceItem,
    Prices,
    Question,
    Story,
)
from homepage_generator.spec.site import Look, Page, Seo, SiteSpec

PAGE = SiteSpec(
    business=Business(name="햇살과일", phone="02-199-1407"),
    look=Look(theme="market"),
    seo=Seo(title="햇살과일", description="과일"),
    pages=[
        Page(
            id="home",
            title="처음",
            sections=[
                Hero(id="hero", headline=["오늘 새벽", "고른 것만"], lead="고릅니다. 담습니다. 드립니다."),
                Prices(
                    id="prices",
                    title="오늘의 값",
                    items=[
                        PriceItem(name="대봉감", price="24,000원", unit="10개"),
                        PriceItem(name="부사 사과", price="39,000원", sold_out=True),
                    ],
                ),
                Menu(id="menu", groups=[MenuGroup(name="마실 것", items=[MenuItem(name="주스", price="5,000원")])]),
                Story(id="story", title="안 사는 법", paragraphs=["하나.", "둘.", "셋."]),
                Faq(id="faq", hidden=True, items=[Question(question="바꿔 주나요?", answer="네.")]),
                Location(id="location"),
                Footer(id="footer"),
            ],
        )
    ],
)


def after(instruction: str, section: str | None = None) -> SiteSpec:
    spec = PAGE
    for name, patch in understood(PAGE, section, instruction):
        spec, _ = apply(spec, name, patch)
    return spec


def section(spec: SiteSpec, name: str) -> object:
    return next(one for _, one in spec.sections() if one.id == name)


def order(spec: SiteSpec) -> list[str]:
    return [one.id for _, one in spec.sections()]


@pytest.mark.parametrize(
    "instruction",
    [
        "전화번호를 02-123-4567로 바꿔 주세요",
        "전화를 02-123-4567로 고쳐줘",
        "연락처는 02-123-4567으로 변경해 주세요.",
        "change the phone number to 02-123-4567",
        "Please set the phone to 02-123-4567",
    ],
)
def test_a_phone_number_is_changed_wherever_it_stands(instruction: str) -> None:
    assert after(instruction) == PAGE.model_copy(
        update={
            "business": PAGE.business.model_copy(update={"phone": "02-123-4567"}),
            "pages": after(instruction).pages,
        }
    )
    assert after(instruction).business.phone == "02-123-4567"


@pytest.mark.parametrize(
    "instruction",
    [
        "대봉감 가격을 22,000원으로 내려 주세요",
        "대봉감을 22,000원으로 바꿔 줘",
        "change the price of 대봉감 to 22,000원",
    ],
)
def test_one_price_is_changed_and_no_other(instruction: str) -> None:
    prices = section(after(instruction), "prices")
    assert isinstance(prices, Prices)
    assert [(item.name, item.price, item.unit) for item in prices.items] == [
        ("대봉감", "22,000원", "10개"), ("부사 사과", "39,000원", "")
    ]  # fmt: skip


def test_several_changes_of_one_list_are_all_made() -> None:
    spec = after("대봉감 가격을 22,000원으로 바꿔 주세요. 대봉감은 품절이에요. 부사 사과는 다시 팔아요")
    prices = section(spec, "prices")
    assert isinstance(prices, Prices)
    assert [(item.price, item.sold_out) for item in prices.items] == [("22,000원", True), ("39,000원", False)]


def test_a_menu_item_has_its_price_changed_in_its_group() -> None:
    menu = section(after("주스 값을 5,500원으로 올려 주세요"), "menu")
    assert isinstance(menu, Menu)
    assert [(group.name, group.items[0].price) for group in menu.groups] == [("마실 것", "5,500원")]


@pytest.mark.parametrize(
    ("instruction", "hidden"),
    [
        ("가게 이야기를 숨겨 주세요", {"story": True}),
        ("‘안 사는 법’ 칸을 빼 주세요", {"story": True}),
        ("hide the story", {"story": True}),
        ("자주 묻는 질문을 다시 보여 주세요", {"faq": False}),
        ("show the FAQ", {"faq": False}),
    ],
)
def test_a_section_is_hidden_and_shown(instruction: str, hidden: dict[str, bool]) -> None:
    before = {one.id: one.hidden for _, one in PAGE.sections()}
    assert {one.id: one.hidden for _, one in after(instruction).sections()} == before | hidden


def test_a_section_is_moved_by_one_or_all_the_way() -> None:
    assert order(after("가게 이야기를 위로 올려 주세요"))[:4] == ["hero", "prices", "story", "menu"]
    assert order(after("오시는 길을 맨 위로 올려 주세요"))[:3] == ["hero", "location", "prices"]
    assert order(after("move the menu to the bottom"))[-2:] == ["menu", "footer"]


def test_a_heading_is_changed_of_the_section_named_or_pointed_at() -> None:
    for spec in (
        after("가격표 제목을 ‘이번 주 값’으로 바꿔 주세요"),
        after("제목을 이번 주 값으로 바꿔 주세요", "prices"),
    ):
        prices = section(spec, "prices")
        assert isinstance(prices, Prices)
        assert prices.title == "이번 주 값"


def test_words_in_quotes_are_replaced_where_they_stand() -> None:
    hero = section(after("‘고른 것만’을 ‘담은 것만’으로 바꿔 주세요"), "hero")
    assert isinstance(hero, Hero)
    assert hero.headline == ["오늘 새벽", "담은 것만"]


def test_shortening_takes_the_later_half() -> None:
    story, hero = section(after("이야기를 짧게 줄여 주세요"), "story"), section(after("줄여 주세요", "hero"), "hero")
    assert isinstance(story, Story)
    assert isinstance(hero, Hero)
    assert story.paragraphs == ["하나.", "둘."]
    assert hero.lead == "고릅니다. 담습니다."


@pytest.mark.parametrize(
    "instruction",
    [
        "",
        "더 멋지게",
        "make it pop",
        "망고 가격을 3,000원으로 바꿔 주세요",
        "후기를 숨겨 주세요",
        "사업자 정보를 숨겨 주세요",
        "첫 화면을 아래로 내려 주세요",
        "가격을 내려 주세요",
        "제목을 바꿔 주세요",
        "전화번호를 02-123-4567로 바꿔 주세요. 그리고 좀 더 따뜻한 느낌으로요",
        "<script>alert(1)</script>",
        "가" * 2000,
    ],
)
def test_what_is_not_clear_is_refused_whole(instruction: str) -> None:
    with pytest.raises(EditUnclear):
        understood(PAGE, None, instruction)


def test_a_value_that_does_not_fit_is_refused_by_its_name() -> None:
    with pytest.raises(HomepageError, match="30"):
        understood(PAGE, None, f"전화번호를 {'1' * 40}로 바꿔 주세요")
