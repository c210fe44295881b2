"""What was deleted a week ago is gone for good with its files; what anything still names stays."""

from __future__ import annotations

import asyncio
import os
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from nanococoa_backend.accounts.models import PasswordReset, SignIn
from nanococoa_backend.ads.models import Ad
from nanococoa_backend.businesses.models import Business
from nanococoa_backend.errors import HomepagesDown
from nanococoa_backend.homepages.models import Homepage
from nanococoa_backend.leaving.forgetting import Forgetting
from nanococoa_backend.leaving.purging import KEPT, Purging
from nanococoa_backend.media.models import Asset
from nanococoa_backend.platform import scope
from nanococoa_backend.platform.database import Database
from nanococoa_backend.platform.housekeeping import Housekeeping
from nanococoa_backend.platform.leases import take
from nanococoa_backend.platform.rates import Tries
from nanococoa_backend.platform.tables import now
from nanococoa_backend.products.models import Cutout, Product
from support.dashboard import Browser, Dashboard, photo

LONG_AGO = timedelta(days=30)


def shop_of(browser: Browser) -> uuid.UUID:
    return uuid.UUID(browser.api("GET", "/business").json()["id"])


def purging(dashboard: Dashboard) -> Purging:
    services = dashboard.app.state.services
    return Purging(services.database, services.store, services.homepages.service.remove)


def grown_old(dashboard: Dashboard, folder: Path) -> None:
    """Every row and file so far was made a month ago."""
    database: Database = dashboard.app.state.services.database
    with database.begin() as session:
        scope.widen(session)
        for table in (Asset, Product):
            session.execute(sa.update(table).values(created_at=now() - LONG_AGO))
        gone = Product.deleted_at.is_not(None)
        session.execute(sa.update(Product).where(gone).values(deleted_at=now() - KEPT - timedelta(minutes=1)))
    month = (datetime.now(UTC) - LONG_AGO).timestamp()
    for file in (folder / "backend" / "assets").rglob("*.*"):
        os.utime(file, (month, month))


def files_of(dashboard: Dashboard, shop: uuid.UUID) -> set[str]:
    return {file.key for file in dashboard.app.state.services.store.listed(shop)}


def clean(dashboard: Dashboard) -> None:
    asyncio.run(purging(dashboard).work())


def added(browser: Browser, name: str, width: int) -> str:
    product = browser.add_product(name, photo(width, 120))
    browser.finished_cutout(product)
    return product


def test_a_product_of_a_week_ago_goes_with_its_files(dashboard: Dashboard, tmp_path: Path) -> None:
    owner = dashboard.owner()
    kept, gone = added(owner, "부사 사과", 160), added(owner, "지운 배", 170)
    shop = shop_of(owner)
    before = files_of(dashboard, shop)
    owner.api("DELETE", f"/products/{gone}")
    clean(dashboard)
    assert files_of(dashboard, shop) == before  # the week is not over
    grown_old(dashboard, tmp_path)
    clean(dashboard)
    left = files_of(dashboard, shop)
    assert 0 < len(left) < len(before)
    assert owner.api("POST", f"/products/{gone}/restore").status_code == 404
    view = owner.api("GET", f"/products/{kept}").json()
    for asset in (view["photo_id"], view["cutout"]["asset_id"]):
        for variant in ("original", "view", "thumb"):
            assert owner.get(f"/media/{asset}/{variant}").status_code == 200
    with dashboard.app.state.services.database.begin() as session:
        scope.widen(session)
        assert len(session.scalars(sa.select(Cutout)).all()) == 1
        assert len(session.scalars(sa.select(Asset)).all()) == 2


def test_a_file_that_another_product_shares_stays(dashboard: Dashboard, tmp_path: Path) -> None:
    owner = dashboard.owner()
    kept, gone = added(owner, "부사 사과", 160), added(owner, "같은 사진", 160)
    before = files_of(dashboard, shop_of(owner))
    owner.api("DELETE", f"/products/{gone}")
    grown_old(dashboard, tmp_path)
    clean(dashboard)
    assert files_of(dashboard, shop_of(owner)) == before
    photo_id = owner.api("GET", f"/products/{kept}").json()["photo_id"]
    assert owner.get(f"/media/{photo_id}/original").status_code == 200


