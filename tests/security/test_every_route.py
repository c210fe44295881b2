"""Every route of every service has a stated rule, and keeps it with no credentials and with each kind of wrong ones.

Other businesses' cookies and the roles within one: tests/backend/integration/test_dashboard_isolation.py.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.routing import Mount

from homepage_generator.app import create_app as homepages_app
from homepage_generator.settings import Settings as HomepageSettings
from nanococoa_aiserver.app import create_app as aiserver_app
from nanococoa_aiserver.settings import Settings as AiserverSettings
from nanococoa_backend.platform import scope
from nanococoa_backend.platform.tables import now
from nanococoa_backend.tokens.models import ApiToken
from nanococoa_mcpserver.settings import Settings as McpSettings
from nanococoa_mcpserver.transport import create_app as mcp_app
from support.homepages_maker import HeldMaker
from support.rules import Route, Service, rules_of, served
from support.town import Town, filled, settled

TOKEN = "the token that opens this service"
SOMEWHERE = {
    "job_id": str(uuid.UUID(int=7)), "slug": "haetsal", "version": "v1", "path": "index.html", "name": "page.css",
    "artifact_id": "0" * 64 + ".png", "artifact": "0" * 64 + ".png", "ticket": "ffffffff-0-" + "0" * 32,
}  # fmt: skip
WRONG = {
    "nothing": {},
    "another token": {"Authorization": "Bearer the token that opens nothing at all"},
    "its beginning": {"Authorization": f"Bearer {TOKEN[:-1]}"},
    "another scheme": {"Authorization": f"Basic {TOKEN}"},
    "no scheme": {"Authorization": TOKEN},
    "another header": {"X-API-Key": TOKEN, "Cookie": f"token={TOKEN}"},
}
METHODS = {"*": ("GET", "POST", "DELETE")}
MCP_HEADERS = {"Accept": "application/json, text/event-stream"}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    secrets: dict[str, Any] = {"token_verify_secret": SecretStr(TOKEN), "inbox_secret": SecretStr(TOKEN)}
    with settled(tmp_path_factory.mktemp("town"), **secrets, log_level="WARNING") as built:
        yield built


def opened(service: Service, folder: Path) -> FastAPI | Starlette:
    """The service's own application, locked by ``TOKEN``."""
    token = SecretStr(TOKEN)
    match service:
        case "aiserver":
            return aiserver_app(
                AiserverSettings.model_validate({"data_dir": folder, "aiserver_token": token, "log_level": "WARNING"})
            )
        case "homepages":
            given = HomepageSettings.model_validate({"homepage_data_dir": folder, "homepage_token": token})
            return homepages_app(given, HeldMaker().open)
        case _:
            return mcp_app(McpSettings(mcp_tokens=token, mcp_link_key=token))


def really_served(app: FastAPI | Starlette) -> set[Route]:
    """The MCP's own routes take every method and sort them out behind the token."""
    if isinstance(app, FastAPI):
        return served(app)
    routes: Any = app.routes
    paths = [(route, route.path + ("/" if isinstance(route, Mount) else "")) for route in routes]
    found = {(method, path) for route, path in paths for method in getattr(route, "methods", None) or ("*",)}
    return {(method, path) for method, path in found if method != "HEAD"}


def tries(rules: dict[Route, str], *wanted: str) -> list[Route]:
    return [
        (method, path) for (way, path), rule in rules.items() if rule in wanted for method in METHODS.get(way, [way])
    ]


@pytest.mark.parametrize("service", ["aiserver", "homepages", "mcp"])
def test_every_route_of_a_locked_service_has_a_rule_and_keeps_it(service: Service, tmp_path: Path) -> None:
    app, rules = opened(service, tmp_path), rules_of(service)
    assert really_served(app) == set(rules)
    with TestClient(app, base_url="http://127.0.0.1:3000") as client:

        def told(route: Route, headers: dict[str, str], query: str = "") -> int:
            address = route[1].replace(":path}", "}").format(**SOMEWHERE) + query
            return client.request(route[0], address, headers=MCP_HEADERS | headers, follow_redirects=False).status_code

        for name, headers in WRONG.items():
            let_in = {route: told(route, headers) for route in tries(rules, "token")}
            assert {route: status for route, status in let_in.items() if status != 401} == {}, name
            assert {told(route, headers) for route in tries(rules, "service")} <= {401, 404}, name
        in_address = {told(route, {}, f"?token={TOKEN}&access_token={TOKEN}") for route in tries(rules, "token")}
        assert in_address == {401}, "an address stands in logs and histories: it carries no token"
        assert {told(route, {}) for route in tries(rules, "public")}.isdisjoint({401, 403})
        right = {"Authorization": f"Bearer {TOKEN}"}
        if service != "mcp":  # there a GET is a stream that does not end
            quick = [route for route in tries(rules, "token") if not route[1].endswith(("/events", "/fonts"))]
            assert 401 not in {told(route, right) for route in quick}


def test_every_route_of_the_dashboard_has_a_rule(town: Town) -> None:
    assert served(town.dashboard.app) == set(rules_of("backend"))


DASHBOARD = rules_of("backend")
LOCKED = [route for route, rule in DASHBOARD.items() if rule not in ("public", "service")]
APIS = [route for route in LOCKED if route[1].startswith("/api/")]
PAGES = [route for route in LOCKED if route not in APIS]


