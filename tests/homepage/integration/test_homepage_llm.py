"""An LLM over real HTTP chooses and words a page; what it can't do, or makes up, never reaches it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from homepage_generator.agents.builtin import BuiltinAgents
from homepage_generator.agents.ledger import Ledger
from homepage_generator.agents.llm import Asker, LlmAgents
from homepage_generator.agents.port import SHORTEN, Fix, Plan
from homepage_generator.errors import EditUnclear, LlmFailed
from homepage_generator.media import MediaStore
from homepage_generator.spec.brief import Brief
from homepage_generator.spec.site import SiteSpec
from support.homepages_llm import LIES, Fault, HomepageLlm, homepage_llm
from support.homepages_samples import brief as sample


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Brief:
    return sample("fruit", MediaStore(tmp_path_factory.mktemp("media")))


@pytest.fixture
def llm() -> Iterator[HomepageLlm]:
    with homepage_llm() as opened:
        yield opened


Make = Callable[..., LlmAgents]


@pytest.fixture
def ledger() -> Ledger:
    return Ledger(tokens=60_000)


@pytest.fixture
def make(llm: HomepageLlm, ledger: Ledger) -> Make:
    def agents(seconds: float = 20, sees: bool = True, base_url: str | None = None) -> LlmAgents:
        asker = Asker(model="gpt-5-mini", base_url=base_url or llm.url, api_key="local", seconds=seconds)
        return LlmAgents(asker, BuiltinAgents(), ledger, sees=sees)

    return agents


async def whole(agents: LlmAgents | BuiltinAgents, shop: Brief) -> SiteSpec:
    plan = await agents.plan(shop)
    design = await agents.design(shop, plan, [])
    return await agents.develop(shop, plan, design, [], None)


async def test_a_model_chooses_variants_and_words_the_hero(
    llm: HomepageLlm, make: Make, shop: Brief, ledger: Ledger
) -> None:
    spec = await whole(make(), shop)
    assert llm.kinds == ["PlanSaid", "DesignSaid", "CopySaid"]
    hero = spec.pages[0].sections[0]
    assert hero.lead == shop.story.split(". ")[0].split("\n")[0] + "."
    assert ledger.tokens == 60_000 - 3 * 500
    assert ledger.warnings == []


async def test_a_plan_takes_the_order_asked_for_and_loses_nothing(llm: HomepageLlm, make: Make, shop: Brief) -> None:
    llm.answers["PlanSaid"] = lambda told: {
        "pages": [{"page": "home", "sections": ["made-up", *told["pages"][0]["sections"][::-1][:3]]}], "tone": ""
    }  # fmt: skip
    own, plan = await BuiltinAgents().plan(shop), await make().plan(shop)

    def ids(one: Plan) -> list[str]:
        return [section.id for section in one.pages[0].sections]

    assert sorted(ids(plan)) == sorted(ids(own))
    assert ids(plan) != ids(own)
    assert (plan.pages[0].sections[0].kind, plan.pages[0].sections[-1].kind) == ("hero", "footer")
    assert ids(plan)[1:3] == ids(own)[::-1][1:3]


@pytest.mark.parametrize(
    ("refuses", "asked_by"),
    [
        (["json_schema"], "tools"),
        (["json_schema", "tools"], "json_object"),
        (["json_schema", "tools", "json_object"], "text"),
    ],
)
async def test_an_endpoint_is_asked_in_the_best_way_it_knows_and_remembered(
    llm: HomepageLlm, make: Make, shop: Brief, ledger: Ledger, refuses: list[Any], asked_by: str
) -> None:
    llm.refuses = set(refuses)
    agents = make()
    await whole(agents, shop)
    last = llm.asked[-1]
    assert ("tools" if last.get("tools") else (last.get("response_format") or {"type": "text"})["type"]) == asked_by
    assert llm.kinds == ["PlanSaid", "DesignSaid", "CopySaid"]
    assert len(llm.asked) == 3 + len(refuses)
    assert ledger.warnings == []


@pytest.mark.parametrize("fault", ["garbage", "html", "cut", "empty", "wrong shape", "429", "500"])
async def test_one_bad_answer_is_asked_for_again(
    llm: HomepageLlm, make: Make, shop: Brief, ledger: Ledger, fault: Fault
) -> None:
    llm.faults = [fault]
    await make().plan(shop)
    assert llm.kinds == ["PlanSaid", "PlanSaid"]
    assert not ledger.gave_up


@pytest.mark.parametrize(
    "fault",
    ["garbage", "html", "cut", "empty", "wrong shape", "429", "429 long", "500", "401", "refusal", "silence", "drip"],
)
async def test_a_model_that_stays_useless_costs_one_step_and_the_page_is_made_without_it(
    llm: HomepageLlm, make: Make, shop: Brief, ledger: Ledger, fault: Fault
) -> None:
    llm.always = fault
    spec = await whole(make(seconds=2 if fault in ("silence", "drip") else 20), shop)
    assert spec == await whole(BuiltinAgents(), shop)
    assert set(llm.kinds) == {"PlanSaid"}
    assert len(llm.kinds) <= 3
    assert ledger.gave_up
    assert ledger.warnings == ["llm_failed"]


async def test_an_endpoint_that_is_not_there_costs_one_step(make: Make, shop: Brief, ledger: Ledger) -> None:
    spec = await whole(make(base_url="http://127.0.0.1:9/v1"), shop)
    assert spec == await whole(BuiltinAgents(), shop)
    assert ledger.warnings == ["llm_failed"]


async def test_tokens_are_a_budget_of_the_job(llm: HomepageLlm, make: Make, shop: Brief, ledger: Ledger) -> None:
    ledger.tokens = 900
    await whole(make(), shop)
    assert llm.kinds == ["PlanSaid", "DesignSaid"]
    assert ledger.warnings == ["llm_budget", "llm_failed"]


async def test_nothing_a_model_makes_up_is_printed(llm: HomepageLlm, make: Make, shop: Brief, ledger: Ledger) -> None:
    llm.lies = True
    spec = await whole(make(), shop)
    printed = spec.model_dump_json()
    for lie in ("9,900", "30년", "최고", "유명", "<script", "무료", "인생", "1923"):
        assert lie not in printed, lie
    own = await whole(BuiltinAgents(), shop)
    assert [section.title for _, section in spec.sections()] == [section.title for _, section in own.sections()]
    assert ledger.warnings == ["llm_words"]
    assert set(LIES) == {"lead", "title", "headline", "note", "eyebrow", "paragraphs"}


async def test_words_that_do_not_fit_are_left_out_alone(llm: HomepageLlm, make: Make, shop: Brief) -> None:
    words = dict.fromkeys(LIES) | {"section": "hero", "headline": ["가" * 40], "lead": "골라서 내놓습니다."}
    llm.answers["CopySaid"] = lambda _: {"seo_title": "나" * 200, "seo_description": None, "sections": [words]}
    spec, own = await whole(make(), shop), await whole(BuiltinAgents(), shop)
    hero, plain = spec.pages[0].sections[0], own.pages[0].sections[0]
    assert hero.kind == plain.kind == "hero"
    assert (hero.headline, hero.lead) == (plain.headline, "골라서 내놓습니다.")
    assert spec.seo == own.seo


async def test_a_reviewer_that_sees_gets_pictures_and_names_fixes_for_sections_that_are_there(
    llm: HomepageLlm, make: Make, shop: Brief, tmp_path: Path
) -> None:
    spec = await whole(make(), shop)
    Image.new("RGB", (360, 4000), "#fff6e3").save(tmp_path / "index-360.webp")
    llm.critic = [
        {"section": "hero", "kind": "copy", "problem": "제목이 아무 말도 안 해요", "fix": "파는 것을 말하세요"},
        {"section": "hero", "kind": "layout", "problem": "사진이 잘려요", "fix": "다른 모양"},
        {"section": "made-up", "kind": "copy", "problem": "x", "fix": "y"},
    ]
    fixes = await make().review(shop, spec, [], {"index-360": tmp_path / "index-360.webp"})
    assert [(fix.section, fix.fix) for fix in fixes] == [("hero", "파는 것을 말하세요"), ("hero", "restyle")]
    picture = llm.asked[-1]["messages"][-1]["content"][1]["image_url"]["url"]
    assert picture.startswith("data:image/jpeg;base64,")


async def test_a_model_that_cannot_see_reviews_nothing_and_goes_on_writing(
    llm: HomepageLlm, make: Make, shop: Brief, ledger: Ledger, tmp_path: Path
) -> None:
    agents = make()
    spec = await whole(agents, shop)
    Image.new("RGB", (36, 64)).save(tmp_path / "index-360.webp")
    llm.always = "401"
    assert await agents.review(shop, spec, [], {"index-360": tmp_path / "index-360.webp"}) == []
    assert not ledger.gave_up


async def test_only_named_sections_are_worded_anew(llm: HomepageLlm, make: Make, shop: Brief) -> None:
    agents = make()
    plan = await agents.plan(shop)
    design = await agents.design(shop, plan, [])
    first = await agents.develop(shop, plan, design, [], None)

    def eager(told: dict[str, Any]) -> dict[str, Any]:
        words = [dict.fromkeys(LIES) | {"section": now["id"], "lead": "골라서 내놓습니다."} for now in told["now"]]
        return {"seo_title": None, "seo_description": None, "sections": words}

    llm.answers["CopySaid"] = eager
    fixes = [Fix(section="hero", problem="밋밋해요", fix="더 또렷하게")]
    second = await agents.develop(shop, plan, design, fixes, first)
    changed = [now.id for (_, was), (_, now) in zip(first.sections(), second.sections(), strict=True) if was != now]
    assert changed == ["hero"]
    asked = len(llm.asked)
    await agents.develop(shop, plan, design, [Fix(section="hero", problem="overflow", fix=SHORTEN)], first)
    assert len(llm.asked) == asked, "what the gate found is mended without a model"


def patch(section: str, **fields: str) -> dict[str, Any]:
    said = [{"name": name, "value": value} for name, value in fields.items()]
    return {"section": section, "fields": said, "hidden": None, "move": None}


async def test_an_edit_changes_what_was_asked_and_adds_no_facts(llm: HomepageLlm, make: Make, shop: Brief) -> None:
    agents = make()
    spec = await whole(agents, shop)
    made_up = [patch("prices", title="30년 전통의 값"), patch("nowhere", title="x")]
    llm.answers["EditSaid"] = lambda _: {"patches": [patch("hero", lead="골라서 내놓습니다."), *made_up]}
    patches = await agents.edit(spec, None, "첫 화면을 담백하게")
    assert [(section, one.fields) for section, one in patches] == [("hero", {"lead": "골라서 내놓습니다."})]
    llm.answers["EditSaid"] = lambda _: {"patches": [patch("prices", title="30년 단골의 값")]}
    assert await agents.edit(spec, None, "가격표 제목에 30년 단골이라고 넣어 줘"), "the owner said so"


async def test_an_edit_of_one_section_touches_no_other(llm: HomepageLlm, make: Make, shop: Brief) -> None:
    agents = make()
    spec = await whole(agents, shop)
    llm.answers["EditSaid"] = lambda _: {"patches": [patch("prices", title="오늘 값")]}
    with pytest.raises(EditUnclear):
        await agents.edit(spec, "hero", "더 담백하게")


async def test_an_edit_that_no_model_answers_is_a_clear_error(llm: HomepageLlm, make: Make, shop: Brief) -> None:
    spec = await whole(BuiltinAgents(), shop)
    llm.always = "500"
    with pytest.raises(LlmFailed):
        await make().edit(spec, None, "더 따뜻하게")
