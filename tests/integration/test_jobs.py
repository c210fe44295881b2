"""Jobs with a real worker process, on SQLite and PostgreSQL."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

from nanococoa_aiserver.errors import InvalidParameter, JobNotFound, JobNotResumable, QueueFull
from nanococoa_aiserver.jobs.database import Database
from nanococoa_aiserver.jobs.housekeeping import Housekeeper
from nanococoa_aiserver.jobs.models import Event
from nanococoa_aiserver.jobs.names import AD_STEPS
from nanococoa_aiserver.jobs.tables import jobs
from support.house import House, build_house
from support.waiting import until

STEPS = list(AD_STEPS)
AT_DESIGN = STEPS.index("design")
AT_ANALYSE = STEPS.index("analyse")


def test_an_ad_runs_every_step_once_and_reports_what_it_made(open_house: House) -> None:
    job_id = open_house.ad(words="귤 39,900원")
    view = open_house.service.wait(job_id, 20)
    assert (view.status, view.percent, view.error) == ("completed", 100.0, None)
    assert open_house.starts(job_id) == STEPS
    assert open_house.artifacts.get(view.outputs["square"]) == "귤 39,900원 export ".encode()
    assert view.previews == {"step1_result": view.results["composite"]["image"]}
    assert list(view.step_seconds) == STEPS
    assert view.results["export"]["saw"] == sorted(STEPS[:-1])


def test_events_tell_every_step_and_the_end_once_and_progress_never_falls(open_house: House) -> None:
    job_id = open_house.ad(seconds={"background": 0.6})
    open_house.service.wait(job_id, 20)
    events = open_house.service.events(0, job_id)
    assert [event.data["step"] for event in events if event.kind == "step"] == STEPS
    shares = [event.data["percent"] for event in events if "percent" in event.data]
    assert shares == sorted(shares)
    assert [event.kind for event in events if event.kind in ("pending", "completed")] == ["pending", "completed"]
    assert "progress" in {event.kind for event in events}
    assert open_house.service.events(events[-1].id, job_id) == []
    assert open_house.service.events(events[2].id, job_id) == events[3:]


def test_a_step_that_is_not_needed_is_left_out_of_the_results(open_house: House) -> None:
    job_id = open_house.ad(skip=["analyse", "design", "render"])
    view = open_house.service.wait(job_id, 20)
    assert view.status == "completed"
    assert view.results["export"]["saw"] == sorted(STEPS[:AT_ANALYSE])


def test_light_work_overtakes_an_ad_that_is_running(open_house: House) -> None:
    ad = open_house.ad(hold="background")
    open_house.until_step(ad, "background")
    light = open_house.service.submit("cutout", {"words": "quick"})
    assert open_house.service.wait(light.id, 10).status == "completed"
    assert open_house.service.status(ad).status == "running"


def test_ads_run_one_at_a_time_and_the_more_urgent_first(open_house: House) -> None:
    first = open_house.ad(hold="segment")
    open_house.until_step(first, "segment")
    later = open_house.service.submit("ad", {}, priority=200).id
    sooner = open_house.service.submit("ad", {}, priority=50).id
    waiting = [open_house.service.status(job_id) for job_id in (sooner, later)]
    assert [view.queue_position for view in waiting] == [1, 2]
    assert all(view.eta is not None and view.eta > 0 for view in waiting)
    open_house.service.stop(first)
    for job_id in (sooner, later):
        open_house.until_status(job_id, "completed")
    started = {job_id: event.created for job_id in (sooner, later) for event in _steps(open_house, job_id)[:1]}
    assert started[sooner] < started[later]


def test_ads_that_arrive_together_still_run_one_after_the_other(open_house: House) -> None:
    ads = [open_house.ad(words=str(number)) for number in range(12)]
    for ad in ads:
        open_house.until_status(ad, "completed")
    order = [job for job, _ in groupby(line["job"] for line in open_house.lines() if line["job"] in ads)]
    assert len(order) == len(set(order))


def test_a_stop_ends_a_step_under_way_and_frees_the_lane(open_house: House) -> None:
    job_id, following = open_house.ad(hold="background"), open_house.ad()
    open_house.until_step(job_id, "background")
    assert open_house.service.stop(job_id).status == "stopped"
    assert open_house.service.wait(following, 5).status == "completed"
    assert open_house.starts(job_id) == ["segment", "background"]
    assert [event.kind for event in open_house.service.events(0, job_id)][-1] == "stopped"


def test_a_stop_before_the_first_step_leaves_nothing_to_run(house: House) -> None:
    job_id = house.ad()
    assert house.service.stop(job_id).status == "stopped"
    house.start_worker()
    assert house.service.wait(house.ad(), 20).status == "completed"
    assert house.starts(job_id) == []


def test_a_second_stop_and_one_after_the_end_change_nothing(sqlite_house: House) -> None:
    job_id = sqlite_house.ad()
    sqlite_house.service.stop(job_id)
    assert sqlite_house.service.stop(job_id).status == "stopped"
    sqlite_house.start_worker()
    done = sqlite_house.ad()
    sqlite_house.until_status(done, "completed")
    assert sqlite_house.service.stop(done).status == "completed"


def test_a_resumed_failure_goes_on_at_the_step_that_failed(open_house: House) -> None:
    job_id = open_house.ad(fail={"composite": "once"})
    failed = open_house.until_status(job_id, "failed")
    assert failed.error is not None
    assert (failed.error.code, failed.error.details) == ("CUTOUT_UNCERTAIN", {"confidence": 0.2})
    assert failed.step == "composite"
    open_house.service.resume(job_id)
    assert open_house.service.wait(job_id, 20).status == "completed"
    assert open_house.starts(job_id) == ["segment", "background", "composite", *STEPS[2:]]
    told = [event.kind for event in open_house.service.events(0, job_id)]
    ends = [kind for kind in told if kind in ("pending", "failed", "completed")]
    assert ends == ["pending", "failed", "pending", "completed"]


def test_a_resumed_stop_goes_on_at_the_step_it_was_in(open_house: House) -> None:
    job_id = open_house.ad(hold="design")
    open_house.until_step(job_id, "design")
    open_house.service.stop(job_id)
    assert open_house.service.resume(job_id).status in ("pending", "running", "completed")
    assert open_house.service.wait(job_id, 20).status == "completed"
    assert open_house.starts(job_id) == [*STEPS[: AT_DESIGN + 1], *STEPS[AT_DESIGN:]]


def test_a_stop_and_a_quick_resume_leave_one_run_of_the_job(open_house: House) -> None:
    job_id = open_house.ad(hold="design", seconds={"design": 1.0, "render": 1.0})
    open_house.until_step(job_id, "design")
    for _ in range(3):
        open_house.service.stop(job_id)
        open_house.service.resume(job_id)
        until(lambda: open_house.service.status(job_id).status != "pending")
    assert open_house.until_status(job_id, "completed").error is None
    assert open_house.starts(job_id).count("render") == 1


def test_a_fork_whose_parent_is_gone_before_it_was_enqueued_begins_at_the_first_step(sqlite_house: House) -> None:
    parent = sqlite_house.ad()
    row = {"id": str(uuid4()), "kind": "ad", "lane": "heavy", "params": {}, "priority": 1, "locale": "ko"}
    database = Database(sqlite_house.settings.database_url)
    with database.begin() as connection:
        connection.execute(sa.insert(jobs).values(**row, created=1.0, parent=parent, from_step="render"))
    database.close()
    sqlite_house.service.delete(parent)
    sqlite_house.start_worker()
    sqlite_house.until_status(str(row["id"]), "completed")
    assert sqlite_house.starts(str(row["id"])) == STEPS


def test_a_full_disk_fails_the_job_which_goes_on_when_there_is_room(tmp_path: Path, small_disk: Path) -> None:
    house = build_house(tmp_path, "", artifacts_url=small_disk.as_uri())
    house.start_worker()
    filling = small_disk / "filling"
    filling.write_bytes(bytes(700_000))
    job_id = house.ad(bytes={"composite": 500_000})
    failed = house.until_status(job_id, "failed")
    assert failed.error is not None
    assert failed.error.code == "STORAGE_FULL"
    filling.unlink()
    house.service.resume(job_id)
    assert house.until_status(job_id, "completed").error is None
    assert house.starts(job_id) == [*STEPS[:3], *STEPS[2:]]
    house.close()


def test_only_failed_and_stopped_jobs_can_be_resumed(open_house: House) -> None:
    job_id = open_house.ad(hold="segment")
    open_house.until_step(job_id, "segment")
    with pytest.raises(JobNotResumable):
        open_house.service.resume(job_id)
    open_house.service.stop(job_id)
    open_house.service.resume(job_id)
    open_house.until_status(job_id, "completed")
    with pytest.raises(JobNotResumable):
        open_house.service.resume(job_id)
    with pytest.raises(JobNotFound):
        open_house.service.resume("no-such-job")


def test_a_fork_keeps_the_steps_before_its_own_and_sees_the_changes(open_house: House) -> None:
    parent = open_house.ad(words="first")
    open_house.until_status(parent, "completed")
    fork = open_house.service.fork(parent, from_step="analyse", changes={"words": "second"})
    view = open_house.service.wait(fork.id, 20)
    assert open_house.starts(fork.id) == STEPS[AT_ANALYSE:]
    assert view.results["composite"]["words"] == "first"
    assert view.results["export"]["words"] == "second"
    assert (view.parent, view.from_step) == (parent, "analyse")
    assert view.previews["step1_result"] == view.results["composite"]["image"]


def test_deleting_a_parent_leaves_the_files_its_fork_needs(open_house: House) -> None:
    parent = open_house.ad(words="only here", own_files=True)
    own = open_house.until_status(parent, "completed").outputs["square"]
    fork = open_house.service.fork(parent, from_step="analyse", changes={"words": "second"}).id
    shared = open_house.until_status(fork, "completed").results["composite"]["image"]
    open_house.service.delete(parent)
    assert open_house.artifacts.exists(shared)
    assert not open_house.artifacts.exists(own)
    assert open_house.service.status(fork).status == "completed"
    open_house.service.delete(fork)
    assert not open_house.artifacts.exists(shared)


def test_a_fork_is_refused_when_a_step_it_keeps_would_have_to_see_the_change(open_house: House) -> None:
    parent = open_house.ad()
    with pytest.raises((JobNotResumable, InvalidParameter)):
        open_house.service.fork(parent, from_step="nothing", changes={})
    open_house.until_status(parent, "completed")
    with pytest.raises(InvalidParameter):
        open_house.service.fork(parent, from_step="analyse", changes={"bg_prompt": "sea"})


def test_a_fork_from_a_step_that_was_not_reached_is_refused(open_house: House) -> None:
    parent = open_house.ad(fail={"background": "uncertain"})
    open_house.until_status(parent, "failed")
    with pytest.raises(JobNotResumable):
        open_house.service.fork(parent, from_step="analyse", changes={})


def test_a_running_job_is_not_deleted_and_a_deleted_one_is_unknown(open_house: House) -> None:
    job_id = open_house.ad(hold="segment")
    open_house.until_step(job_id, "segment")
    with pytest.raises(JobNotResumable):
        open_house.service.delete(job_id)
    open_house.service.stop(job_id)
    open_house.service.delete(job_id)
    for ask in (open_house.service.status, open_house.service.delete, open_house.service.stop):
        with pytest.raises(JobNotFound):
            ask(job_id)
    with pytest.raises(JobNotFound):
        open_house.service.events(0, job_id)


def test_a_file_uploaded_again_outlives_the_deleted_job(sqlite_house: House) -> None:
    photo = sqlite_house.artifacts.put(b"photo", "image/png")
    job_id = sqlite_house.ad(product_image=photo)
    until(lambda: time.time() > sqlite_house.service.status(job_id).created + 0.1)
    assert sqlite_house.artifacts.put(b"photo", "image/png") == photo
    sqlite_house.service.delete(job_id)
    assert sqlite_house.artifacts.exists(photo)


def test_one_key_makes_one_job_however_often_and_at_once_it_is_sent(house: House) -> None:
    house.service.ping()
    with ThreadPoolExecutor(8) as clients:
        sent = [clients.submit(house.service.submit, "ad", {"words": "once"}, idempotency_key="k") for _ in range(16)]
        rows = [answer.result() for answer in sent]
    assert len({row.id for row in rows}) == 1
    assert [row.duplicate for row in rows].count(False) == 1
    assert house.service.list_jobs().total == 1
    with pytest.raises(InvalidParameter):
        house.service.submit("ad", {"words": "other"}, idempotency_key="k")


def test_a_full_queue_says_when_to_come_back(tmp_path: Path, jobs_url: str) -> None:
    house = build_house(tmp_path, jobs_url, queue_limit=2)
    house.ad()
    house.ad()
    with pytest.raises(QueueFull) as refused:
        house.ad()
    assert refused.value.retry_after is not None
    assert refused.value.retry_after >= 1
    assert str(refused.value.retry_after) in refused.value.message("ko")
    house.service.submit("cutout", {})
    house.close()


def test_a_bug_in_a_step_fails_the_job_without_telling_clients_its_insides(sqlite_house: House) -> None:
    worker = sqlite_house.start_worker()
    job_id = sqlite_house.ad(fail={"design": "bug"})
    failed = sqlite_house.until_status(job_id, "failed")
    assert failed.error is not None
    assert failed.error.to_json() == {"code": "INTERNAL_ERROR", "key": "internal", "details": {}}
    log = worker.log.read_text("utf-8")
    assert "a bug in a step" in log
    assert job_id in log


def test_a_fault_that_passes_is_tried_again(open_house: House) -> None:
    job_id = open_house.ad(fail={"segment": "flaky"})
    assert open_house.until_status(job_id, "completed").error is None
    assert open_house.starts(job_id)[:4] == ["segment", "segment", "segment", "background"]


def test_a_try_out_job_goes_through_all_the_machinery(open_house: House) -> None:
    job_id = open_house.ad(test_mode=True, formats=["square", "story"])
    view = open_house.service.wait(job_id, 20)
    assert view.status == "completed"
    assert list(view.outputs) == ["square", "story"]
    assert open_house.artifacts.get(view.outputs["story"]).startswith(b"\x89PNG")
    assert open_house.starts(job_id) == []
    assert list(view.step_seconds) == STEPS


def test_a_job_whose_writer_died_before_enqueueing_it_still_runs(house: House) -> None:
    house.service.ping()
    job_id = str(uuid4())
    row = {"id": job_id, "kind": "ad", "lane": "heavy", "params": {}, "priority": 9, "locale": "ko", "created": 1.0}
    database = Database(house.settings.database_url)
    with database.begin() as connection:
        connection.execute(sa.insert(jobs).values(**row))
    database.close()
    assert house.service.status(job_id).status == "pending"
    house.start_worker()
    assert house.until_status(job_id, "completed").percent == 100


def test_old_jobs_and_unused_files_go_and_young_ones_stay(tmp_path: Path, jobs_url: str) -> None:
    house = build_house(tmp_path, jobs_url, keep_jobs_days=1e-9)
    house.start_worker()
    done, waiting = house.ad(words="old"), house.ad(hold="segment")
    upload = house.artifacts.put(b"not used yet", "image/png")
    file = house.until_status(done, "completed").outputs["square"]
    house.until_step(waiting, "segment")
    database = Database(house.settings.database_url)
    until(lambda: time.time() > house.service.status(done).created + 1.1)  # DBOS's time is in seconds on SQLite
    Housekeeper(database, house.artifacts, house.settings).tidy()
    database.close()
    with pytest.raises(JobNotFound):
        house.service.status(done)
    assert not house.artifacts.exists(file)
    assert house.artifacts.exists(upload)
    assert house.service.status(waiting).status == "running"
    house.close()


def test_jobs_are_listed_newest_first_by_status_and_page(house: House) -> None:
    made = [house.ad() for _ in range(3)]
    light = house.service.submit("cutout", {}).id
    house.service.stop(made[0])
    page = house.service.list_jobs(limit=2)
    assert (page.total, [view.id for view in page.jobs]) == (4, [light, made[2]])
    assert [view.id for view in house.service.list_jobs(status="stopped").jobs] == [made[0]]
    assert [view.id for view in house.service.list_jobs(status="pending", kind="ad", offset=1).jobs] == [made[1]]


def test_the_numbers_say_what_waits_and_what_runs(house: House) -> None:
    house.start_worker()
    running = house.ad(hold="segment")
    house.until_step(running, "segment")
    house.ad()
    stats = house.service.stats()
    assert (stats.waiting, stats.running) == ({"heavy": 1, "light": 0}, {"heavy": 1, "light": 0})
    assert [worker.pid for worker in stats.workers] == [house.workers[0].pid]
    assert stats.workers[0].age < 4
    assert stats.expected_wait["heavy"] > 0


def _steps(house: House, job_id: str) -> list[Event]:
    return [event for event in house.service.events(0, job_id) if event.kind == "step"]
