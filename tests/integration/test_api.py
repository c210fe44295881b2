"""The API over real HTTP with a real worker: what it answers to good and bad requests."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from nanococoa_aiserver.api.gate import BODY_LIMIT
from nanococoa_aiserver.settings import Settings
from support import calls
from support.api_asking import AD, PHOTO, encoded, finished, made, picture, refused
from support.api_server import ApiServer, serving_with_worker
from support.hostile_pictures import animation, bomb
from support.waiting import until


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    with serving_with_worker(Settings(data_dir=tmp_path_factory.mktemp("api") / "data")) as running:
        yield running


@pytest.fixture(scope="module")
def http(server: ApiServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=60) as client:
        yield client


# --- asking for an ad -------------------------------------------------------------------------------------------------


def test_a_form_with_a_file_makes_an_ad(http: httpx.Client) -> None:
    fields = {
        "text_content": "햇사과",
        "bg_prompt": "과수원",
        "formats": "square, wide",
        "product_box": "2,2,40,40",
        "seed": "7",
    }
    fields |= {"brand": json.dumps({"colors": ["#B3261A"]}), "use_llm_html": "false", "font_family": ""}
    files = {"product_image": ("사과.png", PHOTO, "image/png"), "logo": ("logo.png", PHOTO, "image/png")}
    answer = http.post("/generate", data=fields, files=files)
    assert answer.status_code == 200
    assert answer.json()["status"] == "pending"
    done = finished(http, answer.json()["job_id"])
    kept = done["parameters"]
    assert (kept["seed"], kept["product_box"], kept["font_family"]) == (7, [2, 2, 40, 40], None)
    assert kept["brand"]["logo"] == kept["product_image"]
    assert sorted(done["outputs"]) == ["square", "wide"]


def test_markup_in_the_copy_is_kept_as_it_is_and_control_characters_go(http: httpx.Client) -> None:
    done = made(http, text_content="<script>alert(1)</script>\x00\x1b[31m 39,900원\u202e\r\n두 줄 👨‍👩‍👧")
    assert done["parameters"]["text_content"] == "<script>alert(1)</script>[31m 39,900원\n두 줄 👨‍👩‍👧"


def test_an_artifact_can_be_sent_instead_of_a_picture(http: httpx.Client) -> None:
    first = made(http)
    for value in (first["parameters"]["product_image"], first["outputs"]["square"]):
        assert made(http, product_image=value)["status"] == "completed"
    answer = http.post("/generate", json=AD | {"product_image": "0" * 64 + ".png"})
    refused(answer, "ARTIFACT_NOT_FOUND")


def test_the_key_may_come_as_a_header(http: httpx.Client) -> None:
    headers = {"Idempotency-Key": "header-key"}
    first = http.post("/generate", json=AD, headers=headers).json()
    again = http.post("/generate", json=AD, headers=headers).json()
    assert again["job_id"] == first["job_id"]
    assert "이미" in again["message"]


def test_ten_equal_requests_at_once_are_one_job(http: httpx.Client) -> None:
    body = AD | {"idempotency_key": "ten-at-once"}
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: http.post("/generate", json=body), range(10)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["job_id"] for answer in answers}) == 1


def test_warnings_are_sentences(http: httpx.Client) -> None:
    assert "product_box" in made(http, bg_prompt="doubt")["warnings"][0]
    english = http.post("/generate", json=AD | {"bg_prompt": "doubt", "locale": "en"}).json()
    assert "where the product ends" in finished(http, english["job_id"])["warnings"][0]


def test_a_failed_job_says_why_and_what_to_do(http: httpx.Client) -> None:
    failed = made(http, bg_prompt="fail render")
    assert failed["status"] == "failed"
    assert failed["error"]["code"] == "RENDER_FAILED"
    assert failed["message"] == failed["error"]["message"]
    assert failed["step1_result"].startswith("/artifacts/")


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "CMYK", "I;16"])
def test_unusual_pictures_are_taken(http: httpx.Client, mode: str) -> None:
    data = picture(mode=mode, file_type="TIFF" if mode == "CMYK" else "PNG")
    assert http.post("/generate", json=AD | {"product_image": encoded(data)}).status_code == 200


@pytest.mark.parametrize(
    ("data", "status", "code", "words"),
    [
        (b"hello, I am text", 400, "INVALID_IMAGE", "사진이 아니에요"),
        (PHOTO[:60], 400, "INVALID_IMAGE", "끊겼어요"),
        (b"", 400, "INVALID_IMAGE", "비어"),
        (animation(), 400, "INVALID_IMAGE", "움직이는"),
        (picture(1, 1), 400, "INVALID_IMAGE", "작아요"),
        (picture(8000, 5000, "1"), 413, "PAYLOAD_TOO_LARGE", "커요"),
        (bomb(), 413, "PAYLOAD_TOO_LARGE", "커요"),
    ],
    ids=["text", "truncated", "empty", "animated", "1x1", "40 MP", "bomb"],
)
def test_a_picture_that_cannot_be_used_is_refused_before_a_job_is_made(
    http: httpx.Client, data: bytes, status: int, code: str, words: str
) -> None:
    before = http.get("/jobs").json()["total"]
    for answer in (
        http.post("/generate", json=AD | {"product_image": encoded(data)}),
        http.post("/generate", data={"bg_prompt": "x"}, files={"product_image": data}),
        http.post("/cutout", json={"image": encoded(data)}),
    ):
        assert answer.status_code == status
        assert words in refused(answer, code)["message"]
    assert http.get("/jobs").json()["total"] == before


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"seed": "many"}, "seed", "정수"),
        ({"strength": 3}, "strength", "1 이하"),
        ({"start_step": 3}, "start_step", "1, 2"),
        ({"text_position": "middle"}, "text_position", "auto, top"),
        ({"text_color": "red"}, "text_color", "#4A2618"),
        ({"brand": {"colors": ["red"]}}, "brand.colors[0]", "#4A2618"),
        ({"product_box": [1, 2, 3]}, "product_box", "왼쪽"),
        ({"product_box": [10, 10, 60, 20]}, "product_box", "64×48"),
        ({"product_box": [-1, 0, 6, 6]}, "product_box", "64×48"),
        ({"product_box": [5, 5, 0, 6]}, "product_box", "너비"),
        ({"text_contnet": "x"}, "text_contnet", "text_content"),
        ({"surprise": 1}, "surprise", "이런 항목은 없어요"),
        ({"text_content": 7}, "text_content", "글자로"),
        ({"test_mode": "perhaps"}, "test_mode", "true"),
        ({"formats": ["square", "moon"]}, "formats", "moon"),
        ({"formats": []}, "formats", "크기"),
        ({"style": "loudest"}, "style", "shout"),
        ({"locale": "fr"}, "locale", "ko, en"),
        ({"product_image": "not base64!"}, "product_image", "base64"),
        ({"start_step": 2}, "step1_image", "step1_image"),
        ({"product_image": None}, "product_image", "product_image"),
        ({"idempotency_key": ""}, "idempotency_key", "1자"),
        ({"priority": 0}, "priority", "1 이상"),
    ],
)
def test_a_wrong_field_is_named_and_told_what_to_be(
    http: httpx.Client, changes: dict[str, Any], field: str, words: str
) -> None:
    answer = http.post("/generate", json=AD | changes)
    assert answer.status_code == 422
    error = refused(answer, "INVALID_PARAMETER")
    assert error["details"]["field"] == field
    assert words in error["message"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"text_content": " \n"}, "문구가 비어"),
        ({"text_content": "\x00\x07"}, "문구가 비어"),
        ({"text_content": "가" * 5000}, "5000자"),
        ({"bg_prompt": ""}, "배경"),
        ({"bg_negative_prompt": "가" * 5000}, "5000자"),
        ({"start_step": 2, "step1_image": encoded(PHOTO), "text_content": None}, "문구가 비어"),
    ],
)
def test_words_that_cannot_be_set_are_refused(http: httpx.Client, changes: dict[str, Any], words: str) -> None:
    answer = http.post("/generate", json=AD | changes)
    assert answer.status_code == 400
    assert words in refused(answer, "INVALID_PROMPT")["message"]


@pytest.mark.parametrize(
    "body",
    [b"{", b"[" * 100_000, b'{"seed": NaN}', b'{"text_content": "\\ud800"}', b"", b"null", b"[]", b"\xff\xfe\x00"],
    ids=["cut off", "deep", "NaN", "surrogate", "empty", "null", "list", "no text"],
)
@pytest.mark.parametrize("path", ["/generate", "/cutout"])
def test_what_is_no_request_is_refused(http: httpx.Client, path: str, body: bytes) -> None:
    answer = http.post(path, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    refused(answer, "INVALID_PARAMETER")


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "", "multipart/form-data"])
def test_another_content_type_is_refused(http: httpx.Client, kind: str) -> None:
    for path in ("/generate", "/analyze"):
        answer = http.post(path, content=b'{"a": 1}', headers={"Content-Type": kind})
        assert answer.status_code == 422, path
        refused(answer, "INVALID_PARAMETER")


def test_messages_speak_the_language_asked_for(http: httpx.Client) -> None:
    assert (
        "빠"
        not in refused(http.post("/generate", json=AD | {"locale": "en", "seed": "x"}), "INVALID_PARAMETER")["message"]
    )
    english = http.post("/generate", json=AD | {"locale": "en", "seed": "x"}).json()["error"]["message"]
    assert english == "seed is not valid: write a whole number."
    header = {"Accept-Language": "fr;q=0.9, en-GB;q=0.8, ko;q=0.1"}
    assert "no job" in refused(http.get("/status/none", headers=header), "JOB_NOT_FOUND")["message"]
    assert "작업이 없어요" in refused(http.get("/status/none"), "JOB_NOT_FOUND")["message"]
    body = {"image": encoded(b"no picture"), "locale": "en"}
    assert "picture" in refused(http.post("/cutout", json=body), "INVALID_IMAGE")["message"]


# --- sizes ------------------------------------------------------------------------------------------------------------


def test_a_request_that_is_too_large_is_refused_at_its_announcement(http: httpx.Client) -> None:
    answer = http.post("/generate", content=b"x" * (BODY_LIMIT + 1), headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    assert "28MB" in refused(answer, "PAYLOAD_TOO_LARGE")["message"]


@pytest.mark.parametrize("path", ["/generate", "/cutout", "/stop/none"])
def test_a_stream_that_does_not_end_is_refused_when_it_is_too_large(http: httpx.Client, path: str) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(40):
            sent += 2**20
            yield b" " * 2**20

    answer = http.post(path, content=endless(), headers={"Content-Type": "application/json"})
    if path == "/stop/none":  # reads no body at all
        assert answer.status_code == 404
    else:
        assert answer.status_code == 413
        refused(answer, "PAYLOAD_TOO_LARGE")


def test_a_file_over_its_own_limit_is_refused(http: httpx.Client) -> None:
    large = PHOTO + b"\0" * 20_000_000
    answer = http.post("/generate", data={"bg_prompt": "x"}, files={"product_image": large})
    assert "20MB" in refused(answer, "PAYLOAD_TOO_LARGE")["message"]


# --- routes -----------------------------------------------------------------------------------------------------------


def test_unknown_routes_and_methods_answer_with_the_envelope(http: httpx.Client) -> None:
    assert "/nowhere" in refused(http.get("/nowhere"), "NOT_FOUND")["message"]
    answer = http.put("/generate")
    assert answer.status_code == 405
    refused(answer, "METHOD_NOT_ALLOWED")


@pytest.mark.parametrize("name", ["..%2f..%2fetc%2fpasswd", "x" * 64 + ".png", "0" * 64, "0" * 64 + ".png"])
def test_no_name_but_an_artifacts_reaches_a_file(http: httpx.Client, name: str) -> None:
    answer = http.get(f"/artifacts/{name}")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] in ("ARTIFACT_NOT_FOUND", "NOT_FOUND")


def test_an_artifact_is_cached_for_ever(http: httpx.Client) -> None:
    path = made(http)["outputs"]["square"]
    first = http.get(path)
    assert first.headers["content-type"] == "image/png"
    assert first.headers["x-content-type-options"] == "nosniff"
    assert "immutable" in first.headers["cache-control"]
    again = http.get(path, headers={"If-None-Match": f'"other", W/{first.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    assert http.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_job_is_stopped_inside_its_step_and_goes_on_from_there(http: httpx.Client) -> None:
    job_id = http.post("/generate", json=AD | {"bg_prompt": "hold background"}).json()["job_id"]
    until(lambda: "background" in (http.get(f"/status/{job_id}").json()["sub_step"] or ""))
    refused(http.delete(f"/jobs/{job_id}"), "JOB_NOT_RESUMABLE")
    refused(http.post(f"/jobs/{job_id}/resume"), "JOB_NOT_RESUMABLE")
    running = http.get(f"/status/{job_id}").json()
    assert (running["status"], running["current_step"]) == ("running", "step1_background")
    assert running["message"] == "배경을 그리고 있어요"
    stopped = http.post(f"/stop/{job_id}").json()
    assert (stopped["job_id"], stopped["status"]) == (job_id, "stopped")
    fork = http.post(f"/jobs/{job_id}/resume", json={"from_step": "background", "changes": {"bg_prompt": "바다"}})
    assert finished(http, fork.json()["job_id"])["status"] == "completed"
    assert http.delete(f"/jobs/{job_id}").status_code == 204


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"changes": {"seed": 1}}, "INVALID_PARAMETER"),
        ({"from_step": "paint"}, "INVALID_PARAMETER"),
        ({"from_step": "background", "changes": {"seed": "x"}}, "INVALID_PARAMETER"),
        ({"from_step": "background", "changes": {"text_content": ""}}, "INVALID_PROMPT"),
        ({"from_step": "design", "changes": {"bg_prompt": "바다"}}, "INVALID_PARAMETER"),
        ({"from_step": "segment", "changes": {"product_image": "!!"}}, "INVALID_PARAMETER"),
    ],
)
def test_a_version_is_checked_like_a_new_ad(http: httpx.Client, body: dict[str, Any], code: str) -> None:
    job = made(http)
    refused(http.post(f"/jobs/{job['job_id']}/resume", json=body), code)


def test_light_work_that_takes_longer_answers_with_its_job(http: httpx.Client) -> None:
    answer = http.post("/analyze", json={"image": encoded(PHOTO), "question": "hold", "wait_seconds": 0.1})
    assert answer.status_code == 202
    assert answer.json()["result"] is None
    assert http.post(f"/stop/{answer.json()['job_id']}").json()["status"] == "stopped"


def test_what_light_work_found_after_its_request_had_gone_is_in_its_status(http: httpx.Client) -> None:
    answer = http.post("/analyze", json={"image": encoded(PHOTO), "wait_seconds": 0})
    path = f"/status/{answer.json()['job_id']}"
    until(lambda: http.get(path).json()["status"] == "completed", 20)
    at_once = http.post("/analyze", json={"image": encoded(PHOTO)}).json()["result"]
    assert http.get(path).json()["result"].keys() == at_once.keys()
    assert made(http)["result"] is None


def test_light_work_that_needs_a_model_says_what_to_install(http: httpx.Client) -> None:
    body = {"image_base64": encoded(PHOTO), "prompt": "사과", "model_type": "koclip"}
    answer = http.post("/clip-score", json=body)
    assert answer.status_code == 503
    error = refused(answer, "MODEL_UNAVAILABLE")
    assert "CLIP" in error["message"]
    assert error["job_id"]


def test_events_are_a_stream_that_ends(http: httpx.Client) -> None:
    job = made(http)
    with http.stream("GET", f"/jobs/{job['job_id']}/events") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        text = stream.read().decode()
    assert re.findall(r"event: (\w+)", text)[-1] == "completed"
    numbers = re.findall(r"id: (\d+)", text)
    rest = http.get(f"/jobs/{job['job_id']}/events", headers={"Last-Event-ID": numbers[-3]})
    assert re.findall(r"id: (\d+)", rest.text) == numbers[-2:]
    refused(http.get(f"/jobs/{job['job_id']}/events", headers={"Last-Event-ID": "last"}), "INVALID_PARAMETER")


def test_clients_that_leave_a_stream_are_let_go(http: httpx.Client, server: ApiServer) -> None:
    job_id = http.post("/generate", json=AD | {"bg_prompt": "hold segment"}).json()["job_id"]
    for _ in range(60):  # more than there are threads
        with calls.stream("GET", f"{server.url}/jobs/{job_id}/events", timeout=60) as stream:
            next(stream.iter_lines())
    assert http.get("/health", timeout=10).status_code == 200
    assert http.post(f"/stop/{job_id}").json()["status"] == "stopped"


# --- the machine ------------------------------------------------------------------------------------------------------


def test_request_ids_come_back(http: httpx.Client) -> None:
    assert http.get("/health", headers={"X-Request-ID": "order-7"}).headers["x-request-id"] == "order-7"
    made_up = http.get("/health", headers={"X-Request-ID": "a b\tc"}).headers["x-request-id"]
    assert re.fullmatch(r"[0-9a-f]{32}", made_up)


def test_numbers_for_prometheus_tell_of_queue_steps_and_quality(http: httpx.Client) -> None:
    made(http)
    text = http.get("/metrics").text
    assert "nanococoa_up 1.0" in text
    assert 'nanococoa_queue_depth{lane="heavy"}' in text
    assert re.search(r'nanococoa_jobs\{status="completed"\} [1-9]', text)
    assert "nanococoa_cutout_confidence 0.97" in text
    assert "nanococoa_self_check_success_ratio 1.0" in text
    assert "nanococoa_workers 1.0" in text


def test_the_dashboard_is_a_page_of_our_own_files(http: httpx.Client) -> None:
    page = http.get("/dashboard")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    for path in re.findall(r'(?:href|src)="([^"#]+)"', page.text):
        assert path.startswith("dashboard/"), path  # relative: the page also stands behind a door, below another path
        assert http.get(f"/{path}").status_code == 200, path
    state = http.get("/dashboard/state").json()
    assert {lane["name"] for lane in state["lanes"]} == {"heavy", "light"}
    assert state["workers"][0]["alive"]
    refused(http.get("/dashboard/page.py"), "INVALID_PARAMETER")
