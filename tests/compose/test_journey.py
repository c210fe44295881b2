"""A shop owner's whole way in a real browser, through the one public door: from signing up to a published page."""

from __future__ import annotations

import base64
import io
import re
import uuid
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, FilePayload, expect

from support.mcp_server import data, token_client
from support.real_dashboard import sample
from support.screens import MADE, Walk
from support.shopkeeping import NOTES, add, shop_of
from support.threads import beside

from .conftest import Suite

pytestmark = [pytest.mark.compose, pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(900)]

WORDS = {"ko": ("산지에서 온 아삭한 부사", "39,900원"), "en": ("Crisp from the orchard", "39,900 won")}


def test_from_signing_up_to_a_homepage_that_strangers_read(suite: Suite, chromium: Browser, tmp_path: Path) -> None:
    with shop_of(chromium, suite, "phone", "ko") as walk:
        add_by_hand(walk, "청송 부사 사과")
        order(walk)
        first = downloaded(walk, tmp_path)
        retype(walk, "새벽에 딴 꿀부사 왔어요")
        edited = downloaded(walk, tmp_path)
        assert first.shape == edited.shape
        assert np.abs(first - edited).max() > 100
        address = published(walk)
        assert address.startswith(f"{suite.url}/sites/")
        with chromium.new_context() as stranger:
            page = stranger.new_page()
            page.goto(address)
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            expect(page.get_by_text("청송 부사 사과").first).to_be_visible()
            missing = "() => [...document.images].filter(i => i.complete && !i.naturalWidth).map(i => i.src)"
            assert page.evaluate(missing) == []


def test_an_llm_makes_the_ad_that_its_owner_made_with_a_token_from_the_dashboard(
    suite: Suite, chromium: Browser
) -> None:
    with shop_of(chromium, suite, "desktop", "en") as walk:
        add(walk, "Fuji apples")
        order(walk)
        walk.go("/account/tokens")
        walk.fill("tokens.name", "My assistant")
        walk.page.get_by_text(walk.say("tokens.access_write"), exact=True).click()
        walk.press("tokens.make")
        secret = walk.page.get_by_label(walk.say("tokens.secret"), exact=True)
        expect(secret).to_have_value(re.compile("^nc_"))
        pictures = beside(by_mcp(suite.url, secret.input_value()))
    assert set(pictures) == {"square", "story"}
    assert pictures["square"].size == (1080, 1080)
    assert pictures["story"].size == (1080, 1920)


def add_by_hand(walk: Walk, name: str) -> None:
    """A product by its form, and its cut-out looked at and taken."""
    walk.go("/products/new")
    photo: FilePayload = {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": sample()}
    walk.page.locator("#photo").set_input_files(photo)
    walk.fill("products.new.name", name)
    walk.fill("products.new.price", "39,900")
    walk.press("products.new.submit")
    expect(walk.page.locator("[data-cut]")).to_be_visible()
    walk.press("products.cut.use")
    expect(walk.page).to_have_url(re.compile("/products$"))


def order(walk: Walk) -> None:
    """An ad with words of one's own, watched until it hangs."""
    headline, price = WORDS[walk.locale]
    walk.go("/ads/new")
    walk.page.locator('input[name="copy_text"][value="own"]').check(force=True)
    walk.page.locator("#own-headline").fill(headline)
    walk.page.locator("#own-price").fill(price)
    walk.page.locator("[data-make]:visible").first.click()
    expect(walk.page).to_have_url(re.compile(r"/ads/[0-9a-f-]{36}$"))
    expect(walk.page.locator("[data-hanging]")).to_be_visible(timeout=MADE)


def downloaded(walk: Walk, folder: Path) -> np.ndarray:
    """The shown format's file, as the browser saves it."""
    with walk.page.expect_download() as download:
        walk.page.locator("[data-download]").click()
    file = folder / uuid.uuid4().hex
    download.value.save_as(file)
    assert download.value.suggested_filename.endswith(".png")
    return np.asarray(Image.open(file).convert("RGB"), np.int16)


def retype(walk: Walk, words: str) -> None:
    """The headline in the editor, saved; ends on the ad's page."""
    page, ad = walk.page, walk.page.url.partition("?")[0]
    page.goto(f"{ad}/edit")
    expect(page.locator(".art.ready")).to_be_visible()
    page.locator('.layer[data-role="headline"]').focus()
    page.locator("[data-words]").fill(words)
    expect(page.locator("[data-status]")).to_be_hidden()
    page.locator("[data-save]").click()
    expect(page.locator(".toast")).to_be_visible()
    page.goto(ad)
    expect(page.get_by_text(walk.say("gallery.version", number=2))).to_be_visible()


def published(walk: Walk) -> str:
    """A homepage as it comes, looked at in its frame and published; its address."""
    walk.go("/homepages/new")
    walk.press("homepages.make.go")
    preview = walk.page.frame_locator("[data-preview]")
    expect(preview.get_by_role("heading", level=1)).to_be_visible(timeout=MADE)
    walk.press("homepages.publish")
    walk.page.locator("[data-go]").click()
    link = walk.page.locator(".top, .pagehead").get_by_role("link", name=walk.say("homepages.open"))
    expect(link.locator("visible=true").first).to_be_visible()
    return str(link.locator("visible=true").first.get_attribute("href"))


async def by_mcp(url: str, token: str) -> dict[str, Image.Image]:
    """The same ad with the SDK's client; its pictures by format, opened at their signed addresses."""
    headline, price = WORDS["en"]
    wish = {
        "product_image": base64.b64encode(sample()).decode(),
        "text_content": f"{headline}\n{price}",
        "bg_prompt": NOTES,
        "formats": ["square", "story"],
    }
    async with token_client(url, token) as client:
        job = data(await client.call_tool("generate_ad_image", wish))
        while job["status"] in ("pending", "running"):
            job = data(await client.call_tool("check_generation_status", {"job_id": job["job_id"], "wait_seconds": 20}))
    assert job["status"] == "completed", job
    return {image["format"]: await opened(image["url"], url) for image in job["images"]}


async def opened(address: str, url: str) -> Image.Image:
    assert address.startswith(f"{url}/images/")
    async with httpx.AsyncClient(trust_env=False, timeout=30) as anybody:
        answer = await anybody.get(address)
        assert answer.headers["content-type"] == "image/png"
        forged = await anybody.get(re.sub("-[0-9a-f]{32}/", f"-{'0' * 32}/", address))
    assert forged.status_code == 404
    return Image.open(io.BytesIO(answer.content))
