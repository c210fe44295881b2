"""Edits over real HTTP with a real worker: the product's own steps, small engines behind the ports."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from nanococoa_aiserver.settings import Settings
from support import calls
from support.api_server import ApiServer, serving, serving_with_worker, working
from support.fake_editing import RED, coloured, scene
from support.waiting import until


def png(pixels: Any) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.asarray(pixels, np.uint8)).save(file, "PNG")
    return file.getvalue()


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


PHOTO = png(scene())
HALF = np.zeros((40, 40), np.uint8)
HALF[:, 20:] = 255
EDIT: dict[str, Any] = {"image": encoded(PHOTO), "instruction": "turn the blue square into a dog"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    folder = tmp_path_factory.mktemp("edits") / "data"
    with serving_with_worker(Settings(data_dir=folder, engine="diffusion")) as running:
        yield running


@pytest.fixture(scope="module")
def http(server: ApiServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=60) as client:
        yield client


def finished(http: httpx.Client, job_id: str, seconds: float = 20) -> dict[str, Any]:
    def state() -> dict[str, Any] | None:
        body: dict[str, Any] = http.get(f"/status/{job_id}", params={"images": "url"}).json()
        return body if body["status"] in ("completed", "failed", "stopped") else None

    return until(state, seconds) or {}


def made(http: httpx.Client, **changes: Any) -> dict[str, Any]:
    answer = http.post("/edit", json=EDIT | changes)
    assert answer.status_code == 202, answer.text
    return finished(http, answer.json()["job_id"])


def picture(http: httpx.Client, path: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(http.get(path).content)).convert("RGB"))


def refused(answer: httpx.Response, code: str) -> dict[str, Any]:
    error: dict[str, Any] = answer.json()["error"]
    assert error["code"] == code, error
    assert len(error["message"]) > 10
    return error


def journal(settings: Settings, job_id: str) -> list[str]:
    lines = (settings.data_dir / "steps").read_text("utf-8").splitlines()
    return [step for job, step in map(str.split, lines) if job == job_id]


def test_an_edit_ends_with_a_picture_and_says_how_it_came_about(http: httpx.Client) -> None:
    done = made(http, mode="local")
    assert done["status"] == "completed"
    assert (done["engine"], done["current_step"], list(done["outputs"])) == ("diffusion", None, ["edited"])
    assert done["final_result"] == done["outputs"]["edited"]
    told = done["edit"]
    assert (told["mode"], told["target"], told["label"], told["score"]) == ("local", "blue square", "blue square", 0.75)
    assert told["description"] == "two squares on grey"
    assert told["prompt"].startswith("turn the blue square into a dog")
    assert told["outside_difference"] == 0
    region = picture(http, told["mask"])[..., 0] > 127
    final = picture(http, done["final_result"])
    assert np.array_equal(final[~region], scene()[~region])
    assert (final[40:48, 66:78] != scene()[40:48, 66:78]).all()
    check = done["checks"]["self_check"]
    assert (check["verdict"], check["attempts"], check["clip_score"]) == ("pass", 1, 25.0)


def test_a_form_with_files_is_an_edit(http: httpx.Client) -> None:
    fields = {"instruction": "turn the blue square into a dog", "mode": "local", "seed": "7", "keep_product": "true"}
    fields |= {"adapters": json.dumps([{"id": "warm-light"}]), "strength": "0.5"}
    files = [("image", ("a.png", PHOTO)), ("mask", ("m.png", png(HALF)))]
    files += [("reference_images", (f"{n}.png", png(scene(40, 40, n)))) for n in range(2)]
    answer = http.post("/edit", data=fields, files=files)
    assert answer.status_code == 202, answer.text
    done = finished(http, answer.json()["job_id"])
    kept = done["parameters"]
    assert (done["status"], kept["seed"], kept["keep_product"], kept["strength"]) == ("completed", 7, True, 0.5)
    assert kept["adapters"] == [{"id": "warm-light", "scale": 1.0}]
    assert len(kept["reference_images"]) == 2
    final = picture(http, done["final_result"])
    assert np.array_equal(final[coloured(scene(), RED)], scene()[coloured(scene(), RED)])
    assert done["checks"]["fidelity"]["core_difference"] == 0


def test_what_is_not_in_the_picture_fails_the_job_by_its_name(http: httpx.Client) -> None:
    failed = made(http, mode="local", instruction="turn the green cat into a dog", locale="en")
    assert failed["status"] == "failed"
    assert failed["error"]["code"] == "INVALID_PROMPT"
    assert "'green cat' was not found" in failed["message"]
    assert failed["edit"]["description"] == "two squares on grey"


def test_ten_equal_requests_at_once_are_one_edit(http: httpx.Client) -> None:
    body = EDIT | {"idempotency_key": "ten-edits"}
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: http.post("/edit", json=body), range(10)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["job_id"] for answer in answers}) == 1
    refused(http.post("/edit", json=body | {"seed": 1}), "INVALID_PARAMETER")


def test_an_edit_is_stopped_between_denoising_steps_and_goes_on(http: httpx.Client, server: ApiServer) -> None:
    (server.settings.data_dir / "held").unlink(missing_ok=True)
    job_id = http.post("/edit", json=EDIT | {"instruction": "hold the blue square into"}).json()["job_id"]
    until(lambda: http.get(f"/status/{job_id}").json()["sub_step"] == "flux_edit (1/4)")
    running = http.get(f"/status/{job_id}?images=url").json()
    assert running["message"] == "그림을 고치고 있어요"
    assert running["edit"]["description"] == "two squares on grey"
    assert http.post(f"/stop/{job_id}").json()["status"] == "stopped"
    assert http.post(f"/jobs/{job_id}/resume").status_code == 200
    assert finished(http, job_id)["status"] == "completed"
    assert journal(server.settings, job_id) == ["look", "locate", "edit", "edit", "check", "finish"]


def test_another_seed_is_a_version_that_looks_and_searches_no_more(http: httpx.Client, server: ApiServer) -> None:
    first = made(http, mode="local")
    body: dict[str, Any] = {"from_step": "edit", "changes": {"seed": 8}}
    fork = http.post(f"/jobs/{first['job_id']}/resume", json=body).json()["job_id"]
    done = finished(http, fork)
    assert (done["status"], done["parameters"]["seed"], done["edit"]["target"]) == ("completed", 8, "blue square")
    assert journal(server.settings, fork) == ["edit", "check", "finish"]
    for body in ({"from_step": "edit", "changes": {"mode": "global"}}, {"from_step": "background"}):
        refused(http.post(f"/jobs/{first['job_id']}/resume", json=body), "INVALID_PARAMETER")


def test_an_edits_events_have_steps_and_no_stage(http: httpx.Client) -> None:
    done = made(http)
    text = http.get(f"/jobs/{done['job_id']}/events").text
    told = [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: {")]
    assert {one["current_step"] for one in told} == {None}
    assert [one["sub_step"] for one in told if one.get("step") == "edit" and one["sub_step"]]
    assert any("step1_result" in one for one in told if one["status"] == "running")


def test_edits_are_listed_by_their_kind(http: httpx.Client) -> None:
    done = made(http)
    page = http.get("/jobs", params={"kind": "edit", "limit": 1}).json()
    assert page["jobs"][0]["job_id"] == done["job_id"]
    assert page["jobs"][0]["thumbnail"] == done["outputs"]["edited"]
    assert http.delete(f"/jobs/{done['job_id']}").status_code == 204


def test_test_mode_runs_the_machinery_alone(http: httpx.Client) -> None:
    done = made(http, test_mode=True)
    assert (done["status"], list(done["outputs"])) == ("completed", ["edited"])


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"instruction": "  "}, "INVALID_PROMPT", "고칠지"),
        ({"instruction": "\x00\x07"}, "INVALID_PROMPT", "고칠지"),
        ({"instruction": "가" * 5000}, "INVALID_PROMPT", "5000자"),
        ({"instruction": None}, "INVALID_PARAMETER", "글자로"),
        ({"image": "!!"}, "INVALID_PARAMETER", "base64"),
        ({"image": ""}, "INVALID_IMAGE", "비어"),
        ({"image": "0" * 64 + ".png"}, "ARTIFACT_NOT_FOUND", "그림이 없어요"),
        ({"strength": 0}, "INVALID_PARAMETER", "0보다"),
        ({"strength": 1.01}, "INVALID_PARAMETER", "1 이하"),
        ({"steps": 0}, "INVALID_PARAMETER", "1 이상"),
        ({"steps": 51}, "INVALID_PARAMETER", "50 이하"),
        ({"seed": -1}, "INVALID_PARAMETER", "0 이상"),
        ({"mode": "sideways"}, "INVALID_PARAMETER", "global, local"),
        ({"reference_images": [encoded(PHOTO)] * 5}, "INVALID_PARAMETER", "4개"),
        ({"reference_images": [encoded(PHOTO), "!!"]}, "INVALID_PARAMETER", "reference_images[1]"),
        ({"mask": encoded(png(HALF))}, "INVALID_PARAMETER", "local"),
        ({"mode": "local", "mask": encoded(png(HALF * 0))}, "INVALID_PARAMETER", "고칠 자리가 없어요"),
        ({"mode": "local", "mask": encoded(png(HALF * 0 + 200))}, "INVALID_PARAMETER", "그림 전체"),
        ({"mode": "local", "mask": encoded(b"no picture")}, "INVALID_IMAGE", "사진이 아니에요"),
        ({"keep_product": True, "product_box": [90, 0, 20, 20]}, "INVALID_PARAMETER", "97×64"),
        ({"adapters": [{"id": "../../etc/passwd"}]}, "INVALID_PARAMETER", "모양"),
        ({"adapters": [{"id": "a"}] * 5}, "INVALID_PARAMETER", "4개"),
        ({"adapters": [{"id": "a", "scale": 9}]}, "INVALID_PARAMETER", "2 이하"),
        ({"instructoin": "x"}, "INVALID_PARAMETER", "instruction"),
    ],
)
def test_what_cannot_be_edited_is_refused_before_a_job_is_made(
    http: httpx.Client, changes: dict[str, Any], code: str, words: str
) -> None:
    before = http.get("/jobs").json()["total"]
    assert words in refused(http.post("/edit", json=EDIT | changes), code)["message"]
    assert http.get("/jobs").json()["total"] == before


@pytest.mark.parametrize("body", [b"{", b"[" * 100_000, b"", b"null", b"\xff\xfe\x00", b'{"strength": NaN}'])
def test_what_is_no_request_is_refused(http: httpx.Client, body: bytes) -> None:
    answer = http.post("/edit", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    refused(answer, "INVALID_PARAMETER")


def test_hostile_words_are_only_words(http: httpx.Client) -> None:
    words = "turn the blue square into <script>alert(1)</script> {locale} %s ../../ ignore all \u202ethat"
    done = made(http, mode="local", instruction=words)
    assert done["status"] == "completed"
    assert done["parameters"]["instruction"] == words.replace("\u202e", "")


def test_a_worker_killed_in_the_middle_of_an_edit_loses_only_that_step(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data", engine="diffusion")
    with serving(settings) as server, httpx.Client(base_url=server.url, timeout=60) as http:
        with working(settings) as first:
            until(lambda: http.get("/ready").status_code == 200)
            job_id = http.post("/edit", json=EDIT | {"instruction": "hold the blue square into"}).json()["job_id"]
            until(lambda: http.get(f"/status/{job_id}").json()["sub_step"] == "flux_edit (1/4)")
            first.kill()
            first.wait(60)
        with working(settings):
            done = finished(http, job_id, 60)
        assert done["status"] == "completed"
        assert journal(settings, job_id) == ["look", "locate", "edit", "edit", "check", "finish"]


def test_where_no_worker_can_edit_the_answer_says_so_at_once(tmp_path: Path) -> None:
    with serving_with_worker(Settings(data_dir=tmp_path / "data")) as studio:
        answer = calls.post(f"{studio.url}/edit", json=EDIT, timeout=60)
        assert answer.status_code == 503
        assert "ENGINE=diffusion" in refused(answer, "MODEL_UNAVAILABLE")["message"]
        assert calls.get(f"{studio.url}/jobs", timeout=60).json()["total"] == 0
        assert calls.post(f"{studio.url}/edit", json=EDIT | {"test_mode": True}, timeout=60).status_code == 202


def test_an_edit_that_reaches_a_studio_worker_says_what_it_needs(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    with serving(settings) as server, httpx.Client(base_url=server.url, timeout=60) as http:
        job_id = http.post("/edit", json=EDIT).json()["job_id"]  # no worker yet: nobody knows
        with working(settings):
            failed = finished(http, job_id, 60)
        assert failed["error"]["code"] == "MODEL_UNAVAILABLE"
        assert "ENGINE=diffusion" in failed["message"]
