"""Picture tools: what was answered is kept, what can't be done is told, an edit becomes one of the ads."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nanococoa_backend.messages import say
from nanococoa_client.schemas import AnalyzeRequest, ClipScoreRequest, LightResult
from support.dashboard import Browser, CuttingAiserver, Dashboard, open_dashboard, photo, refused
from support.waiting import until


class SeeingAiserver(CuttingAiserver):
    """One with all models: it edits, answers and scores. ``loads`` makes an answer take longer than anybody waits."""

    def __init__(self) -> None:
        super().__init__()
        self._engine = "diffusion"
        self.loads = False
        self.questions: list[str] = []

    async def analyze(self, request: AnalyzeRequest) -> LightResult:
        self._reachable()
        self.questions.append(request.question or "")
        answer = self._light("analyze", {"text": f"답: {request.question}", "palette": []}, {})
        if not self.loads:
            return answer
        job = self._jobs[answer.job_id]
        job.status = "running"
        return answer.model_copy(update={"status": "running", "result": None})

    def loaded(self) -> None:
        for job in self._jobs.values():
            job.status = "completed"

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


def ended(browser: Browser, note_id: str, status: str = "done") -> dict[str, Any]:
    """The answer, when it is there."""

    def look() -> dict[str, Any] | None:
        note: dict[str, Any] = browser.api("GET", f"/picture-notes/{note_id}").json()
        return note if note["status"] in ("done", "failed") else None

    note = until(look, 180) or {}
    assert note["status"] == status, note
    return note


def test_a_picture_is_described_and_the_answer_is_kept(dashboard: Dashboard) -> None:
    owner = dashboard.owner()
    picture = kept(owner)
    asked = owner.api("POST", "/analyses", json={"asset_id": picture})
    assert asked.status_code == 202, asked.text
    assert ended(owner, asked.json()["id"])["answer"]["palette"] == ["#6f4e37"]
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
    until(lambda: "그림과 글이 잘 맞아요." in owner.get(f"/edit?picture={picture}").text, 180)
    shown = owner.get(f"/edit?picture={picture}").text
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
    asked = owner.api("POST", "/scores", json={"asset_id": picture, "text": "사과"}).json()["id"]
    assert ended(owner, asked, "failed")["problem"]["code"] == "MODEL_UNAVAILABLE"
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


def seen_by(dashboard: Dashboard) -> SeeingAiserver:
    assert isinstance(dashboard.aiserver, SeeingAiserver)
    return dashboard.aiserver


def test_an_answer_that_takes_long_appears_when_it_comes(seeing: Dashboard) -> None:
    owner, aiserver = seeing.owner(), seen_by(seeing)
    picture, aiserver.loads = kept(owner), True
    page = owner.post("/edit/ask", {"asset_id": picture, "question": "무엇이 보이나요?"})
    assert page.headers["location"] == f"/edit?picture={picture}#notes"
    (note,) = owner.api("GET", "/picture-notes").json()["notes"]
    until(lambda: owner.api("GET", f"/picture-notes/{note['id']}").json()["status"] == "running", 180)
    shown = owner.get(f"/edit?picture={picture}").text
    assert f'data-waiting="/api/v1/picture-notes/{note["id"]} "' in shown
    assert say("ko", "tools.comes") in shown
    aiserver.loaded()
    assert ended(owner, note["id"])["answer"]["text"] == "답: 무엇이 보이나요?"
    assert aiserver.questions == ["무엇이 보이나요?"]
    assert "답: 무엇이 보이나요?" in owner.get(f"/edit?picture={picture}").text


def test_a_question_waits_while_the_aiserver_is_away(seeing: Dashboard) -> None:
    owner, aiserver = seeing.owner(), seen_by(seeing)
    picture, aiserver.away = kept(owner), True
    asked = owner.api("POST", "/analyses", json={"asset_id": picture, "question": "밝은가요?"}).json()
    assert asked["status"] == "waiting"
    aiserver.away = False
    assert ended(owner, asked["id"])["answer"]["text"] == "답: 밝은가요?"


def test_a_job_the_aiserver_forgot_is_asked_again_then_told_as_lost(seeing: Dashboard) -> None:
    owner, aiserver = seeing.owner(), seen_by(seeing)
    picture, aiserver.loads = kept(owner), True
    asked = owner.api("POST", "/analyses", json={"asset_id": picture, "question": "밝은가요?"}).json()["id"]

    def lost() -> bool:
        aiserver.forget()
        return bool(owner.api("GET", f"/picture-notes/{asked}").json()["status"] == "failed")

    until(lost, 180, 0.2)
    assert ended(owner, asked, "failed")["problem"]["code"] == "JOB_NOT_FOUND"
    assert len(aiserver.questions) == 3
    assert say("ko", "tools.again") in owner.get(f"/edit?picture={picture}").text
    aiserver.loads = False
    assert owner.api("POST", f"/picture-notes/{asked}/again").status_code == 202
    assert ended(owner, asked)["answer"]["text"] == "답: 밝은가요?"
    refused(owner.api("POST", f"/picture-notes/{asked}/again"), 409, "OUTDATED")


def test_a_page_sent_twice_asks_once(seeing: Dashboard) -> None:
    owner = seeing.owner()
    form = {"asset_id": kept(owner), "question": "밝은가요?", "key": "once"}
    for _ in range(2):
        assert owner.post("/edit/ask", form).status_code == 303
    owner.post("/edit/ask", form | {"question": "어두운가요?"})  # after going back
    notes = owner.api("GET", "/picture-notes").json()["notes"]
    assert sorted(note["words"] for note in notes) == ["밝은가요?", "어두운가요?"]


def test_an_answer_that_nobody_wants_any_more_is_let_go(seeing: Dashboard) -> None:
    owner, aiserver = seeing.owner(), seen_by(seeing)
    picture, aiserver.loads = kept(owner), True
    asked = owner.api("POST", "/analyses", json={"asset_id": picture}).json()["id"]
    until(lambda: owner.api("GET", f"/picture-notes/{asked}").json()["status"] == "running", 180)
    assert owner.api("DELETE", f"/picture-notes/{asked}").status_code == 204
    aiserver.loads = False
    later = owner.api("POST", "/analyses", json={"asset_id": picture}).json()["id"]
    assert ended(owner, later)["status"] == "done"
