"""Jobs: taken in once, worked on one at a time per site, stopped, taken over, ended whole."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from homepage_generator.database import Database
from homepage_generator.errors import GateFailed, JobNotFound, JobNotResumable, QueueFull
from homepage_generator.jobs.models import Job, NewJob
from homepage_generator.jobs.repository import MOST_ATTEMPTS, Jobs
from homepage_generator.jobs.requests import editing, making
from homepage_generator.jobs.runner import Runner
from homepage_generator.jobs.service import JobService
from homepage_generator.jobs.tables import jobs as rows
from homepage_generator.publish.folders import Folders
from homepage_generator.publish.messages import MessageStore
from homepage_generator.publish.sites import SiteStore
from homepage_generator.spec.work import Approval, EditAsked
from support.homepages_maker import HeldMaker, brief, failing
from support.waiting import until


@pytest.fixture
def database(tmp_path: Path, jobs_url: str) -> Iterator[Database]:
    found = Database(jobs_url or f"sqlite:///{tmp_path / 'homepages.db'}")
    yield found
    found.close()


class Shop:
    """Jobs, sites and a worker that can be started, and killed."""

    def __init__(self, folder: Path, database: Database, maker: HeldMaker) -> None:
        self.jobs, self.maker = Jobs(database, limit=20), maker
        self.sites = SiteStore(database, Folders(folder / "sites"))
        self.folder, self._messages = folder / "jobs", MessageStore(database)
        self.runner = self.new_runner()
        self.service = JobService(self.jobs, self.folder, 2, self.runner.ring, self.runner.cut_short)

    def new_runner(self, lease: float = 5) -> Runner:
        address = "http://shop.example/sites/{}/".format
        return Runner(self.jobs, self.sites, self.maker, self.folder, address, self._messages, lease=lease)

    def ask(self, name: str = "햇살과일", *, publish: bool = True, approve: bool = False) -> Job:
        request = making(brief(name), ["some_warning"], publish=publish, approve=approve)
        return self.service.submit(NewJob("make", request, "ko"))

    def edit(self, slug: str, base: str, words: str) -> Job:
        return self.service.submit(
            NewJob("edit", editing(base, EditAsked(instruction=words), publish=False), "ko", slug)
        )

    async def until(self, job: Job, *wanted: str) -> Job:
        found: Job = await self.when(lambda: (found := self.service.status(job.id)).status in wanted and found)
        return found

    async def when(self, ask: Callable[[], Any], seconds: float = 180) -> Any:
        return await asyncio.to_thread(until, ask, seconds)


@pytest.fixture
async def shop(tmp_path: Path, database: Database) -> Shop:
    return Shop(tmp_path, database, HeldMaker())


@asynccontextmanager
async def working(run: Callable[[], Awaitable[None]]) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.ensure_future(run())
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_a_job_becomes_a_published_version_and_tells_of_itself_on_the_way(shop: Shop) -> None:
    shop.maker.hold.clear()
    async with working(shop.runner.run):
        job = shop.ask()
        await shop.when(lambda: shop.service.status(job.id).step == "write")
        told = shop.service.status(job.id)
        assert (told.status, told.agent, told.percent) == ("running", "developer", 40)
        assert told.eta is not None
        assert shop.service.screenshot(job.id, "phone-1.png").is_file()
        shop.maker.hold.set()
        done = await shop.until(job, "completed")
        await shop.when(lambda: shop.maker.forgotten == [job.id])
    assert done.result == {"slug": "haetsalgwail", "version": "v1", "published": True}
    assert (done.percent, done.warnings) == (100, ["some_warning"])
    assert "햇살과일" in shop.sites.live_file("haetsalgwail", "").read_text("utf-8")
    assert shop.maker.works[0].url == "http://shop.example/sites/haetsalgwail/"


async def test_a_version_to_look_at_is_not_published(shop: Shop) -> None:
    async with working(shop.runner.run):
        await shop.until(shop.ask(publish=False), "completed")
    assert shop.sites.site("haetsalgwail").published is None


async def test_two_jobs_for_one_name_become_two_sites(shop: Shop) -> None:
    async with working(shop.runner.run):
        first, second = shop.ask(), shop.ask()
        done = [await shop.until(job, "completed") for job in (first, second)]
    assert {job.result["slug"] for job in done if job.result} == {"haetsalgwail", "haetsalgwail-2"}


async def test_edits_of_one_site_go_one_after_another(shop: Shop) -> None:
    async with working(shop.runner.run):
        await shop.until(shop.ask(), "completed")
        shop.maker.hold.clear()
        shop.maker.most_under_way = 0
        edits = [shop.edit("haetsalgwail", "v1", words) for words in ("하나", "둘", "셋")]
        await shop.when(lambda: shop.service.status(edits[0].id).step == "write")
        assert shop.service.status(edits[2].id).queue_position == 2
        shop.maker.hold.set()
        for edit in edits:
            await shop.until(edit, "completed")
    assert shop.maker.most_under_way == 1
    assert [one.changes for one in shop.sites.versions("haetsalgwail")] == [["셋"], ["둘"], ["하나"], []]
    assert shop.sites.site("haetsalgwail").published == "v1"


async def test_a_stopped_job_ends_at_once_and_leaves_its_name_free(shop: Shop) -> None:
    shop.maker.hold.clear()
    async with working(shop.runner.run):
        job, waiting = shop.ask(), shop.ask("다른 가게")
        third = shop.ask("셋째")
        await shop.when(lambda: shop.maker.under_way == 2)
        assert shop.service.stop(third.id).status == "stopped"
        shop.service.stop(job.id)
        assert (await shop.until(job, "stopped")).result is None
        shop.maker.hold.set()
        await shop.until(waiting, "completed")
        assert shop.service.stop(waiting.id).status == "completed"
        again = await shop.until(shop.ask(), "completed")
    assert again.result is not None
    assert again.result["slug"] == "haetsalgwail"


async def test_a_stop_told_to_another_process_reaches_the_worker(shop: Shop) -> None:
    shop.maker.hold.clear()
    runner = shop.new_runner(lease=0.5)
    async with working(runner.run):
        job = shop.ask()
        await shop.when(lambda: shop.maker.under_way == 1)
        shop.jobs.stop(job.id)
        await shop.until(job, "stopped")
    assert shop.maker.under_way == 0


async def test_a_failure_is_kept_with_its_sentence_and_the_job_can_go_on(tmp_path: Path, database: Database) -> None:
    shop = Shop(tmp_path, database, failing(GateFailed(findings=["overflow"])))
    async with working(shop.runner.run):
        job = shop.ask()
        failed = await shop.until(job, "failed")
        assert failed.error is not None
        assert failed.error.code == "GATE_FAILED"
        assert "검사" in failed.error.message("ko")
        assert job.id in shop.maker.forgotten
        shop.maker.failure = None
        shop.service.resume(job.id)
        done = await shop.until(job, "completed")
        assert done.error is None
        with pytest.raises(JobNotResumable):
            shop.service.resume(job.id)


async def test_a_job_asked_for_again_the_moment_it_failed_is_in_new_hands_before_the_old_ones_are_free(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    end, again = shop.jobs.end, asyncio.Event()

    def ended_and_taken_up_again(job_id: str, owner: str, status: Any, **values: Any) -> bool:
        ended = end(job_id, owner, status, **values)
        if status == "failed":
            shop.maker.failure = None
            shop.maker.hold.clear()
            loop.call_soon_threadsafe(shop.service.resume, job_id)
            until(lambda: len(shop.maker.works) == 2, 60)
            loop.call_soon_threadsafe(again.set)
        return ended

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(shop.jobs, "end", ended_and_taken_up_again)
    shop.maker.failure = GateFailed(findings=["overflow"])
    async with working(shop.runner.run):
        job = shop.ask()
        await asyncio.wait_for(again.wait(), 60)
        shop.ask("다른 가게")
        await shop.when(lambda: len(shop.maker.works) == 3)  # the old hands went on to it
        shop.service.stop(job.id)  # the new ones hear of it
        await shop.until(job, "stopped")


async def test_new_hands_may_be_done_before_the_old_ones_are_free(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    end = shop.jobs.end

    def ended_and_done_again(job_id: str, owner: str, status: Any, **values: Any) -> bool:
        ended = end(job_id, owner, status, **values)
        if status == "failed":
            shop.maker.failure = None
            loop.call_soon_threadsafe(shop.service.resume, job_id)
            loop.call_soon_threadsafe(shop.ask, "다른 가게")
            until(lambda: len(shop.maker.works) == 3, 60)  # the new hands went on to the next job
        return ended

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(shop.jobs, "end", ended_and_done_again)
    shop.maker.failure = GateFailed(findings=["overflow"])
    async with working(shop.runner.run) as at_work:
        shop.ask()
        await shop.when(lambda: at_work.done() or shop.jobs.by_status() == {"completed": 2})
        shop.maker.hold.clear()
        shop.ask("셋째")
        shop.ask("넷째")
        await shop.when(lambda: at_work.done() or shop.maker.under_way == 2)  # both hands are free again
        assert not at_work.done()


async def test_a_bug_in_one_job_ends_that_job_alone(tmp_path: Path, database: Database) -> None:
    maker = HeldMaker()
    maker.failure = ZeroDivisionError("a bug")
    shop = Shop(tmp_path, database, maker)
    async with working(shop.runner.run):
        failed = await shop.until(shop.ask(), "failed")
        assert failed.error is not None
        assert failed.error.code == "INTERNAL_ERROR"
        maker.failure = None
        await shop.until(shop.ask(), "completed")


async def test_a_finished_page_waits_for_its_owner_and_holds_nobody_up(shop: Shop) -> None:
    async with working(shop.runner.run):
        job = shop.ask(approve=True)
        await shop.until(job, "waiting")
        await shop.until(shop.ask("다른 가게"), "completed")
        assert shop.sites.all()[0].slug == "dareun-gage"
        shop.service.answer(job.id, Approval(approved=True))
        done = await shop.until(job, "completed")
    assert done.result == {"slug": "haetsalgwail", "version": "v1", "published": True}
    assert shop.maker.works[-1].answer == Approval(approved=True)


async def test_a_page_that_waits_keeps_the_name_it_was_built_for(shop: Shop) -> None:
    async with working(shop.runner.run):
        job = shop.ask(approve=True)
        await shop.until(job, "waiting")
        other = await shop.until(shop.ask(), "completed")
        shop.service.answer(job.id, Approval(approved=True))
        done = await shop.until(job, "completed")
    assert other.result is not None
    assert done.result is not None
    assert (other.result["slug"], done.result["slug"]) == ("haetsalgwail-2", "haetsalgwail")


async def test_a_page_that_waits_can_be_stopped_and_its_name_is_free(shop: Shop) -> None:
    async with working(shop.runner.run):
        job = shop.ask(approve=True)
        await shop.until(job, "waiting")
    assert shop.service.stop(job.id).status == "stopped"
    with pytest.raises(JobNotResumable):
        shop.service.answer(job.id, Approval(approved=True))
    assert shop.sites.reserve("햇살과일", "another") == "haetsalgwail"


async def test_a_job_whose_name_went_to_another_meanwhile_begins_anew_with_its_new_one(shop: Shop) -> None:
    shop.maker.hold.clear()
    async with working(shop.runner.run):
        job = shop.ask()
        await shop.when(lambda: shop.maker.under_way == 1)
        shop.service.stop(job.id)
        await shop.until(job, "stopped")
        shop.maker.hold.set()
        await shop.until(shop.ask(), "completed")
        forgotten = shop.maker.forgotten.copy()
        shop.service.resume(job.id)
        done = await shop.until(job, "completed")
        await shop.when(lambda: shop.maker.forgotten.count(job.id) == 2)  # what bore the old name, and at its end
    assert job.id not in forgotten
    assert shop.maker.works[-1].url == "http://shop.example/sites/haetsalgwail-2/"
    assert done.result is not None
    assert done.result["slug"] == "haetsalgwail-2"


async def test_a_service_that_ends_hands_its_jobs_back_and_the_next_goes_on(shop: Shop) -> None:
    shop.maker.hold.clear()
    async with working(shop.runner.run):
        job = shop.ask()
        await shop.when(lambda: shop.maker.under_way == 1)
    assert shop.service.status(job.id).status == "pending"
    shop.maker.hold.set()
    async with working(shop.new_runner().run):
        done = await shop.until(job, "completed")
    assert done.attempts == 1


async def test_a_worker_that_died_is_missed_and_its_job_taken_over(shop: Shop, database: Database) -> None:
    job = shop.ask()
    assert shop.jobs.claim("dead", 60) is not None
    assert shop.jobs.claim("other", 60) is None
    with database.begin() as connection:
        connection.execute(sa.update(rows).values(lease_until=0))
    async with working(shop.runner.run):
        done = await shop.until(job, "completed")
    assert done.attempts == 2
    assert not shop.jobs.renew(job.id, "dead", 5)
    assert not shop.jobs.end(job.id, "dead", "failed")


def test_a_job_that_kills_every_worker_is_given_up_and_its_name_is_free(tmp_path: Path, database: Database) -> None:
    jobs = Jobs(database)
    job = jobs.submit(NewJob("make", {}, "ko"))
    sites = SiteStore(database, Folders(tmp_path))
    assert sites.reserve("햇살과일", job.id) == "haetsalgwail"
    for _ in range(MOST_ATTEMPTS):
        assert jobs.claim("mortal", -1) is not None
    assert jobs.claim("mortal", -1) is None
    assert sites.reserve("햇살과일", "another") == "haetsalgwail"
    ended = jobs.get(job.id)
    assert ended.status == "failed"
    assert ended.error is not None
    assert "5번" in ended.error.message("ko")


def test_the_same_key_is_the_same_job_at_the_same_moment_too(database: Database) -> None:
    jobs = Jobs(database)
    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(lambda _: jobs.submit(NewJob("make", {}, "ko", idempotency_key="k")).id, range(16)))
    assert len(ids) == 1


def test_a_job_is_claimed_by_one_worker_alone(database: Database) -> None:
    jobs = Jobs(database)
    for number in range(6):
        jobs.submit(NewJob("make", {}, "ko", slug="same" if number < 3 else f"site-{number}"))
    with ThreadPoolExecutor(8) as pool:
        claimed = [job for job in pool.map(lambda n: jobs.claim(f"w{n}", 60), range(16)) if job]
    assert len({job.id for job in claimed}) == len(claimed) == 4
    assert [job.slug for job in claimed].count("same") == 1


def test_a_full_queue_is_told_with_the_time_to_come_back(database: Database) -> None:
    jobs = Jobs(database, limit=2)
    jobs.submit(NewJob("make", {}, "ko"))
    jobs.submit(NewJob("make", {}, "ko", idempotency_key="k"))
    with pytest.raises(QueueFull) as full:
        jobs.submit(NewJob("make", {}, "ko"))
    assert full.value.retry_after
    assert jobs.submit(NewJob("make", {}, "ko", idempotency_key="k"))


def test_old_jobs_are_forgotten_and_new_ones_kept(database: Database) -> None:
    jobs = Jobs(database)
    old, new = (jobs.submit(NewJob("make", {}, "ko")) for _ in range(2))
    jobs.stop(old.id)
    assert jobs.forget(jobs.now() + 1) == [old.id]
    assert jobs.get(new.id)
    with pytest.raises(JobNotFound):
        jobs.get(old.id)
