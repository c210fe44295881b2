"""Asking the aiserver about a kept picture. Its answer is awaited, so nothing is written before it is there."""

from __future__ import annotations

import base64
import uuid
from typing import Any, Final

from anyio import from_thread
from sqlalchemy.orm import Session

from nanococoa_backend.errors import StillAsking
from nanococoa_backend.media.service import MediaService
from nanococoa_backend.messages import Locale
from nanococoa_backend.tools.models import PictureNote
from nanococoa_backend.tools.repository import PictureNotes
from nanococoa_backend.tools.schemas import Question, Score
from nanococoa_client.api import Aiserver
from nanococoa_client.schemas import AnalyzeRequest, ClipScoreRequest, LightResult

WAIT: Final = 15
"""Seconds somebody waits for an answer; a busy aiserver says so after that."""


class Asking:
    def __init__(
        self, session: Session, media: MediaService, aiserver: Aiserver, business_id: uuid.UUID, user_id: uuid.UUID
    ) -> None:
        self._media, self._aiserver = media, aiserver
        self._business_id, self._user_id = business_id, user_id
        self.notes = PictureNotes(session)

    def ask(self, asked: Question, locale: Locale) -> PictureNote:
        """Raises NotFound, StillAsking, and what the aiserver says."""
        request = AnalyzeRequest(
            image=self._picture(asked.asset_id), question=asked.question or None, locale=locale, wait_seconds=WAIT
        )
        result = _result(from_thread.run(self._aiserver.analyze, request))
        return self._note(asked.asset_id, "question", asked.question, result)

    def score(self, asked: Score, locale: Locale) -> PictureNote:
        """Raises NotFound, StillAsking, and what the aiserver says."""
        request = ClipScoreRequest(
            image_base64=self._picture(asked.asset_id),
            prompt=asked.text,
            model_type=asked.model,
            locale=locale,
            wait_seconds=WAIT,
        )
        result = _result(from_thread.run(self._aiserver.clip_score, request))
        answer = {
            "score": result["clip_score"],
            "interpretation": result["interpretation"],
            "model": result["model_type"],
        }
        return self._note(asked.asset_id, "score", asked.text, answer)

    def _picture(self, asset_id: uuid.UUID) -> str:
        data, media_type = self._media.file(self._media.get(asset_id), "original")
        return f"data:{media_type};base64,{base64.b64encode(data).decode()}"

    def _note(self, asset_id: uuid.UUID, kind: str, words: str, answer: dict[str, Any]) -> PictureNote:
        row = PictureNote(
            business_id=self._business_id,
            user_id=self._user_id,
            asset_id=asset_id,
            kind=kind,
            words=words,
            answer=answer,
        )
        return self.notes.add(row)


def _result(answer: LightResult) -> dict[str, Any]:
    if answer.result is None:
        raise StillAsking(retry_after=10)
    return {name: value for name, value in answer.result.items() if name != "views"}
