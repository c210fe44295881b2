"""What the gallery's routes work with."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from nanococoa_backend.businesses.visits import EditorDep, ShopDep
from nanococoa_backend.gallery.repository import Gallery
from nanococoa_backend.gallery.sharing import ShareService
from nanococoa_backend.platform.database import SessionDep


def gallery(session: SessionDep, _visit: ShopDep) -> Gallery:
    return Gallery(session)


def shares(session: SessionDep, visit: ShopDep) -> ShareService:
    return ShareService(session, visit.business.id, visit.user.id)


def editing_shares(session: SessionDep, visit: EditorDep) -> ShareService:
    return ShareService(session, visit.business.id, visit.user.id)


GalleryDep = Annotated[Gallery, Depends(gallery)]
ViewingShares = Annotated[ShareService, Depends(shares)]
EditingShares = Annotated[ShareService, Depends(editing_shares)]
