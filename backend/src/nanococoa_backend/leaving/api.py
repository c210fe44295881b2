"""Leaving by API: exports, deleting and bringing back."""

from __future__ import annotations

import uuid

from fastapi import APIRouter, Response

from nanococoa_backend.accounts.visits import AccountsDep
from nanococoa_backend.businesses.api import view_of
from nanococoa_backend.businesses.schemas import BusinessView
from nanococoa_backend.businesses.visits import OwnerDep, VisitDep
from nanococoa_backend.leaving.deps import LeavingDep, OwnedAds, sent
from nanococoa_backend.leaving.schemas import (
    AccountFarewell,
    DeletedBusinessPage,
    DeletedBusinessView,
    ExportPage,
    ExportView,
    Farewell,
)
from nanococoa_backend.platform import rates
from nanococoa_backend.platform.declared import errors
from nanococoa_backend.platform.locale import LocaleDep
from nanococoa_backend.platform.paging import Cursor, Limit, itself, page_of
from nanococoa_backend.platform.services import ServicesDep

router = APIRouter(prefix="/api/v1", tags=["leaving"])


@router.get("/business/exports", summary="List the business' exports", responses=errors(401, 403, 409, 422))
def list_exports(visit: OwnerDep, leaving: LeavingDep, limit: Limit = 24, cursor: Cursor = None) -> ExportPage:
    """Those that can be fetched or are being made, the latest first. Needs the role owner."""
    page, more = page_of(leaving.exports(), limit, cursor, itself)
    return ExportPage(exports=[ExportView.model_validate(row) for row in page], next_cursor=more)


@router.post(
    "/business/exports", status_code=202, summary="Ask for everything as a ZIP", responses=errors(401, 403, 409)
)
def ask_export(visit: OwnerDep, leaving: LeavingDep, locale: LocaleDep) -> ExportView:
    """All rows as JSON and all pictures, made beside the requests; while one waits, it is that one."""
    return ExportView.model_validate(leaving.export(visit.business, locale))


@router.get(
    "/exports/{export_id}/file",
    summary="Fetch an export's ZIP file",
    response_class=Response,
    responses={200: {"content": {"application/zip": {}}}, **errors(401, 404)},
)
def fetch_export(services: ServicesDep, leaving: LeavingDep, export_id: uuid.UUID) -> Response:
    """For owners, of a deleted business too while it can be brought back. 404 until it is ready."""
    return sent(services.store, *leaving.fetchable(export_id))


@router.post(
    "/business/delete", status_code=204, summary="Delete the chosen business", responses=errors(401, 403, 409, 422)
)
def delete_business(
    visit: OwnerDep, leaving: LeavingDep, ads: OwnedAds, locale: LocaleDep, given: Farewell
) -> Response:
    """Needs its name typed. An export is made first; for 7 days it can be brought back, then all is removed."""
    leaving.delete_business(visit.business, given.name, ads, locale)
    visit.sign_in.business_id = None
    return Response(status_code=204)


@router.get("/businesses/deleted", summary="List your deleted businesses", responses=errors(401, 422))
def list_deleted(visit: VisitDep, leaving: LeavingDep, limit: Limit = 24, cursor: Cursor = None) -> DeletedBusinessPage:
    """Those you owned that can still be brought back, with the export that was made."""
    page, more = page_of(leaving.deleted(), limit, cursor, lambda found: found[0])
    told = [
        DeletedBusinessView(
            id=business.id,
            name=business.name,
            deleted_at=business.deleted_at or ends_at,
            ends_at=ends_at,
            export=ExportView.model_validate(export) if export else None,
        )
        for business, ends_at, export in page
    ]
    return DeletedBusinessPage(businesses=told, next_cursor=more)


@router.post(
    "/businesses/{business_id}/restore", summary="Bring a deleted business back", responses=errors(401, 403, 404)
)
def restore(visit: VisitDep, leaving: LeavingDep, business_id: uuid.UUID) -> BusinessView:
    """Within 7 days, with everything it had."""
    business = leaving.restore(business_id)
    visit.sign_in.business_id = business.id
    return view_of(business, "owner")


@router.post("/me/delete", status_code=204, summary="Delete your own account", responses=errors(401, 403, 422, 429))
def delete_account(
    services: ServicesDep, visit: VisitDep, accounts: AccountsDep, leaving: LeavingDep, given: AccountFarewell
) -> Response:
    """Needs the password, and no shop may be left without an owner. Signing in within 7 days brings it back."""
    services.rates.count(rates.PASSWORD_OF_ACCOUNT, visit.user.id)
    leaving.delete_account(accounts, given.password)
    return Response(status_code=204)
