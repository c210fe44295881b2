"""Making an ad by talking, in a real Chromium over a real aiserver: guided, without scripts, and with an agent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Browser, expect

from nanococoa_backend.messages import Locale
from support.mcp_server import serving_mcp
from support.own_server import Server
from support.real_dashboard import RealDashboard, dashboard_over
from support.screens import MADE, SEATS, Walk, seated
from support.shopkeeping import add, shop_of
from support.talking_llm import Says, TalkingLlm, talking_llm

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1200)]


def say(walk: Walk, text: str) -> None:
    walk.page.get_by_role("textbox", name=walk.say("chat.message")).fill(text)
    walk.page.get_by_role("button", name=walk.say("chat.send")).click()


def asked(walk: Walk, key: str) -> None:
    """What was said last."""
    expect(walk.page.locator(".words").last).to_contain_text(walk.say(key))


EXAMPLES: dict[Locale, str] = {
    "ko": "빨간 사과 이미지로 명절 특가 광고 만들어 줘",
    "en": "Make a holiday sale ad with the red apples",
}
NAMES: dict[Locale, str] = {"ko": "부사 사과", "en": "Fuji apples"}


def test_a_sentence_and_two_presses_make_a_finished_ad(walk: Walk) -> None:
    add(walk, NAMES[walk.locale])
    walk.go("/chat")
    walk.looks_right("chat-start")
    say(walk, EXAMPLES[walk.locale])
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


def test_without_scripts_forms_lead_to_the_same_ad(chromium: Browser, served: RealDashboard) -> None:
    with shop_of(chromium, served, "phone") as with_scripts:
        add(with_scripts, "부사 사과")
        state = with_scripts.page.context.storage_state()
    with seated(chromium, served, "phone", "ko", java_script_enabled=False, storage_state=state) as walk:
        walk.go("/chat")
        say(walk, "부사 사과 광고, 나무 배경, '오늘 들어왔어요', 정사각으로")
        walk.page.get_by_role("button", name=walk.say("chat.go.make"), exact=True).click()
        asked(walk, "chat.ask.make")
        expect(walk.page.locator(".shot")).to_have_count(1)


class Agent(NamedTuple):
    """Somebody before a chat whose language model is scripted."""

    walk: Walk
    llm: TalkingLlm


@pytest.fixture(params=SEATS)
def agent(request: pytest.FixtureRequest, chromium: Browser, aiserver: Server, tmp_path: Path) -> Iterator[Agent]:
    size, locale, kind = request.param
    database = request.getfixturevalue("postgres_url") if kind == "postgres" else ""
    with talking_llm() as llm, serving_mcp(tmp_path, AISERVER_URL=aiserver.url) as mcp:
        settings: dict[str, Any] = {
            "mcp_url": f"{mcp.url}/mcp",
            "openai_base_url": llm.url,
            "openai_api_key": "sk-test",
        }
        with (
            dashboard_over(aiserver.url, tmp_path / "talking", database, **settings) as served,
            shop_of(chromium, served, size, locale) as walk,
        ):
            yield Agent(walk, llm)


def test_an_agent_is_watched_at_its_work(agent: Agent) -> None:
    walk, llm = agent
    locale = walk.locale
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
    expect(walk.page.locator("[data-words]")).not_to_be_empty()
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
