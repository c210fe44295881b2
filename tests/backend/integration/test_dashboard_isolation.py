"""No route shows or changes another business' things: each is tried as another owner, a viewer, and nobody."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from nanococoa_backend.platform import scope
from nanococoa_backend.products.models import Product
from support.dashboard import Dashboard, photo
from support.routes import routes_of
from support.town import Town, settled, tried

PUBLIC = {
    "/health",
    "/metrics",  # 404 without METRICS_TOKEN, and asks for it otherwise: test_dashboard_metrics
    "/ready",
    "/static/{version}/{path:path}",
    "/sign-in",
    "/sign-up",
    "/sign-out",
    "/password/forgotten",
    "/password/new/{secret}",
    "/language/{language}",
    "/api/v1/csrf",
    "/api/v1/session",
    "/api/v1/tokens/verify",
    "/api/v1/inbox/arrivals",
    "/api/v1/openapi.json",
    "/s/{token}",
    "/s/{token}/picture/{format_name}",
}
"""Routes that need nobody to be signed in."""


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """On each database in turn, for tests that change nothing in it."""
    folder = tmp_path_factory.mktemp("town")
    url = request.getfixturevalue("postgres").create_database(folder.name) if request.param == "postgres" else ""
    with settled(folder, url) as town:
        yield town


def test_every_route_with_an_id_says_not_found_to_another_business(town: Town) -> None:
    dashboard, mine, _, thief, things = town
    before = mine.api("GET", f"/products/{things['product_id']}").json()
    routes = [
        (method, path)
        for path, methods in routes_of(dashboard.app).items()
        for method in methods - {"HEAD"}
        if "{" in path and path not in PUBLIC
    ]
    assert len(routes) >= 22
    told = {(method, path): tried(thief, method, path, things) for method, path in routes}
    assert {route: status for route, status in told.items() if status != 404} == {}
    assert mine.api("GET", f"/products/{things['product_id']}").json() == before
    assert "내 사과" not in thief.get("/products").text + thief.get("/").text
    assert thief.api("GET", "/products").json()["products"] == []


def test_every_other_route_sends_nobody_to_sign_in(town: Town) -> None:
    nobody = town.dashboard.visitor()
    told = {
        (method, path): tried(nobody, method, path, town.things)
        for path, methods in routes_of(town.dashboard.app).items()
        for method in methods - {"HEAD"}
        if path not in PUBLIC
    }
    assert {route: status for route, status in told.items() if status != _turned_away(route[1])} == {}


def _turned_away(path: str) -> int:
    return 401 if path.startswith("/api") else 303


def test_a_viewer_sees_everything_and_changes_nothing(town: Town) -> None:
    viewer, things = town.viewer, town.things
    page = viewer.get(f"/products/{things['product_id']}")
    assert page.status_code == 200
    assert "보기만 할 수 있어요" in page.text
    own = (
        "/admin",
        "/api/v1/admin",
        "/account",
        "/sign-out",
        "/businesses",
        "/api/v1/me",
        "/api/v1/session",
        "/api/v1/businesses",
    )
    told = {
        (method, path): tried(viewer, method, path, things)
        for path, methods in routes_of(town.dashboard.app).items()
        for method in methods - {"GET", "HEAD"}
        if path not in PUBLIC and not path.startswith(own)
    }
    assert {route: status for route, status in told.items() if status not in (403, 422)} == {}
    assert viewer.api("PUT", "/business", json={"name": "내 가게"}).status_code == 403
    assert viewer.api("POST", "/products", data={"name": "x"}, files={"photo": ("p.jpg", photo())}).status_code == 403


def test_an_editor_changes_products_but_not_people(sqlite_dashboard: Dashboard) -> None:
    owner, editor = sqlite_dashboard.owner("a@b.kr"), sqlite_dashboard.visitor()
    editor.sign_up("editor@b.kr")
    owner.post("/business/members", {"email": "editor@b.kr", "role": "editor"})
    assert editor.add_product("편집자의 사과")
    assert editor.api("POST", "/business/members", json={"email": "a@b.kr", "role": "viewer"}).status_code == 403


def test_the_last_owner_stays(sqlite_dashboard: Dashboard) -> None:
    owner = sqlite_dashboard.owner()
    me = owner.api("GET", "/me").json()["id"]
    assert owner.api("PUT", f"/business/members/{me}", json={"role": "viewer"}).status_code == 403
    assert owner.api("DELETE", f"/business/members/{me}").status_code == 403


def test_a_query_that_says_no_business_is_refused(sqlite_dashboard: Dashboard) -> None:
    database = sqlite_dashboard.app.state.services.database
    with pytest.raises(scope.ScopeMissing), database.begin() as session:
        session.scalars(sa.select(Product)).all()


def test_a_query_that_forgets_its_filter_is_narrowed(sqlite_dashboard: Dashboard) -> None:
    mine, other = sqlite_dashboard.owner("a@b.kr"), sqlite_dashboard.owner("c@d.kr")
    mine.add_product("내 사과")
    other.add_product("남의 사과")
    database = sqlite_dashboard.app.state.services.database
    with database.begin() as session:
        scope.narrow(session, uuid.UUID(mine.api("GET", "/business").json()["id"]))
        assert session.scalars(sa.select(Product.name)).all() == ["내 사과"]
        session.execute(sa.update(Product).values(notes="바뀜"))
        session.execute(sa.delete(Product).where(Product.name == "남의 사과"))
    (kept,) = other.api("GET", "/products").json()["products"]
    assert (kept["name"], kept["notes"]) == ("남의 사과", "")


def test_a_row_for_another_business_is_not_written(sqlite_dashboard: Dashboard) -> None:
    database = sqlite_dashboard.app.state.services.database
    with database.begin() as session:
        scope.narrow(session, uuid.uuid4())
        session.add(Product(business_id=uuid.uuid4(), name="x", photo_id=uuid.uuid4()))
        with pytest.raises(scope.ScopeMissing):
            session.flush()
        session.expunge_all()
