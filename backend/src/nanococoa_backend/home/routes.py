"""The home page: what is running, what needs me, what next."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from nanococoa_backend.ads.deps import ViewingAds
from nanococoa_backend.ads.progress import progress_of
from nanococoa_backend.businesses.visits import ShopDep
from nanococoa_backend.gallery.deps import GalleryDep
from nanococoa_backend.gallery.repository import Wanted
from nanococoa_backend.home.next_step import Situation, next_step
from nanococoa_backend.platform.locale import locale_of
from nanococoa_backend.platform.services import ServicesDep
from nanococoa_backend.products.routes import Viewing

router = APIRouter(include_in_schema=False)

RECENT = 8
MOST_RUNNING = 4


@router.get("/")
def home(
    request: Request, services: ServicesDep, visit: ShopDep, products: Viewing, ads: ViewingAds, gallery: GalleryDep
) -> Response:
    rows = products.products.shelf(RECENT)
    attention = products.products.needing_attention()
    by_state = {
        state: [row for row in attention if _state(row[1]) == state] for state in ("pending", "failed", "uncertain")
    }
    under_way = ads.ads.under_way(MOST_RUNNING)
    recent = gallery.wall(Wanted(), RECENT)
    doubtful = gallery.wall(Wanted(look=True), 1)
    shop = visit.business
    step = next_step(
        Situation(
            products=len(rows),
            failed=len(by_state["failed"]),
            uncertain=len(by_state["uncertain"]),
            running=len(by_state["pending"]),
            has_contact=bool(shop.phone or shop.address),
            ready=sum(1 for _, cutout, _ in rows if cutout and cutout.status == "ready"),
            ads=len(under_way) + len(recent),
            ads_to_look_at=len(doubtful),
        )
    )
    subject = {"look_again": by_state["failed"], "check_cutout": by_state["uncertain"]}.get(step)
    return services.pages.render(
        request,
        "home/home.html",
        rows=rows,
        running=by_state["pending"],
        step=step,
        subject=subject[0] if subject else None,
        shop=shop,
        under_way=[(ad, progress_of(ad, locale_of(request))) for ad in under_way],
        recent=recent,
        doubtful=doubtful[0] if doubtful else None,
    )


def _state(cutout: Any) -> str:
    return "uncertain" if cutout.status == "ready" else str(cutout.status)
