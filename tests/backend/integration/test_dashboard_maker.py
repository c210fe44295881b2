"""The maker's page without scripts: one press makes an ad, twice the same one; what was typed is never lost."""

from __future__ import annotations

import re
import uuid
from html import unescape
from typing import Any

import pytest

from support.dashboard import Browser, Dashboard
from support.waiting import until


class Maker:
    """An owner at the page, with two products."""

    def __init__(self, dashboard: Dashboard) -> None:
        self.browser: Browser = dashboard.owner()
        self.products = [self.browser.add_product(name) for name in ("부사 사과", "햇배")]
        for product in self.products:
            self.browser.finished_cutout(product)

    def page(self, query: str = "") -> str:
        answer = self.browser.get(f"/ads/new{query}")
        assert answer.status_code == 200
        return answer.text

    def form(self, query: str = "") -> dict[str, Any]:
        """What a browser without scripts would send of the page as it opens."""
        page = self.page(query)
        sent: dict[str, Any] = {"formats": []}
        for tag in re.findall(r"<input[^>]*>", page):
            name, value = (_attribute(tag, part) for part in ("name", "value"))
            kind = _attribute(tag, "type") or "text"
            if not name or (kind in ("radio", "checkbox") and " checked" not in tag):
                continue
            if name == "formats":
                sent["formats"].append(value)
            else:
                sent[name] = value or ("on" if kind == "checkbox" else "")
        sent.pop("q", None)
        return sent | {"headline": "", "style": ""}

    def send(self, form: dict[str, Any]) -> Any:
        return self.browser.raw("POST", "/ads/new", data={**form, "csrf": self.browser.fresh_token()})

    def made(self, form: dict[str, Any]) -> dict[str, Any]:
        answer = self.send(form)
        assert answer.status_code == 303, answer.text
        ad: dict[str, Any] = self.browser.api("GET", answer.headers["location"]).json()
        return ad


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\s{name}="([^"]*)"', tag)
    return unescape(found.group(1)) if found else ""


@pytest.fixture
def maker(dashboard: Dashboard) -> Maker:
    return Maker(dashboard)


def test_one_press_on_the_page_as_it_opens_makes_an_ad(maker: Maker) -> None:
    ad = maker.made(maker.form())
    assert ad["product_id"] == maker.products[1]
    assert (ad["order"]["scene"], ad["order"]["formats"]) == ("wood", ["square", "story"])
    assert (ad["order"]["fields"]["headline"], ad["order"]["fields"]["price"]) == ("햇배", "39,900원")
    until(lambda: maker.browser.api("GET", f"/ads/{ad['id']}").json()["status"] == "completed")


def test_the_same_page_sent_twice_makes_one_ad_and_with_another_choice_two(maker: Maker) -> None:
    form = maker.form()
    first, again = maker.made(form), maker.made(form)
    other = maker.made({**form, "formats": ["square"]})
    assert first["id"] == again["id"] != other["id"]
    assert len(maker.browser.api("GET", "/ads").json()["ads"]) == 2


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"formats": []}, "formats"),
        ({"formats": ["billboard"]}, "formats"),
        ({"copy_text": "own", "headline": "", "sub": "작은 글자만"}, "headline"),
        ({"scene": "own", "background": " "}, "background"),
    ],
)
def test_what_is_missing_is_told_at_its_place_and_what_was_typed_stays(
    maker: Maker, changed: dict[str, Any], said: str
) -> None:
    answer = maker.send({**maker.form(), "small_print": "주문 전화 02-123-4567", **changed})
    assert answer.status_code == 422
    assert f'id="wrong-{said}"' in answer.text
    assert "주문 전화 02-123-4567" in answer.text
    assert maker.browser.api("GET", "/ads").json()["ads"] == []


@pytest.mark.parametrize(
    "changed",
    [
        {"product": str(uuid.uuid4())},
        {"product": "nonsense"},
        {"scene": "volcano"},
        {"style": "comic"},
        {"copy_text": '{"headline": 5'},
        {"copy_text": '{"slogan": "x"}'},
        {"key": "x" * 65},
        {"headline": "x" * 201, "copy_text": "own"},
    ],
)
def test_a_form_that_was_not_ours_is_refused_without_a_crash(maker: Maker, changed: dict[str, Any]) -> None:
    assert maker.send({**maker.form(), **changed}).status_code == 422


def test_another_product_takes_its_own_lines_where_no_script_has_changed_them(maker: Maker) -> None:
    ad = maker.made({**maker.form(), "product": maker.products[0]})
    assert ad["order"]["fields"]["headline"] == "부사 사과"


def test_an_earlier_ad_is_begun_with_and_its_picture_can_be_kept(maker: Maker) -> None:
    own = {"copy_text": "own", "headline": "갓 딴 부사", "scene": "own", "background": "눈 쌓인 과수원"}
    first = maker.made({**maker.form(f"?product={maker.products[0]}"), **own})
    form = maker.form(f"?from={first['id']}")
    assert (form["product"], form["scene"], form["background"]) == (maker.products[0], "own", "눈 쌓인 과수원")
    again = maker.made({**form, "headline": "오늘 딴 부사"})
    assert again["parent_id"] == first["id"]
    assert again["order"]["seed"] == first["order"]["seed"]


def test_without_a_product_the_page_says_what_comes_first(sqlite_dashboard: Dashboard) -> None:
    assert "/products/new" in sqlite_dashboard.owner().get("/ads/new").text
