"""Whoever runs the installation sees numbers, sets limits and takes accounts out of use; nobody else finds the door."""

from __future__ import annotations

import uuid

import sqlalchemy as sa

from nanococoa_backend.accounts.models import User
from support.dashboard import Browser, Dashboard, refused
from support.routes import routes_of


def admin_of(dashboard: Dashboard, email: str = "admin@b.kr") -> Browser:
    browser = dashboard.visitor()
    browser.sign_up(email)
    with dashboard.app.state.services.database.begin() as session:
        session.execute(sa.update(User).where(User.email == email).values(is_admin=True))
    return browser


def me(browser: Browser) -> str:
    return str(browser.api("GET", "/me").json()["id"])


def test_nobody_else_finds_the_door(sqlite_dashboard: Dashboard) -> None:
    owner, nobody = sqlite_dashboard.owner(), sqlite_dashboard.visitor()
    ids = {"user_id": me(owner), "business_id": owner.api("GET", "/business").json()["id"], "action": "make_admin"}
    tried = 0
    for path, methods in routes_of(sqlite_dashboard.app).items():
        if "/admin" not in path:
            continue
        for method in methods - {"HEAD"}:
            headers = {"X-CSRF-Token": owner.fresh_token()}
            options: dict[str, object] = {"json": {}} if method == "PUT" else {}
            assert owner.raw(method, path.format(**ids), headers=headers, **options).status_code == 404, path
            headers = {"X-CSRF-Token": nobody.fresh_token()}
            assert nobody.raw(method, path.format(**ids), headers=headers, **options).status_code in (303, 401), path
            tried += 1
    assert tried >= 13
    assert "/admin" not in owner.get("/more").text
    assert owner.api("GET", "/me").json()["is_admin"] is False


def test_a_token_of_an_administrator_does_not_administrate(sqlite_dashboard: Dashboard) -> None:
    admin = admin_of(sqlite_dashboard)
    admin.post("/businesses/demo")
    token = admin.api("POST", "/me/tokens", json={"name": "프로그램", "access": "write"}).json()["token"]
    bearer = {"Authorization": f"Bearer {token}"}
    visitor = sqlite_dashboard.visitor()
    assert visitor.raw("GET", "/api/v1/products", headers=bearer).status_code == 200
    assert visitor.raw("GET", "/api/v1/admin/users", headers=bearer).status_code == 404


def test_people_are_found_and_paged(dashboard: Dashboard) -> None:
    admin = admin_of(dashboard)
    for number in range(5):
        dashboard.visitor().sign_up(f"shop{number}@b.kr")
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = admin.api("GET", "/admin/users", params={"limit": 2, "cursor": cursor}).json()
        seen += [user["email"] for user in page["users"]]
        cursor = page["next_cursor"]
    assert seen == [*(f"shop{number}@b.kr" for number in (4, 3, 2, 1, 0)), "admin@b.kr"]
    assert [u["email"] for u in admin.api("GET", "/admin/users?search=SHOP3").json()["users"]] == ["shop3@b.kr"]
    for hostile in ("%", "_", "\0", "' OR 1=1 --", "<script>"):
        assert admin.api("GET", "/admin/users", params={"search": hostile}).status_code == 200
        page = admin.get("/admin", params={"search": hostile})
        assert page.status_code == 200
        assert "<script>" not in page.text
    assert admin.api("GET", "/admin/users", params={"search": "%"}).json()["users"] == []
    refused(admin.api("GET", "/admin/users?cursor=nonsense"), 422, "INVALID_PARAMETER")


def test_an_account_out_of_use_gets_in_nowhere_until_it_is_back(dashboard: Dashboard) -> None:
    admin, owner = admin_of(dashboard), dashboard.owner("a@b.kr")
    user = me(owner)
    token = owner.api("POST", "/me/tokens", json={"name": "프로그램"}).json()["token"]
    assert admin.post(f"/admin/users/{user}/deactivate").status_code == 303
    assert owner.get("/account").status_code == 303
    bearer = {"Authorization": f"Bearer {token}"}
    refused(dashboard.visitor().raw("GET", "/api/v1/products", headers=bearer), 401, "UNAUTHORIZED")
    page = dashboard.visitor().sign_in("a@b.kr")
    assert page.status_code == 422
    assert "쉬고 있는 계정" in page.text
    assert "쉬고 있는" not in dashboard.visitor().sign_in("a@b.kr", "아니에요 아니에요").text
    dashboard.visitor().post("/password/forgotten", {"email": "a@b.kr"})
    assert dashboard.letterbox.letters == []
    assert admin.api("POST", f"/admin/users/{user}/reactivate").status_code == 200
    assert dashboard.visitor().sign_in("a@b.kr").status_code == 303


