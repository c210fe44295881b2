"""The agents without an LLM: what they say was given, whatever was given, and it gets shorter when it must."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from homepage_generator.agents.builtin import BuiltinAgents
from homepage_generator.agents.builtin.headline import LONGEST, set_in_lines
from homepage_generator.agents.builtin.words import _table
from homepage_generator.agents.port import DROP, RESTYLE, SHORTEN, Agents, Design, Fix, Plan
from homepage_generator.errors import EditUnclear
from homepage_generator.media import MediaStore
from homepage_generator.render import render
from homepage_generator.spec.brief import Brief
from homepage_generator.spec.patch import Patch, apply
from homepage_generator.spec.reading import read_commission
from homepage_generator.spec.site import SiteSpec
from homepage_generator.spec.types import THEMES, Trade, cleaned
from support.homepages_samples import ENGLISH, TRADES, brief, commission, picture

AGENTS: Agents = BuiltinAgents()
SAMPLES = (*TRADES, *ENGLISH)
LONG = "아주긴이름" * 12


@pytest.fixture
def media(tmp_path: Path) -> MediaStore:
    return MediaStore(tmp_path / "media")


async def _made(order: Brief, fixes: tuple[Fix, ...] = (), last: SiteSpec | None = None) -> SiteSpec:
    plan = await AGENTS.plan(order)
    return await AGENTS.develop(order, plan, await AGENTS.design(order, plan, fixes), fixes, last)


def _order(media: MediaStore, products: list[dict[str, Any]] | None = None, **facts: Any) -> Brief:
    given = {"business_info": {"name": "햇살과일", **facts}, "products": products or []}
    return read_commission(given, media)[0]


def _kinds(spec: SiteSpec) -> list[str]:
    return [section.kind for _, section in spec.sections()]


def _section(spec: SiteSpec, kind: str) -> Any:
    return next(section for _, section in spec.sections() if section.kind == kind)


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str() | int():
            yield str(value)
        case dict():
            for one in value.values():
                yield from _texts(one)
        case list():
            for one in value:
                yield from _texts(one)


@pytest.mark.parametrize("name", SAMPLES)
async def test_every_sample_becomes_a_page_that_can_be_shown(name: str, media: MediaStore, tmp_path: Path) -> None:
    spec = await _made(brief(name, media))
    assert SiteSpec.model_validate_json(spec.model_dump_json()) == spec
    rendered = render(spec, media, tmp_path / "out", url=f"https://shop.example/sites/{name}/")
    assert rendered.pages[0] == "index.html"
    hero = _section(spec, "hero")
    assert max(map(len, hero.headline)) <= LONGEST[spec.locale]
    assert len(hero.actions) == 2
    assert hero.lead
    assert hero.eyebrow


@pytest.mark.parametrize("name", SAMPLES)
async def test_no_figure_is_on_a_page_that_the_owner_did_not_give(name: str, media: MediaStore) -> None:
    given = commission(name)
    order = brief(name, media)
    spec = await _made(order)
    known = set(re.findall(r"\d+", " ".join(_texts(given["business_info"] | {"products": given["products"]}))))
    said = [*(section.model_dump() for _, section in spec.sections()), spec.seo.model_dump()]
    for one in said:
        shown = {key: value for key, value in one.items() if key not in ("id", "rows", "slots", "items", "pictures")}
        assert set(re.findall(r"\d+", " ".join(_texts(shown)))) <= known


@pytest.mark.parametrize("name", TRADES)
async def test_every_given_thing_is_on_the_page_once(name: str, media: MediaStore) -> None:
    order = brief(name, media)
    for pages in ("one", "several"):
        spec = await _made(order.model_copy(update={"pages": pages}))
        kinds = [kind for kind in _kinds(spec) if kind != "footer"]
        assert len(set(kinds)) == len(kinds)
        given = {
            "prices": order.products, "menu": order.menu, "season": order.seasons, "timetable": order.slots,
            "process": order.steps, "reviews": order.reviews, "faq": order.questions, "notice": order.announcements,
            "story": order.story, "location": True,
        }  # fmt: skip
        assert {kind for kind, held in given.items() if held} <= set(kinds)


async def test_each_trade_has_an_order_and_a_look_of_its_own(media: MediaStore) -> None:
    specs = {name: await _made(brief(name, media)) for name in TRADES}
    assert len({spec.look.theme for spec in specs.values()}) >= 6
    assert len({tuple(_kinds(spec))[:4] for spec in specs.values()}) >= 6


async def test_a_name_alone_makes_a_page_with_a_way_to_write(media: MediaStore) -> None:
    spec = await _made(_order(media))
    assert _kinds(spec) == ["hero", "contact", "footer"]
    assert _section(spec, "hero").headline == ["햇살과일"]
    assert [action.kind for action in _section(spec, "hero").actions] == ["contact"]


@pytest.mark.parametrize("pages", ["one", "several"])
async def test_three_hundred_products_are_all_there(media: MediaStore, pages: Literal["one", "several"]) -> None:
    products = [{"name": f"과일 {n}번", "price": 1000 + n} for n in range(300)]
    order = _order(media, products, trade="과일 가게", phone="02-199-0000").model_copy(update={"pages": pages})
    spec = await _made(order)
    assert [item.name for item in _section(spec, "prices").items] == [f"과일 {n}번" for n in range(300)]
    assert _section(spec, "prices").variant == "rows"


async def test_names_without_a_place_to_break_give_way_in_the_headline(media: MediaStore) -> None:
    spec = await _made(_order(media, name=LONG, trade="과일 가게"))
    assert _section(spec, "hero").headline == ["과일 가게"]
    assert spec.business.name == LONG


async def test_ten_thousand_letters_of_story_are_all_kept(media: MediaStore) -> None:
    story = "\n".join(f"{n}번째 문단이에요. " + "가나다라 " * 40 for n in range(48))
    spec = await _made(_order(media, tagline="오늘도 엽니다", leads={"hero": "짧게"}, description=story[:10_000]))
    assert len(_section(spec, "story").paragraphs) <= 12
    told = "".join("".join(_section(spec, "story").paragraphs).split())
    assert told == "".join(story[:10_000].split())


@pytest.mark.parametrize("name", SAMPLES)
async def test_each_sentence_of_the_owner_is_said_once(name: str, media: MediaStore) -> None:
    order = brief(name, media)
    spec = await _made(order)
    hero, story = _section(spec, "hero"), _section(spec, "story")
    told = _letters(" ".join([*hero.headline, hero.lead, *story.paragraphs]))
    for sentence in re.findall(r"[^.\n]+", order.story):
        assert told.count(_letters(sentence)) == 1
    assert _letters(order.business.tagline) in told


async def test_two_sentences_make_a_headline_and_a_lead_and_no_story(media: MediaStore) -> None:
    spec = await _made(
        _order(media, phone="02-199-0000", description="망원동에서 19년째예요. 새벽마다 1.5톤을 고릅니다.")
    )
    assert _section(spec, "hero").headline == ["망원동에서", "19년째예요"]
    assert _section(spec, "hero").lead == "새벽마다 1.5톤을 고릅니다."
    assert "story" not in _kinds(spec)


async def test_figures_keep_the_story_they_stand_below(media: MediaStore) -> None:
    facts = [{"label": "하루", "value": "6가지"}]
    spec = await _made(_order(media, phone="02-199-0000", description="망원동에서 19년째예요.", facts=facts))
    assert _section(spec, "hero").headline == ["햇살과일"]
    assert _section(spec, "story").paragraphs == ["망원동에서 19년째예요."]


def _letters(text: str) -> str:
    return "".join(one for one in text if one.isalnum())


async def test_one_long_word_of_a_story_is_parted(media: MediaStore) -> None:
    spec = await _made(_order(media, description="가" * 9000))
    assert sum(map(len, _section(spec, "story").paragraphs)) == 9000


async def test_products_without_background_lead_and_photos_are_not_shown_twice(media: MediaStore) -> None:
    cutout = {"name": "머그", "image": picture("products/16.jpg", "products/16_gt.png"), "picture": "cutout"}
    order = _order(media, [cutout], photos=[{"image": picture("products/24.jpg"), "caption": "가게"}])
    spec = await _made(order)
    assert _section(spec, "hero").variant == "cutout"
    assert _section(spec, "hero").pictures == [order.products[0].picture]
    assert [one.caption for one in _section(spec, "gallery").items] == ["가게"]


async def test_a_theme_is_what_its_owner_asks_for(media: MediaStore) -> None:
    for style, wishes, theme in (
        ("ledger", "", "ledger"),
        (None, "차분하고 여백 있게", "orchard"),
        (None, "", "market"),
    ):
        order = _order(media, trade="과일 가게").model_copy(update={"style": style, "wishes": wishes})
        assert (await _made(order)).look.theme == theme


async def test_a_look_that_fails_gives_way_to_the_next_variant_then_the_next_theme(media: MediaStore) -> None:
    order = brief("fruit", media)
    plan = await AGENTS.plan(order)
    fix = Fix(section="prices", problem="grid", fix=RESTYLE)
    looks = [await AGENTS.design(order, plan, [fix] * turns) for turns in range(4)]
    variants = [look.variants["prices"] for look in looks]
    assert len(set(variants[:3])) == 3
    assert variants[3] == variants[0]
    assert looks[3].theme == THEMES[(THEMES.index(looks[0].theme) + 1) % len(THEMES)]


async def test_a_section_that_does_not_fit_gets_shorter_each_time_and_can_be_dropped(media: MediaStore) -> None:
    order = brief("fruit", media)
    first = await _made(order)
    fix = Fix(section="hero", problem="h1_lines")
    second = await _made(order, (fix,), first)
    third = await _made(order, (fix,), second)
    lengths = [len(_section(spec, "hero").lead) for spec in (first, second, third)]
    assert lengths[0] > lengths[1] > lengths[2] == 0
    assert _section(second, "prices") == _section(first, "prices")
    without = await _made(order, (Fix(section="faq", problem="x", fix=DROP),), third)
    assert "faq" not in _kinds(without)
    assert "faq" not in _kinds(await _made(order, (), without))


async def test_what_a_person_wrote_is_not_shortened(media: MediaStore) -> None:
    order = brief("fruit", media)
    mine, _ = apply(await _made(order), "hero", Patch(fields={"lead": "제 말은 그대로 둬 주세요. " * 5}))
    made = await _made(order, (Fix(section="hero", problem="x", fix=SHORTEN),), mine)
    assert _section(made, "hero").lead == _section(mine, "hero").lead


async def test_an_owners_changes_stay_in_the_next_round(media: MediaStore) -> None:
    order = brief("fruit", media)
    mine, _ = apply(await _made(order), "location", Patch(fields={"phone": "02-199-9999"}))
    mine, _ = apply(mine, "story", Patch(move="down"))
    made = await _made(order, (), mine)
    assert made.business.phone == "02-199-9999"
    assert _kinds(made) == _kinds(mine)


NAMES = st.text(min_size=1, max_size=60).filter(lambda text: any(one.isalnum() for one in cleaned(text)))


@dataclass
class _Found:
    check: str
    section: str | None
    cause: str
    page: str = "index.html"
    width: int = 360
    problem_key: str = "overflow"
    evidence: str = "긴 글"


async def test_findings_become_one_fix_for_each_section_and_remedy(media: MediaStore) -> None:
    order = brief("fruit", media)
    spec = await _made(order)
    found = [
        _Found("overflow", "hero", "copy"), _Found("overflow", "hero", "copy", width=320),
        _Found("contrast", "hero", "look"),
        _Found("shift", None, "look"), _Found("console", None, "page"), _Found("overflow", "gone", "copy"),
    ]  # fmt: skip
    fixes = await AGENTS.review(order, spec, found, {})
    assert [(fix.section, fix.fix) for fix in fixes] == [
        ("hero", SHORTEN), ("hero", RESTYLE), ("", RESTYLE), ("", SHORTEN)
    ]  # fmt: skip


async def test_words_nobody_understands_change_nothing(media: MediaStore) -> None:
    with pytest.raises(EditUnclear):
        await AGENTS.edit(await _made(brief("fruit", media)), None, "음 글쎄요 뭔가 좀 그래요")


@pytest.mark.parametrize(
    ("sentence", "lines"),
    [
        ("오늘 새벽 고른 것만 내놓습니다", ["오늘 새벽", "고른 것만", "내놓습니다"]),
        ("한 반 여섯 명, 틀린 문제만 다시 풉니다", ["한 반 여섯 명,", "틀린 문제만", "다시 풉니다"]),
        ("화요일에 볶고 금요일에 가장 맛있어요.", ["화요일에 볶고", "금요일에", "가장 맛있어요"]),
        ("한 시간에 한 분만 봐요.", ["한 시간에", "한 분만 봐요"]),
        ("햇살과일", ["햇살과일"]),
        ("가" * 12, None),
        ("가나다라마바사 " * 40, None),
        ("", None),
    ],
)
def test_a_sentence_breaks_where_one_breathes(sentence: str, lines: list[str] | None) -> None:
    assert set_in_lines(sentence, "ko") == lines


def test_english_breaks_at_its_commas() -> None:
    lines = ["Eight seats,", "one grinder,", "no laptops"]
    assert set_in_lines("Eight seats, one grinder, no laptops", "en") == lines


def test_both_languages_know_the_same_words() -> None:
    assert _paths(_table("ko")) == _paths(_table("en"))


def _paths(table: dict[str, Any], before: str = "") -> set[str]:
    return {
        path
        for name, value in table.items()
        for path in (_paths(value, f"{before}{name}.") if isinstance(value, dict) else {before + name})
    }


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=NAMES,
    story=st.text(max_size=400),
    trade=st.sampled_from([*TRADES, "shop"]),
    dishes=st.lists(NAMES, max_size=5),
    pages=st.sampled_from(["one", "several"]),
)
async def test_whatever_is_given_makes_a_whole_spec(
    media: MediaStore, name: str, story: str, trade: Trade, dishes: list[str], pages: str
) -> None:
    given = {"business_info": {"name": name, "trade": trade, "description": story}, "pages": pages}
    order = read_commission(given | {"products": [{"name": dish} for dish in dishes]}, media)[0]
    spec = await _made(order)
    assert spec.business.name == order.business.name
    assert isinstance(await AGENTS.plan(order), Plan)
    assert isinstance(await AGENTS.design(order, await AGENTS.plan(order), []), Design)
