"""A business adds no more than it may, told in words; its own limits win over the installation's."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from nanococoa_backend.ads.models import Ad
from nanococoa_backend.ads.service import AdService
from nanococoa_backend.errors import LimitReached, MonthUsedUp
from nanococoa_backend.limits import service as limits
from nanococoa_backend.limits.service import Limits
from nanococoa_backend.media import weighing
from nanococoa_backend.media.models import Asset
from nanococoa_backend.media.service import MediaService
from nanococoa_backend.platform import scope
from support.dashboard import Browser, Dashboard, open_dashboard, photo, refused


@pytest.fixture
def tight(tmp_path: Path, jobs_url: str) -> Iterator[Dashboard]:
    """One product, one member, no room to speak of."""
    with open_dashboard(tmp_path, jobs_url, limit_products=1, limit_members=1, limit_ads_per_month=2) as opened:
        yield opened


def shop_of(browser: Browser) -> uuid.UUID:
    return uuid.UUID(browser.api("GET", "/business").json()["id"])


def allow(dashboard: Dashboard, business_id: uuid.UUID, **own: int | None) -> None:
    with dashboard.app.state.services.database.begin() as session:
        limits.set_limits(session, business_id, Limits(**own))


def try_product(browser: Browser) -> object:
    return browser.api("POST", "/products", data={"name": "배"}, files={"photo": ("p.jpg", photo(), "image/jpeg")})


def test_a_product_too_many_is_refused_with_what_to_do(tight: Dashboard) -> None:
    owner = tight.owner()
    product = owner.add_product()
    error = refused(try_product(owner), 403, "LIMIT_REACHED")  # type: ignore[arg-type]
    assert error["details"] == {"kind": "products", "limit": 1, "used": 1}
    assert "1개까지" in error["message"]
    page = owner.post("/products/new", {"name": "배"}, files={"photo": ("p.jpg", photo(), "image/jpeg")})
    assert page.status_code == 403
    assert "1개까지" in page.text
    assert owner.api("DELETE", f"/products/{product}").status_code == 204
    assert owner.add_product("배")  # a deleted one makes room
    assert owner.api("POST", f"/products/{product}/restore").status_code == 403


def test_a_business_own_limit_wins_over_the_default(tight: Dashboard) -> None:
    owner = tight.owner()
    owner.add_product()
    allow(tight, shop_of(owner), products=2)
    owner.add_product("배")
    refused(try_product(owner), 403, "LIMIT_REACHED")  # type: ignore[arg-type]
    allow(tight, shop_of(owner))
    refused(try_product(owner), 403, "LIMIT_REACHED")  # type: ignore[arg-type]


def test_a_picture_that_has_no_room_is_not_stored(dashboard: Dashboard) -> None:
    owner = dashboard.owner()
    allow(dashboard, shop_of(owner), storage_mb=0)
    error = refused(try_product(owner), 403, "LIMIT_REACHED")  # type: ignore[arg-type]
    assert error["details"]["kind"] == "storage"
    assert owner.post("/business/logo", files={"logo": ("p.jpg", photo(), "image/jpeg")}).status_code == 403
    store = dashboard.app.state.services.store
    assert list(store.listed(shop_of(owner))) == []


def test_a_member_too_many_is_refused(tight: Dashboard) -> None:
    owner, other = tight.owner("a@b.kr"), tight.visitor()
    other.sign_up("other@b.kr")
    given = {"email": "other@b.kr", "role": "viewer"}
    refused(owner.api("POST", "/business/members", json=given), 403, "LIMIT_REACHED")
    allow(tight, shop_of(owner), members=2)
    assert owner.api("POST", "/business/members", json=given).status_code == 201


def test_ads_of_this_month_count_until_it_ends_and_failed_ones_do_not(tight: Dashboard) -> None:
    services = tight.app.state.services
    business_id = shop_of(tight.owner())
    began = limits.month_began()
    with services.database.begin() as session:
        scope.narrow(session, business_id)
        for status, moment in (("completed", began), ("failed", began), ("completed", began.replace(year=2020))):
            session.add(
                Ad(business_id=business_id, title="x", request={}, status=status, created_at=moment, deleted_at=moment)
            )
    with services.database.begin() as session:
        scope.narrow(session, business_id)
        limits.check(session, business_id, "ads")
        with pytest.raises(MonthUsedUp) as error:
            limits.check(session, business_id, "ads", adding=2)
    assert error.value.status == 429
    assert error.value.details["used"] == 1


def test_an_ad_too_many_is_refused_before_it_is_kept(tight: Dashboard) -> None:
    from nanococoa_backend.ads.schemas import AdOrder

    owner = tight.owner()
    product, business_id, services = uuid.UUID(owner.add_product()), shop_of(owner), tight.app.state.services
    allow(tight, business_id, ads_per_month=0)
    with services.database.begin() as session:
        scope.narrow(session, business_id)
        media = MediaService(session, services.store)
        ads = AdService(session, media, business_id, None, services.making)
        with pytest.raises(LimitReached):
            ads.make(AdOrder.model_validate({"fields": {"headline": "햇사과"}}), product)


def test_two_at_once_do_not_both_take_the_last_place(tight: Dashboard) -> None:
    owner = tight.owner()
    business_id = shop_of(owner)
    services, gate = tight.app.state.services, threading.Barrier(2)
    outcomes: list[str] = []

    def order() -> None:
        gate.wait(60)
        try:
            with services.database.begin() as session:
                scope.narrow(session, business_id)
                limits.check(session, business_id, "ads", adding=2)
                session.add_all(Ad(business_id=business_id, title="x", request={}) for _ in range(2))
            outcomes.append("kept")
        except LimitReached:
            outcomes.append("refused")

    hands = [threading.Thread(target=order) for _ in range(2)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join(60)
    assert sorted(outcomes) == ["kept", "refused"]


def test_a_picture_that_is_added_twice_takes_its_room_once(dashboard: Dashboard) -> None:
    owner = dashboard.owner()
    business_id, database = shop_of(owner), dashboard.app.state.services.database
    owner.finished_cutout(owner.add_product())
    with database.begin() as session:
        once = limits.used(session, business_id, "storage")
    owner.finished_cutout(owner.add_product("같은 사진"))
    with database.begin() as session:
        assert limits.used(session, business_id, "storage") == once > 0


async def test_pictures_from_before_sizes_were_kept_are_counted_after_one_round(
    dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = dashboard.owner()
    for name in ("사과", "배", "감"):
        owner.finished_cutout(owner.add_product(name))
    services = dashboard.app.state.services

    def sizes() -> list[int]:
        with services.database.begin() as session:
            scope.widen(session)
            return list(session.scalars(sa.select(Asset.bytes).order_by(Asset.id)))

    kept = sizes()
    with services.database.begin() as session:
        scope.widen(session)
        session.execute(sa.update(Asset).values(bytes=0))
    monkeypatch.setattr(weighing, "SLICE", 2)
    await weighing.Weighing(services.database, services.store).work()
    assert sizes() == kept
    assert all(kept)
