"""Businesses and their members by API."""

from __future__ import annotations

import uuid

from fastapi import APIRouter, Response

from nanococoa_backend.businesses.demo import make_demo
from nanococoa_backend.businesses.models import Business
from nanococoa_backend.businesses.schemas import (
    BusinessFacts,
    BusinessView,
    MemberChange,
    MemberInvite,
    MemberPage,
    MemberView,
    NewBusiness,
    OwnBusinessPage,
)
from nanococoa_backend.businesses.visits import BusinessesDep, EditorDep, OwnerDep, ShopDep, VisitDep
from nanococoa_backend.platform.declared import errors
from nanococoa_backend.platform.locale import LocaleDep
from nanococoa_backend.platform.paging import Cursor, Limit, page_of

router = APIRouter(prefix="/api/v1", tags=["businesses"])


@router.get("/businesses", summary="List your businesses", responses=errors(401, 422))
def list_businesses(visit: VisitDep, limit: Limit = 24, cursor: Cursor = None) -> OwnBusinessPage:
    """Each with your role in it, the one you joined last first."""
    page, more = page_of(visit.businesses, limit, cursor, lambda pair: pair[1])
    told = [view_of(business, membership.role) for business, membership in page]
    return OwnBusinessPage(businesses=told, next_cursor=more)


@router.post("/businesses", status_code=201, summary="Make a business", responses=errors(401, 403, 422))
def make_business(visit: VisitDep, businesses: BusinessesDep, given: NewBusiness) -> BusinessView:
    """You become its owner, and it becomes the one this session works for."""
    business = businesses.create(given)
    visit.sign_in.business_id = business.id
    return view_of(business, "owner")


@router.post(
    "/businesses/demo", status_code=201, summary="Make a business to try things with", responses=errors(401, 403)
)
def make_demo_business(visit: VisitDep, businesses: BusinessesDep, locale: LocaleDep) -> BusinessView:
    """A fruit shop with every fact filled in."""
    business = make_demo(businesses, locale)
    visit.sign_in.business_id = business.id
    return view_of(business, "owner")


@router.post("/businesses/{business_id}/choose", summary="Work for another business", responses=errors(401, 403, 404))
def choose(visit: VisitDep, businesses: BusinessesDep, business_id: uuid.UUID) -> BusinessView:
    """Products and all else are this business' from the next request on."""
    business, membership = businesses.one(business_id)
    visit.sign_in.business_id = business.id
    return view_of(business, membership.role)


@router.get("/business", summary="Read the chosen business", responses=errors(401, 409))
def get_business(visit: ShopDep) -> BusinessView:
    """The business this session works for, with your role."""
    return view_of(visit.business, visit.role)


@router.put("/business", summary="Change the business' facts and brand", responses=errors(401, 403, 409, 422))
def change_business(visit: EditorDep, businesses: BusinessesDep, facts: BusinessFacts) -> BusinessView:
    """All facts are replaced by what is sent. Needs the role editor."""
    businesses.change(visit.business, facts)
    return view_of(visit.business, visit.role)


@router.get("/business/members", summary="List who works for the business", responses=errors(401, 409, 422))
def members(visit: ShopDep, businesses: BusinessesDep, limit: Limit = 24, cursor: Cursor = None) -> MemberPage:
    """People with their roles, who came last first."""
    page, more = page_of(businesses.members(visit.business.id), limit, cursor, lambda pair: pair[1])
    told = [
        MemberView.model_validate({"user_id": user.id, "name": user.name, "email": user.email, "role": membership.role})
        for user, membership in page
    ]
    return MemberPage(members=told, next_cursor=more)


@router.post(
    "/business/members", status_code=201, summary="Let another account work here", responses=errors(401, 403, 422)
)
def add_member(visit: OwnerDep, businesses: BusinessesDep, given: MemberInvite) -> MemberView:
    """The account must exist already. Needs the role owner."""
    user = businesses.add_member(visit.business.id, given.email, given.role)
    return MemberView(user_id=user.id, name=user.name, email=user.email, role=given.role)


@router.put(
    "/business/members/{user_id}", status_code=204, summary="Change a member's role", responses=errors(401, 403, 404)
)
def change_member(visit: OwnerDep, businesses: BusinessesDep, user_id: uuid.UUID, given: MemberChange) -> Response:
    """Needs the role owner; the last owner stays one."""
    businesses.change_member(visit.business.id, user_id, given.role)
    return Response(status_code=204)


@router.delete(
    "/business/members/{user_id}", status_code=204, summary="Remove a member", responses=errors(401, 403, 404)
)
def remove_member(visit: OwnerDep, businesses: BusinessesDep, user_id: uuid.UUID) -> Response:
    """Needs the role owner; the last owner cannot be removed."""
    businesses.remove_member(visit.business.id, user_id)
    return Response(status_code=204)


def view_of(business: Business, role: str) -> BusinessView:
    """A business as the API tells it."""
    return BusinessView.model_validate(business).model_copy(update={"role": role})
