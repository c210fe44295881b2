"""Asking about a kept picture. Nothing here speaks to the aiserver: a question is a row that waits (``answering``)."""

from __future__ import annotations

import hashlib
import uuid

from sqlalchemy.orm import Session

from nanococoa_backend.errors import Outdated
from nanococoa_backend.media.service import MediaService
from nanococoa_backend.messages import Locale
from nanococoa_backend.platform.watch import Bell, ring_after_commit
from nanococoa_backend.tools.models import PictureNote
from nanococoa_backend.tools.repository import PictureNotes
from nanococoa_backend.tools.schemas import Question, Score


class Asking:
    """``bell`` wakes the work beside the requests."""

    def __init__(
        self, session: Session, media: MediaService, business_id: uuid.UUID, user_id: uuid.UUID, bell: Bell
    ) -> None:
        self._session, self._media, self._bell = session, media, bell
        self._business_id, self._user_id = business_id, user_id
        self.notes = PictureNotes(session)

    def ask(self, asked: Question, locale: Locale) -> PictureNote:
        """A question that waits for its answer; a page sent twice asks once. Raises NotFound."""
        return self._kept(asked, PictureNote(kind="question", words=asked.question, locale=locale))

    def score(self, asked: Score, locale: Locale) -> PictureNote:
        """Raises NotFound."""
        return self._kept(asked, PictureNote(kind="score", words=asked.text, model=asked.model, locale=locale))

    def try_again(self, note: PictureNote) -> None:
        """Ask a question anew that failed. Raises Outdated for any other."""
        if note.status != "failed":
            raise Outdated
        note.status, note.job_id, note.problem, note.progress = "waiting", None, None, None
        note.attempt, note.tries, note.next_try_at, note.finished_at = 0, 0, None, None
        ring_after_commit(self._session, self._bell)

    def _kept(self, asked: Question | Score, note: PictureNote) -> PictureNote:
        key = _key(asked)
        if key is not None and (known := self.notes.by_key(key)) is not None:
            return known
        note.asset_id = self._media.get(asked.asset_id).id
        note.business_id, note.user_id, note.request_key = self._business_id, self._user_id, key
        ring_after_commit(self._session, self._bell)
        return self.notes.add(note)


def _key(asked: Question | Score) -> str | None:
    """The same page with the same words is one question; with other words (after going back) it is another."""
    if not asked.key:
        return None
    return f"{asked.key}-{hashlib.sha256(asked.model_dump_json().encode()).hexdigest()[:24]}"
