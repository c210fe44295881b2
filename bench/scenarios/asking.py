"""One task through the API: seconds, what came of it, and the scores."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import cv2
import httpx
import numpy as np

from bench.scenarios.cases import Edit, Subject
from bench.scenarios.scores import easy_scores, style_scores
from bench.server import Server
from nanococoa_aiserver.imaging.types import Rgb

SEED: Final = 7
SECONDS: Final = 600.0
"""The longest that a task may take: an edit on a processor takes minutes."""
WAIT: Final = 60
"""The longest that the API holds an answer back (its own limit)."""
TASKS: Final = ("easy", "stylise", "question", "look")
"""``look`` is the description and the colours that every engine gives, so that one without models is measured, too."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """``refused`` is the error's code where the server would not do it, ``message`` why; else ``scores`` are told."""

    subject: str
    kind: str
    task: str
    seconds: float
    refused: str = ""
    message: str = ""
    answer: str = ""
    scores: dict[str, float | bool | None] = field(default_factory=dict)


class Refused(Exception):
    """The server's own error, ``{"code", "message", …}``."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error["message"])
        self.code: str = error["code"]


def outcome(server: Server, subject: Subject, task: str) -> Outcome:
    """Raises only what is neither an answer nor a refusal of the server's."""
    doing: dict[str, Callable[[Server, Subject], tuple[float, str, dict[str, Any]]]] = {
        "easy": _easy,
        "stylise": _stylised,
        "question": _asked,
        "look": _looked,
    }
    started = time.perf_counter()
    try:
        seconds, answer, scores = doing[task](server, subject)
    except Refused as refusal:
        spent = round(time.perf_counter() - started, 3)
        return Outcome(subject.name, subject.kind, task, spent, refused=refusal.code, message=str(refusal))
    return Outcome(subject.name, subject.kind, task, round(seconds, 3), answer=answer, scores=scores)


def _easy(server: Server, subject: Subject) -> tuple[float, str, dict[str, Any]]:
    seconds, after, check = _edited(server, subject, subject.easy)
    measured = easy_scores(subject.pixels(), after, subject.thing())
    return seconds, "", _rounded(measured) | _clip(server, after, subject.easy.caption) | check


def _stylised(server: Server, subject: Subject) -> tuple[float, str, dict[str, Any]]:
    seconds, after, check = _edited(server, subject, subject.stylise)
    measured = style_scores(subject.pixels(), after)
    return seconds, "", _rounded(measured) | _clip(server, after, subject.stylise.caption) | check


def _edited(server: Server, subject: Subject, edit: Edit) -> tuple[float, Rgb, dict[str, Any]]:
    """Seconds until the picture was there, the picture, and what the self-check said of it where one was made."""
    started = time.perf_counter()
    body = {"image": _base64(subject), "instruction": edit.instruction, "seed": SEED, "locale": "en"}
    state = _ended(server, _answered(server.http.post("/edit", json=body))["job_id"])
    seconds = time.perf_counter() - started
    encoded = np.frombuffer(server.http.get(state["outputs"]["edited"]).content, np.uint8)
    after = cv2.imdecode(encoded, cv2.IMREAD_COLOR)
    if after is None:
        raise ValueError(f"{subject.name}: the edited picture can't be read")
    checked = state["checks"].get("self_check") or {}
    told = {"self_check": checked.get("verdict"), "attempts": checked.get("attempts")}
    return seconds, np.asarray(after[..., ::-1], np.uint8), told


def _asked(server: Server, subject: Subject) -> tuple[float, str, dict[str, Any]]:
    started = time.perf_counter()
    body = {"image": _base64(subject), "question": subject.question.ask, "locale": "en"}
    answer = str(_light(server, "/analyze", body)["text"])
    return time.perf_counter() - started, answer, {"right": subject.question.right(answer)}


def _looked(server: Server, subject: Subject) -> tuple[float, str, dict[str, Any]]:
    started = time.perf_counter()
    seen = _light(server, "/analyze", {"image": _base64(subject), "locale": "en"})
    return time.perf_counter() - started, str(seen["text"]), {}


def _clip(server: Server, picture: Rgb, caption: str) -> dict[str, float | None]:
    """CLIPScore 0..100; None where the server has no CLIP."""
    encoded = cv2.imencode(".png", picture[..., ::-1])[1].tobytes()
    body = {"image_base64": base64.b64encode(encoded).decode(), "prompt": caption, "model_type": "openai"}
    try:
        return {"clip_score": float(_light(server, "/clip-score", body)["clip_score"])}
    except Refused:
        return {"clip_score": None}


def _light(server: Server, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """The result of light work, waited for beyond the API's own patience."""
    answered = _answered(server.http.post(path, json=body | {"wait_seconds": WAIT}, timeout=WAIT + 30))
    found: dict[str, Any] = answered["result"] or _ended(server, answered["job_id"])["result"]
    return found


def _ended(server: Server, job_id: str) -> dict[str, Any]:
    try:
        return server.finish(job_id, SECONDS)
    except RuntimeError:
        raise Refused(server.status(job_id)["error"]) from None


def _answered(response: httpx.Response) -> dict[str, Any]:
    body: dict[str, Any] = response.json()
    if response.is_error:
        raise Refused(body["error"])
    return body


def _base64(subject: Subject) -> str:
    return base64.b64encode(subject.picture.read_bytes()).decode()


def _rounded(scores: dict[str, float]) -> dict[str, float]:
    return {name: float(f"{value:.4g}") for name, value in scores.items()}
