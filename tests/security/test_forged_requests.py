"""What another site, a mail or a header makes a browser do: nothing here, nobody's session, no way out of the site."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from argon2 import PasswordHasher

from support.dashboard import Browser, Dashboard, open_dashboard
from support.rules import Route, rules_of
from support.waiting import until

HERE = "http://127.0.0.1:8890"
UNSAFE: list[Route] = [route for route in rules_of("backend") if route[0] != "GET"]
BODY = "csrf={0}&name=x&email=a@b.kr&password=x"
TRICKS: dict[str, tuple[dict[str, str], str, str]] = {
    "a form as plain text": ({"Content-Type": "text/plain"}, BODY, ""),
    "JSON in a form's clothes": ({"Content-Type": "text/plain"}, '{{"csrf": "{0}", "name": "x"}}', ""),
    "JSON with the token inside": ({"Content-Type": "application/json"}, '{{"csrf": "{0}"}}', ""),
    "no content type": ({}, BODY, ""),
    "the token in the address": ({"Content-Type": "application/x-www-form-urlencoded"}, "name=x", "?csrf={0}"),
    "the token as a cookie": ({"Cookie": "X-CSRF-Token={0}; csrf={0}"}, "", ""),
    "an origin that is nobody's": ({"Origin": "null", "X-CSRF-Token": "{0}"}, "", ""),
    "a neighbour's origin": ({"Origin": "http://127.0.0.1:8891", "X-CSRF-Token": "{0}"}, "", ""),
    "an origin that begins alike": ({"Origin": f"{HERE}.evil.example", "X-CSRF-Token": "{0}"}, "", ""),
    "the other scheme": ({"Origin": "https://127.0.0.1:8890", "X-CSRF-Token": "{0}"}, "", ""),
    "another site, as the browser says": ({"Sec-Fetch-Site": "cross-site", "X-CSRF-Token": "{0}"}, "", ""),
    "a sister site, as the browser says": ({"Sec-Fetch-Site": "same-site", "X-CSRF-Token": "{0}"}, "", ""),
    "a token for another salt": ({"X-CSRF-Token": "0{0}"}, "", ""),
    "a token without its mac": ({"X-CSRF-Token": "0123456789abcdef."}, "", ""),
}
OUT = (
    "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example", "@evil.example",
    "https:evil.example", "javascript:alert(1)", "/\t/evil.example", "/\n/evil.example", "/\r\n/evil.example",
    "\t//evil.example", " //evil.example", "%2f%2fevil.example", "/%09/evil.example", "/ /evil.example",
    "http:///evil.example", "//evil.example\\@127.0.0.1", "/\x00/evil.example", "/\u2028/evil.example", "evil.example",
    "/.//evil.example", "/x\r\nSet-Cookie: nanococoa=planted", "/x%0d%0aSet-Cookie:%20nanococoa=planted",
)  # fmt: skip


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    with open_dashboard(tmp_path_factory.mktemp("forged"), "", log_level="WARNING") as opened:
        yield opened


@pytest.fixture(scope="module")
def owner(dashboard: Dashboard) -> Browser:
    return dashboard.owner("a@b.kr")


@pytest.mark.parametrize("trick", TRICKS)
def test_no_trick_forges_a_request_of_somebody_who_is_signed_in(
    dashboard: Dashboard, owner: Browser, trick: str
) -> None:
    headers, body, query = TRICKS[trick]
    token = owner.fresh_token()
    given = {name: value.replace("{0}", token) for name, value in headers.items()}
    if "Cookie" in given:
        given["Cookie"] += f"; nanococoa={owner.cookies['nanococoa']}"
    assert len(UNSAFE) > 120
    let_in = {}
    for method, path in UNSAFE:
        address = path.replace("{", "").replace("}", "") + query.format(token)
        answer = owner.raw(method, address, headers=given, content=body.format(token).encode())
        if answer.status_code != 403 or "nanococoa" in answer.cookies:
            let_in[method, path] = answer.status_code
    assert let_in == {}


def test_no_wish_for_a_next_page_leads_out_of_the_site(dashboard: Dashboard, owner: Browser) -> None:
    signing_in: dict[str, Any] = {"email": "a@b.kr", "password": "x"}
    for wish in OUT:
        stays(owner.get("/sign-in", params={"next": wish}), wish)
        stays(dashboard.visitor().get("/language/en", params={"next": wish}), wish)
        page = dashboard.visitor().get("/sign-in", params={"next": wish}).text
        assert "evil.example" not in page or 'value="/' in page, wish
    dashboard.app.state.services.rates.count = lambda *_: None
    try:
        for wish in OUT[:6]:
            visitor = dashboard.visitor()
            visitor.sign_up(f"{OUT.index(wish)}@b.kr")
            visitor.post("/sign-out")
            signing_in |= {"email": f"{OUT.index(wish)}@b.kr", "password": "새벽 네 시 가락시장", "next": wish}
            stays(visitor.post("/sign-in", signing_in), wish)
    finally:
        del dashboard.app.state.services.rates.count


def stays(answer: Any, wish: str) -> None:
    """Where a browser would go from here: it drops tabs and line breaks and takes a backslash for a slash."""
    where = answer.headers["location"]
    tidied = where.replace("\t", "").replace("\r", "").replace("\n", "").replace("\\", "/").strip()
    assert answer.status_code == 303
    assert urlsplit(urljoin(f"{HERE}/", tidied)).netloc == "127.0.0.1:8890", (wish, where)
    assert "planted" not in answer.headers.get("set-cookie", "")


def test_a_cookie_that_was_planted_before_is_nobodys_afterwards(dashboard: Dashboard) -> None:
    planted = dashboard.visitor().get("/sign-in").cookies["nanococoa"]
    victim, attacker = dashboard.visitor(), dashboard.visitor()
    victim.cookies["nanococoa"] = attacker.cookies["nanococoa"] = planted
    victim.sign_up("victim@b.kr")
    assert victim.cookies["nanococoa"] != planted
    assert attacker.get("/account").status_code == 303
    left = attacker.cookies["nanococoa"] = victim.cookies["nanococoa"]
    victim.post("/sign-out")
    assert (attacker.get("/account").status_code, victim.cookies["nanococoa"] != left) == (303, True)


def test_an_unknown_address_costs_as_much_as_a_wrong_password(
    dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One comparison by Argon2 either way: what takes the time is the same work, so its length tells nothing."""
    dashboard.visitor().sign_up("known@b.kr")
    compared: list[str] = []
    real = PasswordHasher.verify

    def counted(self: PasswordHasher, known: Any, given: Any) -> Any:
        compared.append(str(known).rsplit("$", 2)[0])
        return real(self, known, given)

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    answers = [dashboard.visitor().sign_in(email, "falsch" * 3) for email in ("known@b.kr", "unknown@b.kr")]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert len(compared) == 2
    assert compared[0] == compared[1], "with the same parameters"