def test_signing_somebody_out_everywhere_leaves_the_account(dashboard: Dashboard) -> None:
    admin, owner = admin_of(dashboard), dashboard.owner("a@b.kr")
    assert admin.post(f"/admin/users/{me(owner)}/sign_out").status_code == 303
    assert owner.get("/account").status_code == 303
    assert dashboard.visitor().sign_in("a@b.kr").status_code == 303


def test_the_last_administrator_stays_one(dashboard: Dashboard) -> None:
    admin, other = admin_of(dashboard), dashboard.owner("a@b.kr")
    for action in ("deactivate", "unmake_admin"):
        refused(admin.api("POST", f"/admin/users/{me(admin)}/{action}"), 403, "FORBIDDEN")
    assert admin.api("POST", f"/admin/users/{me(other)}/make_admin").json()["is_admin"] is True
    assert other.get("/admin").status_code == 200
    assert admin.api("POST", f"/admin/users/{me(admin)}/unmake_admin").status_code == 200
    assert admin.get("/admin").status_code == 404
    refused(other.api("POST", f"/admin/users/{me(other)}/deactivate"), 403, "FORBIDDEN")


def test_unknown_people_and_deeds_are_not_found(sqlite_dashboard: Dashboard) -> None:
    admin = admin_of(sqlite_dashboard)
    assert admin.api("POST", f"/admin/users/{uuid.uuid4()}/deactivate").status_code == 404
    assert admin.post(f"/admin/users/{me(admin)}/crown").status_code == 404
    assert admin.api("GET", f"/admin/businesses/{uuid.uuid4()}").status_code == 404
    assert admin.api("PUT", f"/admin/businesses/{uuid.uuid4()}/limits", json={}).status_code == 404


def test_usage_is_told_in_numbers_without_contents(dashboard: Dashboard) -> None:
    admin, owner = admin_of(dashboard), dashboard.owner("a@b.kr")
    owner.finished_cutout(owner.add_product("비밀 상품"))
    (shop,) = admin.api("GET", "/admin/businesses").json()["businesses"]
    usage = shop["usage"]
    assert (usage["products"], usage["members"], usage["ads"]) == (1, 1, 0)
    assert usage["bytes"] > 1000
    assert usage["last_at"]
    for path in ("/admin/businesses", f"/admin/businesses/{shop['id']}", "/admin/audit"):
        page = admin.get(path)
        assert page.status_code == 200
        assert "비밀 상품" not in page.text
    assert admin.get("/admin/businesses?search=없는").status_code == 200


def test_limits_are_set_by_a_form_or_by_api_and_hold_at_once(dashboard: Dashboard) -> None:
    admin, owner = admin_of(dashboard), dashboard.owner("a@b.kr")
    shop = owner.api("GET", "/business").json()["id"]
    page = admin.post(f"/admin/businesses/{shop}", {"products": "many", "members": "-1"})
    assert page.status_code == 422
    assert page.text.count('aria-invalid="true"') == 2
    form = {"products": "0", "members": "", "ads_per_month": "3", "storage_mb": ""}
    assert admin.post(f"/admin/businesses/{shop}", form).status_code == 303
    limits = admin.api("GET", f"/admin/businesses/{shop}/limits").json()
    assert limits["own"] == {"ads_per_month": 3, "products": 0, "storage_mb": None, "members": None}
    files = {"photo": ("p.jpg", b"x", "image/jpeg")}
    refused(owner.api("POST", "/products", data={"name": "배"}, files=files), 403, "LIMIT_REACHED")
    given = {"products": None, "ads_per_month": None}
    assert admin.api("PUT", f"/admin/businesses/{shop}/limits", json=given).json()["holding"]["products"] is None
    assert owner.add_product()


def test_the_log_says_who_did_what_and_pages(dashboard: Dashboard) -> None:
    admin, owner = admin_of(dashboard), dashboard.owner("a@b.kr")
    shop = owner.api("GET", "/business").json()["id"]
    admin.api("PUT", f"/admin/businesses/{shop}/limits", json={"products": 9})
    first = admin.api("GET", "/admin/audit?limit=1").json()
    (line,) = first["lines"]
    assert (line["action"], line["person"], line["business"]) == ("admin.limits", "admin@b.kr", "햇살과일")
    assert line["details"]["products"] == 9
    second = admin.api("GET", "/admin/audit", params={"limit": 1, "cursor": first["next_cursor"]}).json()
    assert second["lines"][0]["id"] < line["id"]
    own = admin.api("GET", "/admin/audit", params={"business_id": shop, "limit": 100}).json()["lines"]
    assert {entry["business"] for entry in own} == {"햇살과일"}
    assert admin.get("/admin/audit?before=nonsense").status_code == 200
    assert admin.get("/admin/audit?before=99999999999999999999").status_code == 200
