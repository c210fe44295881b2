"""Changes by hand and by agents: the named section alone, within its budgets, and whose words stay."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from homepage_generator.errors import InvalidField, NotFound
from homepage_generator.media import MediaStore
from homepage_generator.messages import LOCALES
from homepage_generator.spec.fields import SectionView, editable, sections_of
from homepage_generator.spec.patch import Patch, apply
from homepage_generator.spec.site import SiteSpec
from homepage_generator.spec.types import Locale
from support.homepages_specs import whole


@pytest.fixture
def spec(tmp_path: Path) -> SiteSpec:
    return SiteSpec.model_validate(whole(MediaStore(tmp_path)))


def _views(spec: SiteSpec) -> dict[str, SectionView]:
    return {view.id: view for view in sections_of(spec, "v1").sections}


def _id(spec: SiteSpec, kind: str) -> str:
    return next(section.id for _, section in spec.sections() if section.kind == kind)


def _section(spec: SiteSpec, kind: str) -> Any:
    return next(section for _, section in spec.sections() if section.kind == kind)


def _value(spec: SiteSpec, kind: str, name: str) -> str:
    return next(field.value for field in _views(spec)[_id(spec, kind)].fields if field.name == name)


def _patched(spec: SiteSpec, kind: str, **fields: str) -> SiteSpec:
    return apply(spec, _id(spec, kind), Patch(fields=fields))[0]


def test_every_section_tells_its_texts_in_both_languages(spec: SiteSpec) -> None:
    views = sections_of(spec, "v3")
    assert views.id == "v3"
    assert [view.id for view in views.sections] == [section.id for _, section in spec.sections()]
    for view in views.sections:
        assert view.fields
        assert view.title_ko != view.title_en
        assert all(field.title_ko and field.title_en and len(field.value) <= field.max_length for field in view.fields)


@pytest.mark.parametrize("locale", LOCALES)
def test_texts_put_back_as_they_were_say_the_same(spec: SiteSpec, locale: Locale) -> None:
    for _, section in spec.sections():
        for field in editable(section).values():
            model = spec.business if field.of_business else section
            data = model.model_dump()
            again = type(model).model_validate(data | field.put(field.get(data, locale), data, "fields.x"))
            assert field.get(again.model_dump(), locale) == field.get(data, locale), (section.kind, field.name)
            assert again == model or field.name == "text", (section.kind, field.name)


def test_nothing_but_the_named_section_changes(spec: SiteSpec) -> None:
    made = _patched(spec, "story", title="새 제목", text="한 문단.\n\n두 문단.")
    assert _section(made, "story").title == "새 제목"
    assert _section(made, "story").paragraphs == ["한 문단.", "두 문단."]
    others = [(a, b) for (_, a), (_, b) in zip(spec.sections(), made.sections(), strict=True) if a.kind != "story"]
    assert all(a == b for a, b in others)
    assert made.business == spec.business


def test_a_price_changes_in_its_line_and_pictures_stay_with_their_names(spec: SiteSpec) -> None:
    before = _section(spec, "prices").items
    text = _value(spec, "prices", "items")
    first, rest = text.split("\n", 1)
    parts = first.split(" | ")
    parts[1] = "11,000원"
    made = _patched(spec, "prices", items=f"{rest}\n{' | '.join(parts)}")
    items = _section(made, "prices").items
    assert items[-1].name == before[0].name
    assert items[-1].price == "11,000원"
    assert {item.name: item.picture for item in items} == {item.name: item.picture for item in before}


def test_an_item_is_sold_out_and_back_again(spec: SiteSpec) -> None:
    sold_out = _patched(spec, "prices", items="사과 | 39,900원 | 품절\n배 | 품절\n감 | 24,000원")
    assert [item.sold_out for item in _section(sold_out, "prices").items] == [True, True, False]
    assert [item.price for item in _section(sold_out, "prices").items] == ["39,900원", "", "24,000원"]
    again = _patched(sold_out, "prices", items=_value(sold_out, "prices", "items").replace(" | 품절", ""))
    assert not any(item.sold_out for item in _section(again, "prices").items)


def test_a_bar_within_a_text_is_kept_as_one(spec: SiteSpec) -> None:
    data = spec.model_dump()
    every = (one for page in data["pages"] for one in page["sections"])
    next(one for one in every if one["kind"] == "process")["steps"][0]["text"] = "a | b"
    made = SiteSpec.model_validate(data)
    text = _value(made, "process", "steps")
    again = _patched(made, "process", steps=f"{text}\n하나 더 | 마지막")
    assert _section(again, "process").steps[0].text == "a | b"


def test_paragraphs_past_the_twelfth_stand_together(spec: SiteSpec) -> None:
    made = _patched(spec, "story", text="\n\n".join(f"{n}번째." for n in range(14)))
    assert len(_section(made, "story").paragraphs) == 12
    assert _section(made, "story").paragraphs[-1] == "11번째.\n12번째.\n13번째."


def test_menu_groups_begin_with_their_name(spec: SiteSpec) -> None:
    made = _patched(spec, "menu", items="# 커피\n라테 | 5,000원 | 두유도 돼요\n\n# 차\n유자차 | 6,000원")
    groups = _section(made, "menu").groups
    told = [(group.name, [item.name for item in group.items]) for group in groups]
    assert told == [("커피", ["라테"]), ("차", ["유자차"])]


def test_facts_of_the_shop_change_where_they_are_shown(spec: SiteSpec) -> None:
    made = _patched(
        spec, "location", phone="02-199-0000", hours="평일 10:00–19:00\n일 쉼", address="서울 마포구 새길 1"
    )
    assert made.business.phone == "02-199-0000"
    assert [(row.days[0], row.opens) for row in made.business.hours] == [("mon", "10:00")]
    assert made.business.closed == "일요일"
    assert made.business.place.address == "서울 마포구 새길 1"
    assert made.business.place.landmark == spec.business.place.landmark


def test_hours_that_are_not_understood_stay_as_written(spec: SiteSpec) -> None:
    made = _patched(spec, "location", hours="해 뜰 때부터")
    assert (made.business.hours, made.business.hours_text) == ([], "해 뜰 때부터")
    assert _value(made, "location", "hours") == "해 뜰 때부터"


def test_a_new_name_reaches_what_search_engines_are_told(spec: SiteSpec) -> None:
    made = _patched(spec, "footer", name="달빛과일")
    assert made.business.name == "달빛과일"
    assert made.seo.title.startswith("달빛과일")


def test_an_agent_leaves_what_a_person_wrote(spec: SiteSpec) -> None:
    mine = _patched(spec, "hero", note="제 말이에요")
    made, changes = apply(mine, "hero", Patch(fields={"note": "다른 말", "lead": "새 설명"}), by="agent")
    assert _section(made, "hero").note == "제 말이에요"
    assert _section(made, "hero").lead == "새 설명"
    assert len(changes) == 1
    assert _section(made, "hero").written_by_hand == ["note"]


def test_an_agent_leaves_a_fact_that_a_person_changed_elsewhere(spec: SiteSpec) -> None:
    mine = _patched(spec, "footer", phone="02-199-0000")
    made, changes = apply(mine, _id(spec, "location"), Patch(fields={"phone": "02-111-1111"}), by="agent")
    assert made.business.phone == "02-199-0000"
    assert changes == []


def test_changes_are_told_in_the_readers_language(spec: SiteSpec) -> None:
    patch = Patch(fields={"title": "새 제목"}, hidden=True)
    before = _section(spec, "faq").title
    assert apply(spec, _id(spec, "faq"), patch)[1] == [
        f"자주 묻는 질문: 제목 ‘{before}’ → ‘새 제목’" if before else "자주 묻는 질문: 제목 바꿈",
        "자주 묻는 질문 숨김",
    ]
    assert apply(spec, _id(spec, "faq"), patch, locale="en")[1][-1] == "Questions and answers hidden"


def test_the_same_again_is_no_change(spec: SiteSpec) -> None:
    made, changes = apply(spec, "hero", Patch(fields={"lead": _value(spec, "hero", "lead")}, hidden=False))
    assert (made, changes) == (spec, [])


def test_sections_change_places_but_not_with_what_is_fixed(spec: SiteSpec) -> None:
    ids = [section.id for _, section in spec.sections()]
    down, _ = apply(spec, ids[1], Patch(move="down"))
    assert [section.id for _, section in down.sections()][1:3] == [ids[2], ids[1]]
    for section_id, move in ((ids[1], "up"), (ids[-2], "down")):
        with pytest.raises(InvalidField, match="move"):
            apply(spec, section_id, Patch.model_validate({"move": move}))


@pytest.mark.parametrize("kind", ["hero", "footer"])
@pytest.mark.parametrize("patch", [Patch(hidden=True), Patch(move="down")])
def test_what_a_page_cannot_be_without_stays(spec: SiteSpec, kind: str, patch: Patch) -> None:
    with pytest.raises(InvalidField) as refused:
        apply(spec, _id(spec, kind), patch)
    assert refused.value.details["reason"] == "fixed"


@pytest.mark.parametrize(
    ("kind", "fields", "reason"),
    [
        ("hero", {"headline": "가\n나\n다\n라"}, "too_many"),
        ("hero", {"headline": "가" * 25}, "too_long"),
        ("hero", {"headline": ""}, "too_few"),
        ("hero", {"colour": "red"}, "unknown"),
        ("hero", {"note": "가" * 33}, "too_long"),
        ("prices", {"items": ""}, "too_few"),
        ("prices", {"items": "사과 | 1 | 2 | 3 | 4 | 5 | 6"}, "row"),
        ("prices", {"items": "\n".join(f"사과{n} | 1원" for n in range(301))}, "too_many"),
        ("season", {"rows": "딸기 | 언젠가"}, "row"),
        ("timetable", {"slots": "월 | 아침에 | 반"}, "row"),
        ("story", {"text": ""}, "too_few"),
        ("process", {"steps": "하나 | 뿐"}, "too_few"),
        ("footer", {"name": ""}, "empty"),
        ("faq", {"items": "질문만"}, "empty"),
    ],
)
def test_a_patch_that_cannot_be_is_refused_by_its_field(
    spec: SiteSpec, kind: str, fields: dict[str, str], reason: str
) -> None:
    with pytest.raises(InvalidField) as refused:
        apply(spec, _id(spec, kind), Patch(fields=fields))
    assert refused.value.details["reason"] == reason
    assert refused.value.details["field"] == f"fields.{next(iter(fields))}"
    for locale in LOCALES:
        assert refused.value.message(locale)


def test_a_section_that_is_not_there_is_not_found(spec: SiteSpec) -> None:
    with pytest.raises(NotFound):
        apply(spec, "nowhere", Patch(hidden=True))


def test_markup_in_a_text_stays_text(spec: SiteSpec) -> None:
    made = _patched(spec, "hero", note="<b>&\u202e싸다</b>")
    assert _section(made, "hero").note == "<b>&싸다</b>"
