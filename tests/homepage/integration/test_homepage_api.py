"""The API over HTTP: the contract the dashboard keeps, the envelope, the token, pages for the world."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient

from homepage_generator.app import create_app
from homepage_generator.errors import GateFailed
from homepage_generator.settings import Settings
from homepage_generator.spec.policy import PAGE_POLICY
from nanococoa_backend.platform import homepage_contract as contract
from support.homepages_maker import HeldMaker
from support.waiting import until

TOKEN = "a token of sixteen characters at least"
SHOP = {
    "business_info": {"name": "햇살과일", "trade": "과일 가게"},
    "products": [{"name": "부사 사과", "price": "39,900원"}],
}
VISITOR = {"name": "김손님", "reply": "010-1234-5678", "message": "내일 사과 있나요?", "consent": "yes", "page": "home"}


class Service:
    """The service with a maker that tests hold, asked over HTTP with the token or without."""

    def __init__(self, client: TestClient, maker: HeldMaker) -> None:
        self.client, self.maker = client, maker

    def get(self, path: str, *, token: str | None = TOKEN, **options: Any) -> httpx2.Response:
        return self.client.get(path, headers=self._headers(token, options), follow_redirects=False, **options)

    def post(self, path: str, body: Any = None, *, token: str | None = TOKEN, **options: Any) -> httpx2.Response:
        headers = self._headers(token, options)
        return self.client.post(path, json=body, headers=headers, follow_redirects=False, **options)

    def ended(self, job_id: str) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            state: dict[str, Any] = self.get(f"/status/{job_id}").json()
            return state if state["status"] in ("completed", "failed", "stopped") else None

        return until(look, 180) or {}

    def make(self, **more: Any) -> dict[str, Any]:
        answer = self.post("/generate", SHOP | more)
        assert answer.status_code == 202, answer.text
        return self.ended(answer.json()["job_id"])

    def _headers(self, token: str | None, options: dict[str, Any]) -> dict[str, str]:
        given: dict[str, str] = options.pop("headers", {})
        return ({"Authorization": f"Bearer {token}"} if token else {}) | given


@contextmanager
def opened(folder: Path, url: str = "", **settings: Any) -> Iterator[Service]:
    maker = HeldMaker()
    given = Settings(homepage_data_dir=folder / "data", database_url=url, homepage_token=TOKEN, **settings)
    with TestClient(create_app(given, maker.open), base_url="http://127.0.0.1:8891") as client:
        yield Service(client, maker)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with opened(tmp_path) as found:
        yield found


@pytest.fixture
def either(tmp_path: Path, jobs_url: str) -> Iterator[Service]:
    """On each database in turn."""
    with opened(tmp_path, jobs_url) as found:
        yield found


def refused(answer: httpx2.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    error: dict[str, Any] = answer.json()["error"]
    assert (error["code"], bool(error["message"]), "timestamp" in error) == (code, True, True)
    return error


def test_every_answer_is_what_the_dashboards_contract_says(either: Service) -> None:
    options = contract.Options.model_validate_json(either.get("/options").content)
    assert len(options.themes) >= 6
    made = contract.JobState.model_validate(either.make(publish=False))
    assert made.result is not None
    slug, version = made.result.slug, made.result.version
    assert (made.status, made.progress_percent, made.result.homepage_url) == ("completed", 100, None)
    versions = contract.Versions.model_validate_json(either.get(f"/sites/{slug}/versions").content)
    assert (versions.published, [one.id for one in versions.versions]) == (None, [version])
    sections = contract.Sections.model_validate_json(either.get(f"/sites/{slug}/versions/{version}").content)
    assert [one.id for one in sections.sections] == ["hero", "footer"]
    assert sections.sections[-1].fixed
    shown = contract.Published.model_validate_json(either.post(f"/sites/{slug}/publish", {"version": version}).content)
    assert shown.homepage_url == f"http://127.0.0.1:8891/sites/{slug}/"
    assert [contract.Site.model_validate(one).slug for one in either.get("/sites").json()] == [slug]
    edit = either.post(f"/sites/{slug}/edit", {"base": version, "instruction": "더 크게", "locale": "ko"})
    assert contract.Accepted.model_validate_json(edit.content).status in ("pending", "running", "completed")
    assert either.ended(edit.json()["job_id"])["result"]["version"] == "v2"
    back = contract.Published.model_validate_json(either.post(f"/sites/{slug}/rollback", {"version": "v2"}).content)
    assert back.version == "v2"
    gone = contract.Published.model_validate_json(either.post(f"/sites/{slug}/unpublish").content)
    assert (gone.version, gone.homepage_url) == (None, None)


def test_a_page_is_published_unless_it_is_to_be_looked_at_first(service: Service) -> None:
    made = service.make()
    assert made["result"]["homepage_url"] == "http://127.0.0.1:8891/sites/haetsalgwail/"
    page = service.get("/sites/haetsalgwail/", token=None)
    assert "햇살과일" in page.text
    assert page.headers["content-security-policy"] == PAGE_POLICY
    assert service.get("/sites/haetsalgwail", token=None).headers["location"] == "haetsalgwail/"
    assert service.get("/sites/haetsalgwail/f1.woff2", token=None).headers["access-control-allow-origin"] == "*"
    assert service.get("/sites/haetsalgwail/p/a-8.webp", token=None).headers["content-type"] == "image/webp"


def test_an_address_that_leads_nowhere_is_answered_by_the_sites_own_page(service: Service) -> None:
    service.make()
    lost = service.get("/sites/haetsalgwail/nothing.html", token=None)
    assert (lost.status_code, "<h1>404</h1>" in lost.text) == (404, True)
    nobody = service.get("/sites/nobody/", token=None)
    assert (nobody.status_code, "홈페이지가 없어요" in nobody.text) == (404, True)
    assert nobody.headers["content-security-policy"] == PAGE_POLICY
    for path in ("..%2f..%2fhomepages.db", "%2e%2e/%2e%2e/homepages.db", ".hidden.html", "p/.x.html"):
        assert service.get(f"/sites/haetsalgwail/{path}", token=None).status_code in (401, 404), path


def test_the_same_key_is_the_same_job(service: Service) -> None:
    key = {"Idempotency-Key": "one"}
    first, again = (service.post("/generate", SHOP, headers=key).json()["job_id"] for _ in range(2))
    assert first == again
    service.ended(first)
    assert len(service.get("/sites").json()) == 1


def test_progress_is_told_as_events_to_the_end(service: Service) -> None:
    job = service.post("/generate", SHOP).json()["job_id"]
    stream = service.get(f"/jobs/{job}/events")
    assert stream.headers["content-type"].startswith("text/event-stream")
    assert "event: completed" in stream.text
    assert '"progress_percent":100' in stream.text


def test_a_running_job_shows_its_pictures_and_can_be_stopped(service: Service) -> None:
    service.maker.hold.clear()
    job = service.post("/generate", SHOP).json()["job_id"]
    state = until(lambda: (told := service.get(f"/status/{job}").json())["screenshots"] and told, 180)
    assert (state["status"], state["agent"], state["step"]) == ("running", "developer", "write")
    assert state["message"] == "글을 쓰고 있어요."
    picture = service.get(f"/jobs/{job}/screenshots/phone-1.png")
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/png")
    refused(service.get(f"/jobs/{job}/screenshots/other.png"), 404, "NOT_FOUND")
    assert service.post(f"/stop/{job}").status_code == 200
    assert service.ended(job)["status"] == "stopped"
    assert service.get("/sites").json() == []
    service.maker.hold.set()
    assert service.post(f"/resume/{job}").status_code == 202
    assert service.ended(job)["status"] == "completed"


def test_a_failed_job_says_why_in_the_readers_language(service: Service) -> None:
    service.maker.failure = GateFailed(findings=["overflow"])
    failed = service.make()
    assert failed["error"]["code"] == "GATE_FAILED"
    assert failed["error"]["details"] == {"findings": ["overflow"]}
    english = service.get(f"/status/{failed['job_id']}", headers={"Accept-Language": "en"}).json()
    assert english["error"]["message"].startswith("The page did not pass")
    assert english["message"] == english["error"]["message"]


def test_a_page_that_waits_for_its_owner_goes_on_with_a_word(service: Service) -> None:
    job = service.post("/generate", SHOP | {"approve": True}).json()["job_id"]
    state = until(lambda: (told := service.get(f"/status/{job}").json())["awaits_approval"] and told, 180)
    assert state["status"] == "running"
    assert service.get("/sites").json() == []
    assert service.post(f"/jobs/{job}/answer", {"approved": True}).status_code == 202
    assert service.ended(job)["status"] == "completed"
    refused(service.post(f"/jobs/{job}/answer", {"approved": True}), 409, "JOB_NOT_RESUMABLE")


def test_a_site_made_anew_is_a_version_of_it(service: Service) -> None:
    service.make()
    again = service.make(slug="haetsalgwail")
    assert again["result"] | {"homepage_url": ""} == {"slug": "haetsalgwail", "version": "v2", "homepage_url": ""}
    refused(service.post("/generate", SHOP | {"slug": "nobody"}), 404, "NOT_FOUND")


def test_a_version_is_looked_at_and_carried_away(service: Service) -> None:
    service.make(publish=False)
    look = service.get("/sites/haetsalgwail/versions/v1/preview/index.html")
    assert (look.status_code, look.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert look.headers["cache-control"] == "private, no-store"
    assert service.get("/sites/haetsalgwail/versions/v1/preview/s1.css").headers["content-type"].startswith("text/css")
    assert service.get("/sites/haetsalgwail/versions/v1/preview/..%2f..%2fx.html").status_code == 404
    assert service.get("/sites/haetsalgwail/versions/v1/report").json() == {"passed": True}
    answer = service.get("/sites/haetsalgwail/export.zip?version=v1")
    assert answer.headers["content-disposition"] == 'attachment; filename="haetsalgwail-v1.zip"'
    assert "index.html" in zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert service.client.delete("/sites/haetsalgwail", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 204
    refused(service.get("/sites/haetsalgwail/versions"), 404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "business_info"),
        ({"business_info": {}}, "business_info.name"),
        ({"business_info": {"name": ""}}, "business_info.name"),
        ({"business_info": "햇살"}, "business_info"),
        (SHOP | {"locale": "fr"}, "locale"),
        (SHOP | {"products": {}}, "products"),
        (SHOP | {"products": [{"name": "사과", "image": "http://10.0.0.1/x.png"}]}, "products[0].image"),
        (SHOP | {"products": [{"name": "사과", "image": "data:image/png;base64,AAAA"}]}, "products[0].image"),
        (SHOP | {"publish": "maybe"}, "publish"),
        (SHOP | {"slug": "../x"}, "slug"),
        ([], "body"),
    ],
)
def test_a_wrong_commission_is_refused_at_once_by_its_field(service: Service, body: Any, field: str) -> None:
    error = refused(service.post("/generate", body), 422, "INVALID_PARAMETER")
    assert error["details"]["field"] == field
    english = service.post("/generate", body, headers={"Accept-Language": "en"}).json()["error"]
    assert error["message"] != english["message"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"base": "v1"}, 422),
        ({"base": "v1", "instruction": "x", "section": "hero", "patch": {"hidden": True}}, 422),
        ({"base": "v1", "patch": {"hidden": True}}, 422),
        ({"base": "v1", "section": "hero", "patch": {}}, 422),
        ({"base": "v1", "instruction": "   "}, 422),
        ({"base": "v9", "instruction": "x"}, 404),
        ({"base": "v1", "section": "nothing", "instruction": "x"}, 404),
        ({"base": "v1", "section": "footer", "patch": {"hidden": True}}, 422),
        ({"base": "v1", "section": "hero", "patch": {"fields": {"nothing": "x"}}}, 422),
    ],
)
def test_a_wrong_edit_is_refused_before_it_becomes_a_job(service: Service, body: dict[str, Any], status: int) -> None:
    service.make()
    answer = service.post("/sites/haetsalgwail/edit", body)
    refused(answer, status, "INVALID_PARAMETER" if status == 422 else "NOT_FOUND")


def test_nobody_without_the_token_is_answered_but_pages_and_health(service: Service) -> None:
    service.make()
    for path in ("/options", "/sites", "/metrics", "/sites/haetsalgwail/versions", "/sites/haetsalgwail/export.zip"):
        refused(service.get(path, token=None), 401, "UNAUTHORIZED")
        refused(service.get(path, token="another token of length"), 401, "UNAUTHORIZED")
    refused(service.post("/generate", SHOP, token=None), 401, "UNAUTHORIZED")
    preview = "/sites/haetsalgwail/versions/v1/preview/index.html"
    refused(service.get(preview, token=None), 401, "UNAUTHORIZED")
    for path in ("/health", "/ready", "/sites/haetsalgwail/"):
        assert service.get(path, token=None).status_code == 200, path


def test_a_visitors_message_is_kept_and_answered_by_a_page(service: Service) -> None:
    service.make()
    sent = service.client.post("/sites/haetsalgwail/contact", data=VISITOR, follow_redirects=False)
    assert (sent.status_code, sent.headers["location"]) == (303, "thanks.html")
    (kept,) = service.get("/sites/haetsalgwail/messages").json()["messages"]
    assert (kept["name"], kept["message"], kept["delivered_at"]) == ("김손님", "내일 사과 있나요?", None)


@pytest.mark.parametrize(
    ("changes", "page"),
    [
        ({"website": "http://spam"}, "thanks.html"),
        ({"consent": ""}, "sorry.html"),
        ({"name": ""}, "sorry.html"),
        ({"message": "가" * 3001}, "sorry.html"),
    ],
)
def test_a_message_that_is_none_is_not_kept(service: Service, changes: dict[str, str], page: str) -> None:
    service.make()
    sent = service.client.post("/sites/haetsalgwail/contact", data=VISITOR | changes, follow_redirects=False)
    assert (sent.status_code, sent.headers["location"]) == (303, page)
    assert service.get("/sites/haetsalgwail/messages").json()["messages"] == []


def test_a_flood_of_messages_is_held_off_by_its_sender(tmp_path: Path) -> None:
    with opened(tmp_path, trusted_proxies="*") as service:
        service.make()

        def send(address: str) -> str:
            headers = {"X-Forwarded-For": f"1.2.3.4, {address}"}
            sent = service.client.post(
                "/sites/haetsalgwail/contact", data=VISITOR, headers=headers, follow_redirects=False
            )
            return sent.headers["location"]

        assert [send("203.0.113.5") for _ in range(6)] == ["thanks.html"] * 5 + ["sorry.html"]
        assert send("203.0.113.6") == "thanks.html"


def test_a_request_that_is_too_large_is_refused_with_its_limit(service: Service) -> None:
    service.make()
    error = refused(
        service.client.post("/sites/haetsalgwail/contact", data={"message": "x" * 70_000}), 413, "PAYLOAD_TOO_LARGE"
    )
    assert "0.06MB" in error["message"]


def test_unknown_routes_and_methods_are_told_by_the_envelope(service: Service) -> None:
    refused(service.get("/nothing"), 404, "NOT_FOUND")
    refused(service.post("/options"), 405, "METHOD_NOT_ALLOWED")
    refused(service.get("/status/" + "0" * 32), 404, "JOB_NOT_FOUND")
    refused(service.get("/status/no-id"), 422, "INVALID_PARAMETER")


def test_numbers_and_readiness_are_told(service: Service) -> None:
    service.make()
    numbers = service.get("/metrics").text
    assert "homepages_up 1.0" in numbers
    assert 'homepages_jobs{status="completed"} 1.0' in numbers
    assert "homepages_published 1.0" in numbers
    assert service.get("/ready").json() == {"ready": True, "database": True, "store": True}


def test_every_operation_is_described_with_its_failures(service: Service) -> None:
    document = service.get("/openapi.json").json()
    assert document["components"]["securitySchemes"]
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation["summary"], (method, path)
            assert operation["description"], (method, path)
            failures = {code for code in operation["responses"] if code[0] in "45"}
            assert failures >= {"401", "422", "500"} or path == "/health", (method, path)
            for parameter in operation.get("parameters", []):
                assert parameter.get("description"), (method, path, parameter["name"])
