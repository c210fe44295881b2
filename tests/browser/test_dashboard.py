"""The dashboard in a real Chromium: what it draws, that it asks for the token, and that it loads only what is ours."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from nanococoa_aiserver.render.chromium import find_chromium, keeps_sandbox
from nanococoa_aiserver.settings import Settings
from support import calls
from support.api_server import ApiServer, bearer, serving_with_worker
from support.api_worker import PICTURE

pytestmark = pytest.mark.browser

TOKEN = "열쇠-7"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    folder = tmp_path_factory.mktemp("dashboard") / "data"
    with serving_with_worker(Settings.model_validate({"data_dir": folder, "aiserver_token": TOKEN})) as running:
        yield running


@pytest.fixture
def page(server: ApiServer) -> Iterator[Page]:
    """The page as it opens; nothing may be asked of anybody else, and nothing may go wrong in its script."""
    asked: list[str] = []
    wrong: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), chromium_sandbox=keeps_sandbox())
        opened = browser.new_page(locale="ko-KR", viewport={"width": 320, "height": 800})
        opened.on("request", lambda request: asked.append(request.url))
        opened.on("pageerror", lambda error: wrong.append(str(error)))
        opened.goto(f"{server.url}/dashboard")
        yield opened
        browser.close()
    assert [url for url in asked if not url.startswith((server.url, "blob:"))] == []
    assert wrong == []


def enter(page: Page, token: str) -> None:
    page.get_by_label("AISERVER_TOKEN").fill(token)
    page.get_by_role("button", name="열기").click()


def test_the_token_is_asked_for_and_kept_for_the_tab_alone(page: Page) -> None:
    expect(page.get_by_text("토큰을 넣어 주세요")).to_be_visible()
    enter(page, "다른 열쇠")
    expect(page.get_by_text("토큰이 달라요")).to_be_visible()
    enter(page, TOKEN)
    expect(page.get_by_role("heading", name="대기 줄")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="대기 줄")).to_be_visible()
    assert page.evaluate("localStorage.length") == 0


def test_a_job_appears_by_itself_with_its_picture_and_its_end(page: Page, server: ApiServer) -> None:
    enter(page, TOKEN)
    expect(page.get_by_text("광고를 만들 준비가 됐어요.")).to_be_visible()
    body = {"product_image": base64.b64encode(PICTURE).decode(), "text_content": "<b>햇귤</b>", "bg_prompt": "나무"}
    calls.post(f"{server.url}/generate", json=body, headers=bearer(server.settings), timeout=60).raise_for_status()
    row = page.locator(".job").filter(has_text="<b>햇귤</b>")
    expect(row).to_contain_text("다 됐어요", timeout=15_000)
    assert row.locator("img").evaluate("image => image.decode().then(() => image.naturalWidth)") == 64
    assert page.evaluate("document.documentElement.scrollWidth") == 320
