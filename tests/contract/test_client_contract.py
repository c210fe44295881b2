"""What every client may rely on, asked of the fake and, over real HTTP, of the real server with a real worker."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from nanococoa_aiserver.settings import Settings
from nanococoa_client import errors
from nanococoa_client.api import FINISHED, Aiserver
from nanococoa_client.client import AiserverClient
from nanococoa_client.fake import PICTURE, FakeAiserver
from nanococoa_client.schemas import (
    AdCopy,
    AnalyzeRequest,
    ClipScoreRequest,
    CutoutRequest,
    EditRequest,
    GenerateRequest,
    RenderRequest,
    TextEdit,
)
from support.api_server import ApiServer, serving_with_worker
from support.api_worker import PICTURE as PHOTO

ENCODED = base64.b64encode(PHOTO).decode()
MASK = ENCODED
"""The dummy picture is a checker: its light fields are a mask."""
AD: dict[str, Any] = {"product_image": ENCODED, "text_content": "갓 짠 참기름 17,000원", "bg_prompt": "나무 탁자"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    folder = tmp_path_factory.mktemp("server")
    with serving_with_worker(Settings(data_dir=folder / "data")) as running:
        yield running


@pytest.fixture(scope="module")
def editing_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    folder = tmp_path_factory.mktemp("editing")
    with serving_with_worker(Settings(data_dir=folder / "data", engine="diffusion")) as running:
        yield running


@pytest.fixture(params=["fake", "real"])
async def editor(request: pytest.FixtureRequest) -> AsyncIterator[Aiserver]:
    """A server that can edit."""
    if request.param == "fake":
        yield FakeAiserver(locale="en", engine="diffusion")
        return
    async with AiserverClient(request.getfixturevalue("editing_server").url, locale="en") as client:
        yield client


@pytest.fixture(params=["fake", "real"])
async def aiserver(request: pytest.FixtureRequest) -> AsyncIterator[Aiserver]:
    if request.param == "fake":
        yield FakeAiserver(locale="en")
        return
    async with AiserverClient(request.getfixturevalue("server").url, locale="en") as client:
        yield client


def edit(**changes: Any) -> EditRequest:
    return EditRequest.model_validate({"image": ENCODED, "instruction": "make it snow"} | changes)


def ad(**changes: Any) -> GenerateRequest:
    return GenerateRequest.model_validate(AD | changes)


async def test_an_ad_ends_with_a_file_for_each_format(aiserver: Aiserver) -> None:
    accepted = await aiserver.generate(ad(formats=["square", "story"]))
    assert accepted.status == "pending"
    done = await aiserver.wait(accepted.job_id, seconds=20)
    assert (done.status, done.progress_percent) == ("completed", 100)
    assert sorted(done.outputs) == ["square", "story"]
    assert (await aiserver.artifact(done.outputs["square"])).startswith(b"\x89PNG")
    assert done.final_result == done.outputs["square"]
    assert done.layer is not None
    assert "참기름" in done.layer.fields.headline


async def test_pictures_come_as_asked(aiserver: Aiserver) -> None:
    job = await aiserver.generate(ad())
    done = await aiserver.wait(job.job_id, seconds=20, images="inline")
    assert done.final_result is not None
    assert base64.b64decode(done.final_result.removeprefix("data:image/png;base64,")).startswith(b"\x89PNG")
    assert (await aiserver.status(job.job_id, images="none")).final_result is None


async def test_test_mode_needs_nothing_and_is_done_at_once(aiserver: Aiserver) -> None:
    job = await aiserver.generate(GenerateRequest(test_mode=True, text_content="시험"))
    done = await aiserver.wait(job.job_id, seconds=10)
    assert done.status == "completed"
    assert done.outputs.keys() == {"square"}


async def test_events_grow_in_number_and_end_with_the_end(aiserver: Aiserver) -> None:
    job = await aiserver.generate(ad())
    events = [event async for event in aiserver.events(job.job_id)]
    numbers = [event.id for event in events]
    assert numbers == sorted(set(numbers))
    assert [event.name for event in events if event.name in FINISHED] == ["completed"]
    assert events[-1].data["status"] == "completed"
    assert [e.data["step"] for e in events if e.name == "step"][:2] == ["segment", "background"]
    assert {event.data["job_id"] for event in events} == {job.job_id}


async def test_events_go_on_where_they_were_left(aiserver: Aiserver) -> None:
    job = await aiserver.generate(ad())
    events = [event async for event in aiserver.events(job.job_id)]
    later = [event async for event in aiserver.events(job.job_id, after=events[2].id)]
    assert [event.id for event in later] == [event.id for event in events[3:]]
    assert [event async for event in aiserver.events(job.job_id, after=events[-1].id)] == []


async def test_the_same_key_answers_with_the_first_job(aiserver: Aiserver) -> None:
    key = str(uuid4())
    first = await aiserver.generate(ad(idempotency_key=key))
    again = await aiserver.generate(ad(idempotency_key=key))
    assert again.job_id == first.job_id
    with pytest.raises(errors.InvalidParameter):
        await aiserver.generate(ad(idempotency_key=key, bg_prompt="바닷가"))


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"text_content": "  "}, errors.InvalidPrompt),
        ({"text_content": "가" * 5000}, errors.InvalidPrompt),
        ({"bg_prompt": ""}, errors.InvalidPrompt),
        ({"formats": ["nowhere"]}, errors.InvalidParameter),
        ({"product_image": None}, errors.InvalidParameter),
        ({"start_step": 2}, errors.InvalidParameter),
    ],
)
async def test_what_cannot_be_made_is_refused_with_its_reason(
    aiserver: Aiserver, changes: dict[str, Any], error: type[errors.ServiceError]
) -> None:
    with pytest.raises(error) as refused:
        await aiserver.generate(ad(**changes))
    assert len(refused.value.message("en")) > 20


async def test_a_stopped_job_can_go_on(aiserver: Aiserver) -> None:
    job = await aiserver.generate(ad())
    await aiserver.wait(job.job_id, seconds=20)
    assert (await aiserver.stop(job.job_id)).status == "completed", "what is done stays done"
    with pytest.raises(errors.JobNotResumable):
        await aiserver.resume(job.job_id)


async def test_a_new_version_is_a_job_of_its_own(aiserver: Aiserver) -> None:
    job = await aiserver.generate(ad())
    await aiserver.wait(job.job_id, seconds=20)
    fork = await aiserver.resume(job.job_id, from_step="background", changes={"bg_prompt": "눈 내린 마당"})
    assert fork.job_id != job.job_id
    done = await aiserver.wait(fork.job_id, seconds=20)
    assert (done.status, done.parameters["bg_prompt"]) == ("completed", "눈 내린 마당")
    with pytest.raises(errors.InvalidParameter):
        await aiserver.resume(job.job_id, from_step="nowhere", changes={})


async def test_jobs_are_listed_newest_first_by_kind_state_and_time(aiserver: Aiserver) -> None:
    began = datetime.now(UTC) - timedelta(seconds=1)
    made = [(await aiserver.generate(ad(seed=number))).job_id for number in range(3)]
    for job_id in made:
        await aiserver.wait(job_id, seconds=20)
    page = await aiserver.list_jobs(kind="ad", status="completed", since=began, limit=2)
    assert [job.job_id for job in page.jobs] == made[:0:-1]
    assert page.total >= 3
    rest = await aiserver.list_jobs(kind="ad", status="completed", limit=1, offset=2)
    assert rest.jobs[0].job_id == made[0]
    assert (await aiserver.list_jobs(since=datetime.now(UTC) + timedelta(hours=1))).total == 0


async def test_jobs_are_told_apart_by_how_their_keys_begin(aiserver: Aiserver) -> None:
    keys = ("shop_a-1", "shop_a-2", "shopXa-1", "shop_b-1")
    made = {key: (await aiserver.generate(ad(idempotency_key=key))).job_id for key in keys}
    page = await aiserver.list_jobs(key_prefix="shop_a-")
    assert [job.job_id for job in page.jobs] == [made["shop_a-2"], made["shop_a-1"]]
    assert (page.total, (await aiserver.list_jobs(key_prefix="shop_%")).total) == (2, 0)


async def test_a_deleted_job_is_gone(aiserver: Aiserver) -> None:
    job = await aiserver.generate(ad())
    await aiserver.wait(job.job_id, seconds=20)
    await aiserver.delete(job.job_id)
    with pytest.raises(errors.JobNotFound):
        await aiserver.status(job.job_id)
    with pytest.raises(errors.JobNotFound):
        await aiserver.delete(job.job_id)


async def test_unknown_ids_are_named_as_such(aiserver: Aiserver) -> None:
    with pytest.raises(errors.JobNotFound):
        await aiserver.status("nothing")
    with pytest.raises(errors.JobNotFound):
        async for _ in aiserver.events("nothing"):
            pass
    with pytest.raises(errors.ArtifactNotFound):
        await aiserver.artifact("0" * 64 + ".png")


async def test_a_cutout_is_answered_at_once(aiserver: Aiserver) -> None:
    answer = await aiserver.cutout(CutoutRequest(image=ENCODED))
    assert answer.status == "completed"
    assert answer.result is not None
    assert answer.result["verdict"] == "ok"
    assert (await aiserver.artifact(answer.outputs["cutout"])).startswith(b"\x89PNG")


async def test_the_text_of_a_finished_ad_is_rendered_again(aiserver: Aiserver) -> None:
    job = await aiserver.generate(ad())
    await aiserver.wait(job.job_id, seconds=20)
    answer = await aiserver.render(
        RenderRequest(job_id=job.job_id, style="editorial", fields=AdCopy(headline="햇기름"))
    )
    assert answer.result is not None
    assert answer.result["layer"]["style"] == "editorial"
    assert answer.outputs.keys() == {"square"}


async def test_a_kept_layer_outlives_its_job(aiserver: Aiserver) -> None:
    job = await aiserver.generate(ad(fields=AdCopy(headline="갓 짠 참기름", price="17,000원")))
    layer = (await aiserver.wait(job.job_id, seconds=20)).layer
    assert layer is not None
    needed = {layer.cutout, layer.contact, *(scene.artifact for scene in layer.scenes.values())} - {""}
    files = {name: base64.b64encode(await aiserver.artifact(name)).decode() for name in needed}
    await aiserver.delete(job.job_id)
    edit = TextEdit(dx=3, color="#123456")
    request = RenderRequest(layer=layer, files=files, edits={"square": {"headline": edit}}, as_shown=True)
    answer = await aiserver.render(request)
    assert answer.result is not None
    made = answer.result["layer"]["formats"]["square"]
    assert TextEdit.model_validate(made["edits"]["headline"]) == edit
    assert made["attempt"]["style"] == layer.formats["square"].style
    assert len(await aiserver.artifact(made["plate"])) > 50
    again = await aiserver.render(RenderRequest(layer=layer))
    assert again.outputs.keys() == {"square"}


async def test_a_layer_without_its_files_says_what_is_missing(aiserver: Aiserver) -> None:
    job = await aiserver.generate(ad())
    layer = (await aiserver.wait(job.job_id, seconds=20)).layer
    assert layer is not None
    lost = "0" * 64 + ".png"
    with pytest.raises(errors.ArtifactNotFound, match=lost):
        await aiserver.render(RenderRequest(layer=layer.model_copy(update={"cutout": lost})))


async def test_letters_come_as_a_font(aiserver: Aiserver) -> None:
    assert (await aiserver.font("NanumGothic", 700, "사과")).startswith((b"OTTO", b"\x00\x01\x00\x00"))
    with pytest.raises(errors.InvalidParameter, match="Comic"):
        await aiserver.font("Comic Neue", 700, "사과")


async def test_only_an_ad_with_text_can_be_rendered_again(aiserver: Aiserver) -> None:
    cut = await aiserver.cutout(CutoutRequest(image=ENCODED))
    with pytest.raises(errors.InvalidParameter):
        await aiserver.render(RenderRequest(job_id=cut.job_id))
    with pytest.raises(errors.JobNotFound):
        await aiserver.render(RenderRequest(job_id="nothing"))


async def test_what_needs_a_model_says_which(aiserver: Aiserver) -> None:
    seen = await aiserver.analyze(AnalyzeRequest(image=ENCODED))
    assert seen.result is not None
    assert seen.result["palette"]
    with pytest.raises(errors.ModelUnavailable, match="Qwen3-VL"):
        await aiserver.analyze(AnalyzeRequest(image=ENCODED, question="무엇이 보이나요?"))
    with pytest.raises(errors.ModelUnavailable, match="CLIP"):
        await aiserver.clip_score(ClipScoreRequest(image_base64=ENCODED, prompt="참기름"))


async def test_without_the_diffusion_engine_an_edit_says_what_to_do(aiserver: Aiserver) -> None:
    with pytest.raises(errors.ModelUnavailable, match="ENGINE=diffusion"):
        await aiserver.edit(edit())


async def test_an_edit_ends_with_a_picture_and_what_was_understood(editor: Aiserver) -> None:
    job = await editor.edit(edit(mode="local", mask=MASK))
    assert job.status == "pending"
    done = await editor.wait(job.job_id, seconds=20)
    assert (done.status, done.engine) == ("completed", "diffusion")
    assert done.outputs.keys() == {"edited"}
    assert (await editor.artifact(done.outputs["edited"])).startswith(b"\x89PNG")
    assert done.final_result == done.outputs["edited"]
    assert done.edit is not None
    assert (done.edit.mode, done.edit.outside_difference) == ("local", 0)
    assert done.edit.prompt
    assert done.edit.mask is not None
    assert done.edit.mask.startswith("/artifacts/")
    assert done.checks.self_check is not None
    assert done.checks.self_check.verdict == "pass"
    assert len(done.checks.self_check.tried) == done.checks.self_check.attempts
    assert (await editor.list_jobs(kind="edit")).jobs[0].job_id == job.job_id


async def test_an_edits_events_name_its_own_steps(editor: Aiserver) -> None:
    job = await editor.edit(edit())
    steps = [event.data["step"] async for event in editor.events(job.job_id) if event.name == "step"]
    assert steps == ["look", "locate", "edit", "check", "finish"]


async def test_an_edits_key_answers_with_the_first_and_a_version_is_a_job_of_its_own(editor: Aiserver) -> None:
    key = str(uuid4())
    first = await editor.edit(edit(idempotency_key=key))
    assert (await editor.edit(edit(idempotency_key=key))).job_id == first.job_id
    with pytest.raises(errors.InvalidParameter):
        await editor.edit(edit(idempotency_key=key, seed=1))
    await editor.wait(first.job_id, seconds=20)
    fork = await editor.resume(first.job_id, from_step="edit", changes={"seed": 8})
    done = await editor.wait(fork.job_id, seconds=20)
    assert (done.status, done.parameters["seed"]) == ("completed", 8)
    with pytest.raises(errors.InvalidParameter):
        await editor.resume(first.job_id, from_step="background", changes={})


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"instruction": "  "}, errors.InvalidPrompt),
        ({"instruction": "가" * 5000}, errors.InvalidPrompt),
        ({"mask": ENCODED}, errors.InvalidParameter),
    ],
)
async def test_an_edit_that_cannot_be_made_is_refused(
    editor: Aiserver, changes: dict[str, Any], error: type[errors.ServiceError]
) -> None:
    with pytest.raises(error) as refused:
        await editor.edit(edit(**changes))
    assert len(refused.value.message("en")) > 20


async def test_what_can_be_chosen_is_listed(aiserver: Aiserver) -> None:
    formats = {spec.name: (spec.width, spec.height) for spec in await aiserver.formats()}
    assert formats["square"] == (1080, 1080)
    named = await aiserver.resources()
    assert set(named.formats) == set(formats)
    assert named.styles
    assert await aiserver.health()


async def test_waiting_has_an_end(server: ApiServer) -> None:
    async with AiserverClient(server.url) as client:
        job = await client.generate(ad(bg_prompt="hold background"))
        with pytest.raises(TimeoutError):
            await client.wait(job.job_id, seconds=0.3)
        assert (await client.stop(job.job_id)).status == "stopped"


async def test_a_held_fake_waits_for_its_test() -> None:
    fake = FakeAiserver(hold=True)
    job = await fake.generate(ad())
    waiting = asyncio.create_task(fake.wait(job.job_id, seconds=5))
    await asyncio.sleep(0)
    assert (await fake.status(job.job_id)).status == "pending"
    fake.finish(job.job_id)
    assert (await waiting).status == "completed"
    assert await fake.artifact((await waiting).outputs["square"]) == PICTURE