def test_a_letter_leads_to_our_own_address_whatever_the_request_says(dashboard: Dashboard) -> None:
    visitor = dashboard.visitor()
    visitor.sign_up("letters@b.kr")
    asking = dashboard.visitor()
    for header in ("Host", "X-Forwarded-Host", "Forwarded", "X-Original-URL", "X-Rewrite-URL"):
        value = "host=evil.example" if header == "Forwarded" else "evil.example"
        answer = asking.post("/password/forgotten", {"email": "letters@b.kr"}, headers={header: value})
        assert answer.status_code in (200, 403, 429)
    letters = dashboard.letterbox.letters
    until(lambda: letters)
    assert all(f"{HERE}/password/new/" in letter.text and "evil.example" not in letter.text for letter in letters)


@pytest.mark.parametrize(("path", "most"), [("/sign-up", 20), ("/password/forgotten", 20), ("/sign-in", 60)])
def test_forms_for_strangers_have_an_end(dashboard: Dashboard, path: str, most: int) -> None:
    """By address, which headers of the caller do not change."""
    visitor = dashboard.visitor()
    csrf = visitor.fresh_token()
    told = [
        visitor.raw("POST", path, data={"csrf": csrf}, headers={"X-Forwarded-For": f"203.0.113.{number}"}).status_code
        for number in range(most + 1)
    ]
    assert told[-1] == 429
    assert set(told) <= {422, 429}


def test_no_header_of_an_answer_is_written_by_a_caller(dashboard: Dashboard, owner: Browser) -> None:
    evil = "사과\r\nX-Planted: 1\r\n\r\n<script>"
    assert owner.api("PUT", "/business", json={"name": evil}).status_code in (200, 422)
    product = owner.api("POST", "/batches/products", json={"name": evil})
    asked = [
        owner.get("/", headers={"X-Request-ID": "a b<script>" + "x" * 300}),
        owner.get("/language/%0d%0aX-Planted:1"),
        owner.get("/batch/list.csv"),
        owner.get(f"/s/{'x' * 43}%0d%0aX-Planted:%201"),
        owner.post("/sign-up", {"name": evil, "email": "x@b.kr", "password": "x"}),
        product,
    ]
    for answer in asked:
        assert "x-planted" not in answer.headers
        assert "<script>" not in answer.headers["x-request-id"]
        assert all(value.isprintable() for value in answer.headers.values())
