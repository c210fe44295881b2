"""Many ads in one run, walked through in a real browser over the real aiserver: a list, a look at it, the results."""

from __future__ import annotations

import pytest
from playwright.sync_api import FilePayload

from nanococoa_backend.messages import Locale
from support.lists import zipped
from support.real_dashboard import sample
from support.screens import MADE, Walk

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1200)]

LISTS = {
    "ko": (
        "cp949",
        "상품,가격,문구,사진\n부사,39900,갓 딴 부사 | 산지 직송,12.jpg\n한과,만원쯤,,14.jpg\n아오리,32000,,14.jpg\n",
    ),
    "en": ("utf-8", "product,price,photo\nFuji apples,39900,12.jpg\nHangwa,a lot,14.jpg\nGreen apples,32000,14.jpg\n"),
}


def test_a_list_becomes_ads_with_those_to_look_at_first(walk: Walk) -> None:
    walk.go("/batch")
    walk.looks_right("batch-start")
    send_list(walk, walk.locale)
    assert walk.page.get_by_text(walk.say("batch.draft.refused", count=1)).is_visible()
    walk.looks_right("batch-draft")
    walk.page.get_by_role("button", name=walk.say("batch.draft.start", count=2)).click()
    walk.page.locator("[data-bar]").wait_for()
    walk.looks_right("batch-making")
    walk.page.locator(".tallybar").wait_for(timeout=MADE, state="attached")
    walk.looks_right("batch-results")
    with walk.page.expect_download() as download:
        walk.page.locator("a[href$='files.zip']").click()
    assert download.value.suggested_filename.endswith(".zip")
    walk.go("/batch?how=products")
    walk.looks_right("batch-products")


def send_list(walk: Walk, locale: Locale) -> None:
    encoding, text = LISTS[locale]
    photos = zipped({f"{number}.jpg": sample(number) for number in ("12", "14")})
    table: FilePayload = {"name": "설 선물 목록.csv", "mimeType": "text/csv", "buffer": text.encode(encoding)}
    archive: FilePayload = {"name": "사진.zip", "mimeType": "application/zip", "buffer": photos}
    walk.page.set_input_files("#table", table)
    walk.page.set_input_files("#photos", archive)
    walk.page.get_by_role("button", name=walk.say("batch.check")).click()
    walk.page.wait_for_url("**/batch/*-*")
