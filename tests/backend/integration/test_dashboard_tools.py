"""Picture tools: what was answered is kept, what can't be done is told, an edit becomes one of the ads."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nanococoa_backend.messages import say
from nanococoa_client.schemas import ClipScoreRequest, LightResult
from support.dashboard import Browser, CuttingAiserver, Dashboard, open_dashboard, photo, refused
from support.waiting import until


class SeeingAiserver(CuttingAiserver):
    """One with all models: it edits, answers and scores."""

    def __init__(self) -> None:
        super().__init__()
        self._engine = "diffusion"

    async def resources(self) -> Any:
        told = await super().resources()
        return told.model_copy(update={"models": {"editing": True, "clip": True, "vision_language": True}})

    async def clip_score(self, request: ClipScoreRequest) -> LightResult:
        told = {"clip_score": 31.5, "prompt": request.prompt, "model_type": request.model_type}
        return self._light("clip_score", told | {"interpretation": "그림과 글이 잘 맞아요."}, {})


@pytest.fixture
def seeing(tmp_path: Path, jobs_url: str) -> Iterator[Dashboard]:
    with open_dashboard(tmp_path, jobs_url, aiserver=SeeingAiserver()) as opened:
        until(lambda: opened.app.state.services.catalogue.now.abilities)
        yield opened


def kept(browser: Browser) -> str:
    answer = browser.api("POST", "/pictures", files={"photo": ("p.jpg", photo(), "image/jpeg")})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def test_a_picture_is_described_and_the_answer_is_kept(dashboard: Dashboard) -> None:
    owner = dashboard.owner()
    picture = kept(owner)
    asked = owner.api("POST", "/analyses", json={"asset_id": picture})
    assert (asked.status_code, asked.json()["answer"]["palette"]) == (201, ["#6f4e37"])
    (note,) = owner.api("GET", f"/picture-notes?picture={picture}").json()["notes"]
    assert note["id"] == asked.json()["id"]
    assert "#6f4e37" in owner.get(f"/edit?picture={picture}").text
    assert owner.post(f"/edit/notes/{note['id']}/delete").status_code == 303
    assert owner.api("GET", "/picture-notes").json()["notes"] == []


def test_a_score_is_told_with_its_meaning(seeing: Dashboard) -> None:
    owner = seeing.owner()
    picture = kept(owner)
    page = owner.post("/edit/score", {"asset_id": picture, "text": "빨간 사과", "model": "koclip"})
    assert page.headers["location"] == f"/edit?picture={picture}#notes"
    shown = owner.get(f"/edit?picture={picture}").text
    assert "그림과 글이 잘 맞아요." in shown
    assert ">32<" in shown
    (note,) = owner.api("GET", "/picture-notes").json()["notes"]
    assert (note["kind"], note["words"], note["answer"]["model"]) == ("score", "빨간 사과", "koclip")


def test_a_change_by_words_becomes_one_of_the_ads(seeing: Dashboard) -> None:
    owner = seeing.owner()
    picture = kept(owner)
    form = {"asset_id": picture, "instruction": "배경을 바닷가로 바꿔 줘", "mode": "global", "key": "once"}
    first, second = owner.post("/edit/change", form), owner.post("/edit/change", form)
    assert first.headers["location"] == second.headers["location"]
    ad_id = first.headers["location"].rpartition("/")[2]
    until(lambda: owner.api("GET", f"/ads/{ad_id}").json()["status"] == "completed")
    ad = owner.api("GET", f"/ads/{ad_id}").json()
    assert (ad["kind"], [file["format"] for file in ad["files"]]) == ("edit", ["edited"])
    page = owner.get(f"/ads/{ad_id}").text
    assert f"/media/{picture}/view" in page


def test_what_the_aiserver_has_no_model_for_is_told_before_it_is_asked(dashboard: Dashboard) -> None:
    owner = dashboard.owner()
    picture = kept(owner)
    page = owner.get(f"/edit?picture={picture}").text
    assert all(say("ko", f"tools.missing.{name}") in page for name in ("editing", "vision_language", "clip"))
    refused(owner.api("POST", "/scores", json={"asset_id": picture, "text": "사과"}), 503, "MODEL_UNAVAILABLE")
    assert owner.api("GET", "/picture-notes").json()["notes"] == []
    edit = owner.api("POST", "/edits", json={"asset_id": picture, "instruction": "바다로"}).json()
    until(lambda: owner.api("GET", f"/ads/{edit['id']}").json()["status"] == "failed")
    assert owner.api("GET", f"/ads/{edit['id']}").json()["problem"]["code"] == "MODEL_UNAVAILABLE"


def test_an_upload_leads_to_its_tools_and_a_broken_one_says_why(dashboard: Dashboard) -> None:
    owner = dashboard.owner()
    sent = owner.post("/edit", files={"photo": ("p.jpg", photo(), "image/jpeg")})
    assert sent.headers["location"].startswith("/edit?picture=")
    broken = owner.post("/edit", files={"photo": ("p.jpg", b"no picture", "image/jpeg")})
    assert (broken.status_code, say("ko", "errors.image_type") in broken.text) == (400, True)


def test_nothing_is_done_with_another_business_picture(dashboard: Dashboard) -> None:
    picture = kept(dashboard.owner("a@b.kr"))
    thief = dashboard.owner("thief@b.kr")
    assert thief.get(f"/edit?picture={picture}").status_code == 404
    for path, body in (("/analyses", {}), ("/scores", {"text": "x"}), ("/edits", {"instruction": "x"})):
        refused(thief.api("POST", path, json={"asset_id": picture, **body}), 404, "NOT_FOUND")


@pytest.mark.parametrize("words", ["", " ", "x" * 501])
def test_words_that_are_none_or_too_many_are_refused(sqlite_dashboard: Dashboard, words: str) -> None:
    owner = sqlite_dashboard.owner()
    picture = kept(owner)
    refused(owner.api("POST", "/scores", json={"asset_id": picture, "text": words}), 422, "INVALID_PARAMETER")
    page = owner.post("/edit/score", {"asset_id": picture, "text": words})
    assert page.status_code == 422
    assert owner.post("/edit/score", {"asset_id": str(uuid.uuid4()), "text": words}).status_code == 404