def asked(town: Town, route: Route, headers: dict[str, str]) -> tuple[int, str]:
    """Status and where a redirect leads, asked with exactly these headers."""
    address, options = filled(*route, town.things)
    town.dashboard.client.cookies.clear()
    answer = town.dashboard.client.request(route[0], address, headers=headers, follow_redirects=False, **options)
    assert "내 사과" not in answer.text
    return answer.status_code, answer.headers.get("location", "")


def by_token(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def by_cookie(town: Town, secret: str) -> dict[str, str]:
    """With the token against forgery that belongs to the cookie: it is the cookie itself that must be refused."""
    visitor = town.dashboard.visitor()
    visitor.cookies["nanococoa"] = secret
    return {"Cookie": f"nanococoa={secret}", "X-CSRF-Token": visitor.fresh_token()}


def new_token(town: Town, access: str = "write", who: str = "mine") -> str:
    answer = getattr(town, who).api("POST", "/me/tokens", json={"name": who, "access": access})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["token"])


def end(town: Town, secret: str, **changes: Any) -> None:
    """Take a token back, or change its row."""
    session: Any
    with town.dashboard.app.state.services.database.begin() as session:
        scope.widen(session)
        mine = ApiToken.shown_end == secret[-4:]
        session.execute(
            sa.update(ApiToken).where(mine).values(**changes) if changes else sa.delete(ApiToken).where(mine)
        )


@pytest.fixture(scope="module")
def nobodys(town: Town) -> dict[str, dict[str, str]]:
    """Headers by what is wrong with them."""
    gone = town.dashboard.visitor()
    gone.sign_in("a@b.kr")
    left = gone.cookies["nanococoa"]
    gone.post("/sign-out")
    revoked, expired = new_token(town), new_token(town)
    end(town, revoked)
    end(town, expired, expires_at=now() - timedelta(seconds=1))
    return {
        "nothing": by_cookie(town, "") | {"Cookie": ""},
        "an invented cookie": by_cookie(town, "x" * 43),
        "the cookie of somebody who signed out": by_cookie(town, left),
        "an invented token": by_token("nc_" + "x" * 43),
        "a revoked token": by_token(revoked),
        "an expired token": by_token(expired),
        "the secret of a service": by_token(TOKEN),
    }


def test_wrong_credentials_open_no_api(town: Town, nobodys: dict[str, dict[str, str]]) -> None:
    for name, headers in nobodys.items():
        wrong = {route: status for route in APIS if (status := asked(town, route, headers)[0]) != 401}
        if name == "nothing":  # unsafe requests are refused as forged before anybody asks who it is
            wrong = {route: status for route, status in wrong.items() if status != 403 or route[0] == "GET"}
        assert wrong == {}, name


def test_wrong_credentials_open_no_page(town: Town, nobodys: dict[str, dict[str, str]]) -> None:
    tokens = {"a program's token": by_token(new_token(town))}
    cookies = {name: headers for name, headers in nobodys.items() if "Cookie" in headers}
    for name, headers in (cookies | tokens).items():
        for route in PAGES:
            if route[1].startswith("/media/") and name in tokens:
                continue  # pictures are a program's too
            status, where = asked(town, route, headers)
            refused = status == 303 and where.startswith("/sign-in")
            assert refused or (status == 403 and route[0] != "GET"), (name, route, status)


def test_what_services_bring_is_refused_from_anybody_else(town: Town, nobodys: dict[str, dict[str, str]]) -> None:
    for name, headers in nobodys.items():
        for route in [route for route, rule in DASHBOARD.items() if rule == "service"]:
            status, _ = asked(town, route, headers)
            assert status in (401, 403, 404) or (name == "the secret of a service" and status == 422), (name, route)


@pytest.mark.parametrize("access", ["read", "write"])
def test_a_lost_token_reaches_no_person_and_no_administrator(town: Town, access: str) -> None:
    headers = by_token(new_token(town, access))
    for route in APIS:
        if DASHBOARD[route] in ("person", "members"):
            assert asked(town, route, headers)[0] == 403, route
        if DASHBOARD[route] == "admin":
            assert asked(town, route, headers)[0] in (403, 404), route


def test_a_token_that_may_only_look_changes_nothing(town: Town) -> None:
    headers = by_token(new_token(town, "read"))
    changing = [route for route in APIS if route[0] != "GET"]
    assert len(changing) > 60
    assert {route: status for route in changing if (status := asked(town, route, headers)[0]) != 403} == {}


def test_a_viewers_token_writes_no_more_than_the_viewer(town: Town) -> None:
    headers = by_token(new_token(town, "write", "viewer"))
    above = [route for route in APIS if DASHBOARD[route] in ("editor", "owner")]
    assert {route: status for route in above if (status := asked(town, route, headers)[0]) not in (403, 422)} == {}


def test_a_neighbours_token_finds_nothing_of_this_shop(town: Town) -> None:
    headers = by_token(new_token(town, "write", "thief"))
    shops = [route for route in APIS if DASHBOARD[route] in ("shop", "editor", "owner", "program") and "{" in route[1]]
    assert len(shops) > 50
    assert {route: status for route in shops if (status := asked(town, route, headers)[0]) != 404} == {}


def test_administration_is_nowhere_for_owners(town: Town) -> None:
    headers = by_cookie(town, town.mine.cookies["nanococoa"])
    for route in [route for route, rule in DASHBOARD.items() if rule == "admin"]:
        assert asked(town, route, headers)[0] == 404, route