def test_a_picture_that_is_named_within_a_request_or_as_logo_stays(dashboard: Dashboard, tmp_path: Path) -> None:
    owner = dashboard.owner()
    gone, shop = added(owner, "지운 배", 170), shop_of(owner)
    view = owner.api("GET", f"/products/{gone}").json()
    named, logo = uuid.UUID(view["photo_id"]), uuid.UUID(view["cutout"]["asset_id"])
    with dashboard.app.state.services.database.begin() as session:
        scope.narrow(session, shop)
        request: dict[str, Any] = {"asset_id": named.hex, "instruction": "밝게"}
        session.add(Ad(business_id=shop, kind="edit", title="x", request=request, status="completed"))
        session.execute(sa.update(Business).where(Business.id == shop).values(logo_id=logo))
    owner.api("DELETE", f"/products/{gone}")
    grown_old(dashboard, tmp_path)
    clean(dashboard)
    assert owner.get(f"/media/{named}/original").status_code == 200
    assert owner.get(f"/media/{logo}/original").status_code == 200


def test_a_file_that_nothing_names_goes_when_it_is_old(sqlite_dashboard: Dashboard, tmp_path: Path) -> None:
    owner = sqlite_dashboard.owner()
    shop, store = shop_of(owner), sqlite_dashboard.app.state.services.store
    orphan = store.put(shop, b"left behind by a crash", "image/png")
    grown_old(sqlite_dashboard, tmp_path)
    fresh = store.put(shop, b"about to be named", "image/png")
    assert purging(sqlite_dashboard).sweep(shop, now() - KEPT) == 1
    assert not store.has(orphan)
    assert store.has(fresh)


def test_a_file_that_is_put_again_is_new(sqlite_dashboard: Dashboard, tmp_path: Path) -> None:
    shop, store = shop_of(sqlite_dashboard.owner()), sqlite_dashboard.app.state.services.store
    key = store.put(shop, b"twice", "image/png")
    grown_old(sqlite_dashboard, tmp_path)
    assert store.put(shop, b"twice", "image/png") == key
    assert purging(sqlite_dashboard).sweep(shop, now() - KEPT) == 0
    assert store.has(key)


def test_one_process_at_a_time_cleans(dashboard: Dashboard) -> None:
    database = dashboard.app.state.services.database
    assert take(database, "dusting", timedelta(minutes=5))
    assert not take(database, "dusting", timedelta(minutes=5))
    assert take(database, "dusting-2", timedelta(seconds=-1))
    assert take(database, "dusting-2", timedelta(minutes=5))


def test_a_chore_that_fails_does_not_end_the_others(sqlite_dashboard: Dashboard) -> None:
    done: list[str] = []

    async def broken() -> None:
        raise ZeroDivisionError

    async def works() -> None:
        done.append("done")

    asyncio.run(Housekeeping(sqlite_dashboard.app.state.services.database, (broken, works)).clean())
    assert done == ["done"]


def test_what_is_over_is_forgotten(dashboard: Dashboard) -> None:
    owner = dashboard.owner("a@b.kr")
    owner.post("/password/forgotten", {"email": "a@b.kr"})
    database = dashboard.app.state.services.database
    with database.begin() as session:
        session.execute(sa.update(PasswordReset).values(expires_at=now() - timedelta(minutes=1)))
        session.execute(sa.update(SignIn).values(expires_at=now() - timedelta(minutes=1)))
        session.execute(sa.update(Tries).values(ends_at=now() - timedelta(minutes=1)))
    asyncio.run(Forgetting(database).work())
    with database.begin() as session:
        for table in (PasswordReset, SignIn, Tries):
            assert session.scalars(sa.select(table)).all() == []


def test_a_homepage_of_a_week_ago_goes_after_its_site(dashboard: Dashboard) -> None:
    shop, services = shop_of(dashboard.owner()), dashboard.app.state.services
    gone: list[str] = []
    week = now() - KEPT - timedelta(minutes=1)
    with services.database.begin() as session:
        scope.narrow(session, shop)
        for slug, deleted_at in (("old", week), ("recent", now()), ("kept", None), (None, week)):
            session.add(Homepage(business_id=shop, title=str(slug), slug=slug, deleted_at=deleted_at))

    async def remove_site(slug: str) -> None:
        if not gone:
            gone.append("the service is away")
            raise HomepagesDown
        gone.append(slug)

    def titles() -> set[str]:
        with services.database.begin() as session:
            scope.narrow(session, shop)
            return set(session.scalars(sa.select(Homepage.title)))

    clean = Purging(services.database, services.store, remove_site).work
    asyncio.run(clean())
    assert titles() == {"old", "recent", "kept"}
    asyncio.run(clean())
    assert titles() == {"recent", "kept"}
    assert gone[1:] == ["old"]
