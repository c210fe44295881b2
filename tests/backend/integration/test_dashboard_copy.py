"""Suggested copy over the API, kept to the product's own business."""

from __future__ import annotations

from support.dashboard import Dashboard, refused


def test_copy_is_suggested_in_the_readers_language(dashboard: Dashboard) -> None:
    browser = dashboard.owner()
    product = browser.add_product("부사 사과")
    browser.finished_cutout(product)
    told = browser.api("GET", f"/products/{product}/copy").json()["suggestions"]
    assert (told[0]["headline"], told[0]["price"]) == ("부사 사과", "39,900원")
    assert len(told) <= 3


def test_another_business_gets_no_copy(dashboard: Dashboard) -> None:
    mine = dashboard.owner("a@b.kr")
    product = mine.add_product()
    mine.finished_cutout(product)
    refused(dashboard.owner("c@d.kr").api("GET", f"/products/{product}/copy"), 404, "NOT_FOUND")
