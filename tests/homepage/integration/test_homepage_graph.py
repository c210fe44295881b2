"""Where a version goes after it was looked at: mended, asked about, published, given up. On both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from homepage_generator.agents.port import Fix
from homepage_generator.errors import DatabaseGone, EditUnclear, GateFailed
from homepage_generator.gate import Finding
from homepage_generator.graph import Making
from homepage_generator.media import MediaStore
from homepage_generator.spec.brief import Brief
from homepage_generator.spec.patch import Patch
from homepage_generator.spec.site import SiteSpec
from homepage_generator.spec.work import Approval, EditAsked, Outcome, Progress, Work
from support.homepages_desk import URL, Desk, Recorded, followed, making
from support.homepages_samples import brief as sample
from support.postgres import Postgres


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Brief:
    return sample("fruit", MediaStore(tmp_path_factory.mktemp("media")))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue("postgres_url")) if request.param == "postgres" else ""


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def agents() -> Recorded:
    return Recorded()


@pytest.fixture
def maker(tmp_path: Path, url: str, desk: Desk, agents: Recorded) -> Making:
    return making(tmp_path, url, desk, agents)


@pytest.fixture
def work(tmp_path: Path, shop: Brief) -> Work:
    return Work("job1", "make", "ko", URL, tmp_path / "jobs" / "job1", brief=shop)


def wrong(check: str, section: str | None) -> Finding:
    return Finding(check=check, page="index.html", width=320, section=section, evidence="…")


def section_ids(spec: SiteSpec) -> list[str]:
    return [section.id for _, section in spec.sections()]


async def outcome(maker: Making, work: Work) -> Outcome:
    done = (await followed(maker, work))[-1].outcome
    assert done is not None
    return done


async def test_a_page_that_passes_goes_straight_through(maker: Making, work: Work, agents: Recorded) -> None:
    told = await followed(maker, work)
    steps = [progress.step for progress in told]
    assert steps == ["plan", "design", "write", "build", "inspect", "look", "keep", "keep"]
    assert [one.percent for one in told] == sorted(one.percent for one in told)
    assert told[5].screenshots["index-360.webp"].width == 360
    done = told[-1].outcome
    assert done is not None
    assert (done.folder / "index.html").exists()
    assert done.report["passed"]
    assert done.changes == ["홈페이지를 새로 만들었어요."]
    assert agents.asked == ["plan", "design", "develop", "review"]


async def test_a_job_that_has_ended_tells_its_outcome_again_and_forgets_when_told(
    maker: Making, work: Work, agents: Recorded
) -> None:
    first = await outcome(maker, work)
    assert await outcome(maker, work) == first
    assert agents.asked.count("plan") == 1
    await maker.forget(work.job_id)
    await outcome(maker, work)
    assert agents.asked.count("plan") == 2


async def test_long_copy_goes_back_to_the_developer_alone(
    maker: Making, work: Work, desk: Desk, agents: Recorded
) -> None:
    desk.finds = lambda _: [wrong("overflow", "prices")] if len(desk.specs) == 1 else []
    await outcome(maker, work)
    assert agents.asked == ["plan", "design", "develop", "review", "develop", "review"]
    assert len(desk.specs[1].model_dump_json()) < len(desk.specs[0].model_dump_json())


async def test_a_look_that_fails_goes_back_to_the_designer_and_changes_nothing_else(
    maker: Making, work: Work, desk: Desk, agents: Recorded
) -> None:
    desk.finds = lambda _: [wrong("contrast", "story")] if len(desk.specs) == 1 else []
    await outcome(maker, work)
    assert agents.asked == ["plan", "design", "develop", "review", "design", "develop", "review"]
    first, second = desk.specs
    changed = [now.id for (_, was), (_, now) in zip(first.sections(), second.sections(), strict=True) if was != now]
    assert changed == ["story"]
    assert first.look == second.look


async def test_a_section_that_cannot_be_mended_is_left_out_and_the_owner_told(
    maker: Making, work: Work, desk: Desk
) -> None:
    desk.finds = lambda spec: [wrong("contrast", "season")] if "season" in section_ids(spec) else []
    done = await outcome(maker, work)
    assert len(desk.specs) == 3
    assert "season" not in section_ids(done.spec)
    assert "section_dropped:season" in done.warnings


async def test_after_three_rounds_a_page_that_fails_is_given_up_with_the_best_ones_findings(
    maker: Making, work: Work, desk: Desk
) -> None:
    rounds = [[wrong("overflow", "hero")] * 3, [wrong("contrast", "hero")], [wrong("overflow", "hero")] * 2]
    desk.finds = lambda _: rounds[len(desk.specs) - 1]
    with pytest.raises(GateFailed) as failed:
        await followed(maker, work)
    assert len(desk.specs) == 3
    assert [one["check"] for one in failed.value.details["findings"]] == ["contrast"]
    assert "대비" in failed.value.details["findings"][0]["text"]


async def test_a_wish_beyond_the_gate_that_makes_it_worse_is_taken_back(
    maker: Making, work: Work, desk: Desk, agents: Recorded
) -> None:
    agents.wanted = [[Fix(section="hero", problem="밋밋해요", fix="더 또렷하게")]]
    desk.finds = lambda _: [] if len(desk.specs) == 1 else [wrong("overflow", "hero")]
    done = await outcome(maker, work)
    assert done.report["passed"]
    assert done.folder.name == "1"
    assert sorted(path.name for path in work.folder.iterdir()) == ["1", "shots"]


async def test_a_reviewer_that_is_never_content_is_heard_three_rounds(
    maker: Making, work: Work, desk: Desk, agents: Recorded
) -> None:
    agents.wanted = [[Fix(section="hero", problem="밋밋해요", fix="더 또렷하게")] for _ in range(9)]
    done = await outcome(maker, work)
    assert len(desk.specs) == 3
    assert done.folder.name == "3"


async def test_a_page_waits_for_its_owner_and_is_published_on_a_yes(maker: Making, work: Work) -> None:
    work = replace(work, approve=True)
    for _ in range(2):  # asked again, it waits again
        last = (await followed(maker, work))[-1]
        assert last.awaits_approval
        assert last.outcome is None
    done = await outcome(maker, replace(work, answer=Approval(True, number=1)))
    assert done.report["passed"]


async def test_a_no_with_words_changes_the_page_and_asks_again(maker: Making, work: Work, desk: Desk) -> None:
    work = replace(work, approve=True)
    await followed(maker, work)
    said = replace(work, answer=Approval(False, "전화번호를 02-123-4567로 바꿔 주세요", 1))
    assert (await followed(maker, said))[-1].awaits_approval
    assert desk.specs[-1].business.phone == "02-123-4567"
    built = len(desk.specs)
    assert (await followed(maker, said))[-1].awaits_approval, "an answer is heard once"
    assert len(desk.specs) == built
    done = await outcome(maker, replace(work, answer=Approval(True, number=2)))
    assert done.spec.business.phone == "02-123-4567"
    assert len(done.changes) == 2


async def test_words_before_approval_that_nobody_understands_bring_the_question_back(maker: Making, work: Work) -> None:
    work = replace(work, approve=True)
    await followed(maker, work)
    assert (await followed(maker, replace(work, answer=Approval(False, "음…", 1))))[-1].awaits_approval
    done = await outcome(maker, replace(work, answer=Approval(True, number=2)))
    assert "edit_unclear" in done.warnings


async def collected(running: AsyncIterator[Progress]) -> list[Progress]:
    return [progress async for progress in running]


async def made(maker: Making, work: Work) -> SiteSpec:
    return (await outcome(maker, work)).spec


def edited(work: Work, base: SiteSpec, edit: EditAsked) -> Work:
    return Work("job2", "edit", "ko", URL, work.folder.parent / "job2", base=base, edit=edit)


async def test_a_patch_changes_its_section_and_says_what(maker: Making, work: Work) -> None:
    base = await made(maker, work)
    done = await outcome(maker, edited(work, base, EditAsked("story", patch={"fields": {"title": "우리 이야기"}})))
    changed = [now for (_, was), (_, now) in zip(base.sections(), done.spec.sections(), strict=True) if was != now]
    assert [(one.id, one.title, one.written_by_hand) for one in changed] == [("story", "우리 이야기", ["title"])]
    assert len(done.changes) == 1


async def test_an_edit_that_fails_the_gate_says_what_stood_in_the_way(maker: Making, work: Work, desk: Desk) -> None:
    base = await made(maker, work)
    desk.finds = lambda _: [wrong("h1_lines", "hero")]
    with pytest.raises(GateFailed) as failed:
        await followed(maker, edited(work, base, EditAsked("hero", patch={"fields": {"headline": "가나다"}})))
    assert failed.value.details["findings"][0]["section"] == "hero"


async def test_an_instruction_nobody_understands_leaves_the_page_as_it_is(
    maker: Making, work: Work, desk: Desk
) -> None:
    base = await made(maker, work)
    built = len(desk.specs)
    with pytest.raises(EditUnclear):
        await followed(maker, edited(work, base, EditAsked(instruction="더 멋지게")))
    assert len(desk.specs) == built


async def test_an_agent_never_overwrites_what_a_person_wrote(maker: Making, work: Work, agents: Recorded) -> None:
    base = await made(maker, work)
    by_hand = await outcome(maker, edited(work, base, EditAsked("story", patch={"fields": {"title": "내 제목"}})))
    agents.patches = [("story", Patch(fields={"title": "AI의 제목", "lead": "골라서 내놓습니다."}))]
    again = replace(edited(work, by_hand.spec, EditAsked(instruction="더 따뜻하게")), job_id="job3")
    story = next(section for _, section in (await outcome(maker, again)).spec.sections() if section.id == "story")
    assert (story.title, story.lead) == ("내 제목", "골라서 내놓습니다.")


async def test_stopping_ends_the_work_at_once_and_going_on_begins_at_the_node(
    maker: Making, work: Work, agents: Recorded
) -> None:
    running = maker.run(work)
    async for progress in running:
        if progress.step == "write":
            break
    await running.aclose()  # type: ignore[attr-defined]
    await outcome(maker, work)
    assert agents.asked.count("plan") == agents.asked.count("design") == 1


@pytest.mark.postgres
async def test_a_database_that_is_away_is_said_to_be_and_the_job_goes_on_when_it_is_back(
    tmp_path: Path, work: Work, desk: Desk, agents: Recorded, own_postgres: Postgres
) -> None:
    maker = making(tmp_path, own_postgres.create_database("jobs"), desk, agents)
    running = maker.run(work)
    while (await anext(running)).step != "design":
        pass
    own_postgres.stop()
    with pytest.raises(DatabaseGone):
        await collected(running)
    own_postgres.start()
    await outcome(maker, work)
    assert agents.asked.count("plan") == 1
