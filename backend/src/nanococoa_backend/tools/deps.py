"""What routes of picture tools work with."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from nanococoa_backend.businesses.visits import EditorDep, ShopDep
from nanococoa_backend.media.routes import MediaDep
from nanococoa_backend.platform.database import SessionDep
from nanococoa_backend.platform.services import ServicesDep
from nanococoa_backend.tools.asking import Asking
from nanococoa_backend.tools.repository import PictureNotes


def asking(session: SessionDep, services: ServicesDep, media: MediaDep, visit: EditorDep) -> Asking:
    return Asking(session, media, visit.business.id, visit.user.id, services.asking)


def notes(session: SessionDep, _visit: ShopDep) -> PictureNotes:
    return PictureNotes(session)


AskingDep = Annotated[Asking, Depends(asking)]
NotesDep = Annotated[PictureNotes, Depends(notes)]
