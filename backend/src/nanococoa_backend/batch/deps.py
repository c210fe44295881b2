"""What the routes of runs work with, and how they read what was sent."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import Annotated, Final

from fastapi import Depends, Request, UploadFile

from nanococoa_backend.ads.catalogue import Catalogue
from nanococoa_backend.ads.deps import EditingAds, ViewingAds
from nanococoa_backend.batch.drafting import Drafting
from nanococoa_backend.batch.models import BatchRun
from nanococoa_backend.batch.photos import Photos, Upload
from nanococoa_backend.batch.rows import Wishes
from nanococoa_backend.batch.service import BatchService
from nanococoa_backend.batch.tables import MOST_BYTES, read_table
from nanococoa_backend.businesses.visits import EditorDep, ShopDep
from nanococoa_backend.errors import InvalidField
from nanococoa_backend.platform.database import SessionDep
from nanococoa_backend.platform.locale import locale_of
from nanococoa_backend.platform.services import ServicesDep
from nanococoa_backend.products.routes import Editing, Viewing

MOST_FORMATS: Final = 26


def viewing_service(
    session: SessionDep, services: ServicesDep, visit: ShopDep, ads: ViewingAds, products: Viewing
) -> BatchService:
    return BatchService(session, ads, products, visit.business.id, visit.user.id, services.batching)


def editing_service(
    session: SessionDep, services: ServicesDep, visit: EditorDep, ads: EditingAds, products: Editing
) -> BatchService:
    return BatchService(session, ads, products, visit.business.id, visit.user.id, services.batching)


def drafting(request: Request, session: SessionDep, services: ServicesDep, visit: EditorDep) -> Drafting:
    return Drafting(
        session, services.store, visit.business.id, visit.user.id, services.catalogue.now, locale_of(request)
    )


ViewingRuns = Annotated[BatchService, Depends(viewing_service)]
EditingRuns = Annotated[BatchService, Depends(editing_service)]
DraftingDep = Annotated[Drafting, Depends(drafting)]


def draft_of_list(
    drafts: Drafting, name: str, table: UploadFile | None, photos: Sequence[UploadFile], wishes: Wishes
) -> BatchRun:
    """Raises InvalidField without a list, TableProblem, ArchiveProblem, NothingToMake."""
    if table is None or not table.filename:
        raise InvalidField(table="batch_table")
    lines = read_table(table.file.read(MOST_BYTES + 1))
    uploads = [Upload(photo.filename, photo.file) for photo in photos if photo.filename]
    return drafts.from_list(name or PurePath(table.filename).stem, lines, Photos(uploads), wishes)


def known_wishes(scene: str, formats: Sequence[str], use_brand: bool, catalogue: Catalogue) -> Wishes:
    """Raises InvalidField for what the catalogue does not have."""
    chosen = list(dict.fromkeys(formats))[:MOST_FORMATS]
    if scene not in catalogue.scenes:
        raise InvalidField(scene="batch_scenes")
    if not chosen or len(catalogue.known(chosen)) < len(chosen):
        raise InvalidField(formats="batch_formats")
    return Wishes(scene, chosen, use_brand)
