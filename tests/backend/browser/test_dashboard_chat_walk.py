"""Making an ad by talking, in a real Chromium over a real aiserver: guided, without scripts, and with an agent."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Playwright, expect, sync_playwright

from nanococoa_backend.messages import Locale
from support.dashboard import PASSWORD
from support.mcp_server import serving_mcp
from support.own_server import serving
from support.real_dashboard import RealDashboard, dashboard_over, sample
from support.screens import Walk, seated
from support.talking_llm import Says, TalkingLlm, talking_llm

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]

MADE = 120_000
"""Milliseconds an ad may take on two busy cores."""


@pytest.fixture(scope="module")
def aiserver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("aiserver"), ENGINE="studio") as running:
        yield running.url


@pytest.fixture(scope="module")
def served(aiserver: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealDashboard]:
    with dashboard_over(aiserver, tmp_path_factory.mktemp("chatting")) as running:
        yield running


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@contextmanager
def shop_of(
    playwright: Playwright, served: RealDashboard, size: str, locale: Locale, **options: object
) -> Iterator[Walk]:
    """Signed up, with the practice shop and a product that is cut out."""
    with seated(playwright, served, size, locale, **options) as walk:
        walk.go("/sign-up")
        for name, value in (("name", "김햇살"), ("email", f"{uuid.uuid4().hex}@haetsal.kr"), ("password", PASSWORD)):
            walk.page.locator(f"[name={name}]").fill(value)
        walk.page.locator("main button[type=submit]").first.click()
        expect(walk.page).to_have_url(re.compile("/businesses/new$"))
        walk.press("business.new.demo")
        expect(walk.page).to_have_url(served.url + "/")
        yield walk


def add(walk: Walk, name: str, number: str = "12") -> str:
    """Its id, when it is cut out."""
    api = f"{walk.server.url}/api/v1"
    token = walk.page.request.get(f"{api}/csrf").json()["token"]
    fields = {"name": name, "price": "39,900", "unit": "10kg", "notes": "청송에서 키웠어요. 당도 14브릭스"}
    photo: FilePayload = {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": sample(number)}
    headers = {"X-CSRF-Token": token}
    made = walk.page.request.post(f"{api}/products", multipart={**fields, "photo": photo}, headers=headers)
    assert made.status == 201, made.text()
    walk.go(f"/products/{made.json()['id']}")
    expect(walk.page.locator("[data-cut]")).to_be_visible(timeout=MADE)
    return str(made.json()["id"])


def say(walk: Walk, text: str) -> None:
    walk.page.get_by_role("textbox", name=walk.say("chat.message")).fill(text)
    walk.page.get_by_role("button", name=walk.say("chat.send")).click()


def asked(walk: Walk, key: str) -> None:
    """What was said last."""
    expect(walk.page.locator(".words").last).to_contain_text(walk.say(key), timeout=15_000)


EXAMPLES: dict[Locale, str] = {
    "ko": "빨간 사과 이미지로 명절 특가 광고 만들어 줘",
    "en": "Make a holiday sale ad with the red apples",
}
NAMES: dict[Locale, str] = {"ko": "부사 사과", "en": "Fuji apples"}


@pytest.mark.parametrize(("size", "locale"), [("phone", "ko"), ("desktop", "en")])
def test_a_sentence_and_two_presses_make_a_finished_ad(
    playwright: Playwright, served: RealDashboard, size: str, locale: Locale
) -> None:
    with shop_of(playwright, served, size, locale) as walk:
        add(walk, NAMES[locale])
        walk.go("/chat")
        walk.looks_right("chat-start")
        say(walk, EXAMPLES[locale])
        asked(walk, "chat.ask.formats")
        walk.looks_right("chat-sizes")
        walk.press("chat.use_sizes")
        asked(walk, "chat.ask.confirm")
        walk.looks_right("chat-confirm")
        walk.press("chat.go.scene")
        expect(walk.page.locator(".choice").first).to_be_visible()
        walk.looks_right("chat-scene")
        walk.page.locator(".choice[value='scene:lantern']").click()
        walk.press("chat.go.make")
        asked(walk, "chat.ask.make")
        walk.looks_right("chat-making")
        expect(walk.page.locator(".shot img")).to_be_visible(timeout=MADE)
        walk.looks_right("chat-done")
        walk.go("/chat")
        walk.looks_right("chat-list")


def test_without_scripts_forms_lead_to_the_same_ad(playwright: Playwright, served: RealDashboard) -> None:
    with seated(playwright, served, "phone", "ko") as with_scripts:
        state = signed_in(with_scripts)
    with seated(playwright, served, "phone", "ko", java_script_enabled=False, storage_state=state) as walk:
        walk.go("/chat")
        say(walk, "부사 사과 광고, 나무 배경, '오늘 들어왔어요', 정사각으로")
        walk.page.get_by_role("button", name=walk.say("chat.go.make"), exact=True).click()
        asked(walk, "chat.ask.make")
        expect(walk.page.locator(".shot")).to_have_count(1)


def signed_in(walk: Walk) -> dict[str, object]:
    walk.go("/sign-up")
    for name, value in (("name", "김햇살"), ("email", f"{uuid.uuid4().hex}@haetsal.kr"), ("password", PASSWORD)):
        walk.page.locator(f"[name={name}]").fill(value)
    walk.page.locator("main button[type=submit]").first.click()
    expect(walk.page).to_have_url(re.compile("/businesses/new$"))
    walk.press("business.new.demo")
    add(walk, "부사 사과")
    return walk.page.context.storage_state()  # type: ignore[return-value]


@pytest.mark.parametrize(("size", "locale"), [("phone", "ko"), ("desktop", "en")])
def test_an_agent_is_watched_at_its_work(
    playwright: Playwright, aiserver: str, tmp_path: Path, size: str, locale: Locale
) -> None:
    with (
        talking_llm() as llm,
        serving_mcp(tmp_path, AISERVER_URL=aiserver) as mcp,
        dashboard_over(
            aiserver, tmp_path / "talking", mcp_url=f"{mcp.url}/mcp", openai_base_url=llm.url, openai_api_key="sk-test"
        ) as served,
        shop_of(playwright, served, size, locale) as walk,
    ):
        product = add(walk, NAMES[locale])
        words = "명절 특가 | 부사 사과 | 39,900원" if locale == "ko" else "Holiday sale | Fuji apples | ₩39,900"
        arguments = {"product_id": product, "text_content": words, "bg_prompt": "명절 청사초롱", "formats": ["square"]}
        first = "상품 정보에서 가격을 가져와 만들게요." if locale == "ko" else "I take the price from the product."
        llm.script = [
            Says(first, [("list_products", {})], waits=True),
            Says("", [("generate_ad_image", arguments)]),
            lambda _: Says("", [("check_generation_status", {"ad_id": made_ad(llm), "wait_seconds": 40})]),
            Says("다 됐어요. 글자가 잘 읽혀요." if locale == "ko" else "It is done, and the words are easy to read."),
        ]
        walk.go("/chat")
        say(walk, EXAMPLES[locale])
        expect(walk.page.locator("[data-words]")).not_to_be_empty(timeout=30_000)
        walk.looks_right("chat-agent-talking")
        llm.go.set()
        expect(walk.page.locator(".shot img")).to_be_visible(timeout=MADE)
        ending = "다 됐어요" if locale == "ko" else "It is done"
        expect(walk.page.locator(".words", has_text=ending)).to_be_visible(timeout=MADE)
        expect(walk.page.locator(".call")).to_have_count(3)
        walk.page.locator(".call summary").nth(1).click()
        walk.looks_right("chat-agent-done")


def made_ad(llm: TalkingLlm) -> str:
    found = re.search(r'"ad_id": "([^"]+)"', llm.told_results()[-1])
    assert found is not None
    return found.group(1)
