"""The parts by themselves: addresses, keys, languages, smaller pictures, settings, image arguments, shared watches."""

from __future__ import annotations

import asyncio
import base64
import io
import os
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from nanococoa_client.errors import InvalidParameter
from nanococoa_client.fake import PICTURE, FakeAiserver
from nanococoa_client.schemas import GenerateRequest
from nanococoa_mcpserver.call_keys import WINDOW_SECONDS, CallKeys
from nanococoa_mcpserver.errors import LinkExpired, LinkInvalid
from nanococoa_mcpserver.images.folders import Folders, looks_like_path
from nanococoa_mcpserver.images.inputs import checked_base64
from nanococoa_mcpserver.images.links import SignedLinks
from nanococoa_mcpserver.images.preview import PREVIEW_BYTES, smaller
from nanococoa_mcpserver.language import language_of
from nanococoa_mcpserver.settings import Settings, SettingsError, load_settings
from nanococoa_mcpserver.transport import create_app
from nanococoa_mcpserver.watching import Watches

ARTIFACT = "a" * 64 + ".png"


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def opened(links: SignedLinks, address: str) -> int:
    ticket, artifact = address.rsplit("/", 2)[1:]
    return links.open(ticket, artifact)


def test_an_address_opens_its_picture_until_its_time_is_over() -> None:
    clock = Clock()
    links = SignedLinks("https://ads.example", b"key", 3600, clock)
    address = links.link(ARTIFACT, 768)
    assert opened(links, address) == 768
    clock.now += 3601
    with pytest.raises(LinkExpired):
        opened(links, address)


@pytest.mark.parametrize("change", [("-768-", "-0-"), ("aaaa", "bbbb"), ("/6", "/7"), (".png", ".jpg")])
def test_a_changed_address_opens_nothing(change: tuple[str, str]) -> None:
    links = SignedLinks("https://ads.example", b"key", 3600, Clock())
    with pytest.raises(LinkInvalid):
        opened(links, links.link(ARTIFACT, 768).replace(*change))
    with pytest.raises(LinkInvalid):
        opened(SignedLinks("", b"another", 3600, Clock()), links.link(ARTIFACT))


def test_a_call_keeps_its_key_across_the_windows_edge_and_loses_it_later() -> None:
    clock = Clock()
    clock.now = WINDOW_SECONDS * 1000 - 1.0
    keys = CallKeys(clock)
    first = keys._key_for("call")
    assert keys._key_for("another call") != first
    clock.now += 2
    assert keys._key_for("call") == first
    assert CallKeys(clock)._key_for("call") == CallKeys(clock)._key_for("call"), "replicas agree"
    clock.now += WINDOW_SECONDS
    assert keys._key_for("call") != first


@pytest.mark.parametrize(
    ("headers", "arguments", "wanted"),
    [
        ({"accept-language": "en-US,en;q=0.9,ko;q=0.8"}, {"text_content": "사과"}, "en"),
        (None, {"text_content": "사과"}, "ko"),
        (None, {"fields": {"headline": "사과"}}, "ko"),
        (None, {"bg_prompt": "a wooden table"}, "en"),
        (None, {"job_id": "0b6f"}, None),
        ({"accept-language": "*"}, {}, None),
    ],
)
def test_a_call_is_answered_in_its_language(headers: Any, arguments: dict[str, Any], wanted: str | None) -> None:
    assert language_of(headers, arguments) == wanted


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P", "CMYK"])
def test_a_preview_is_small_whatever_the_picture(mode: str) -> None:
    noise = Image.frombytes("RGB", (1500, 900), os.urandom(1500 * 900 * 3)).convert(mode)
    file = io.BytesIO()
    noise.save(file, "TIFF")
    preview = smaller(file.getvalue(), 768, PREVIEW_BYTES)
    assert len(preview) <= PREVIEW_BYTES
    with Image.open(io.BytesIO(preview)) as seen:
        assert (seen.format, seen.mode) == ("JPEG", "RGB")
        assert max(seen.size) <= 768


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"MCP_PORT": "high"}, "MCP_PORT"),
        ({"AISERVER_URL": "127.0.0.1:8000"}, "AISERVER_URL"),
        ({"MCP_TOKENS": "short"}, "MCP_TOKENS"),
        ({"MCP_ALLOWED_HOSTS": "*"}, "MCP_ALLOWED_HOSTS"),
        ({"MCP_LINK_HOURS": "0"}, "MCP_LINK_HOURS"),
    ],
)
def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], name: str) -> None:
    for variable, value in settings.items():
        monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError, match=f"^{name}: "):
        load_settings()


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({}, "MCP_ALLOWED_HOSTS"),
        ({"mcp_allowed_hosts": "ads.example.com"}, "MCP_TOKENS"),
        ({"public_url": "https://ads.example.com", "mcp_token_url": "http://backend:8890/verify"}, "MCP_TOKEN_SECRET"),
    ],
)
def test_the_network_needs_hosts_and_tokens(settings: dict[str, Any], name: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name}: "):
        create_app(Settings.model_validate({"mcp_host": "0.0.0.0", **settings}))


@pytest.mark.parametrize("text", ["/home/me/a.jpg", "~/a.jpg", "a.png", "C:\\a.jpg", "file:///a.jpg", "/photos/apple"])
def test_a_path_is_told_from_base64(text: str) -> None:
    assert looks_like_path(text)
    assert not looks_like_path(base64.b64encode(text.encode() * 9).decode())
    assert not looks_like_path("/9j/4AAQSkZJRg")


def test_wrapped_and_url_safe_base64_is_taken() -> None:
    plain = base64.b64encode(PICTURE).decode()
    for form in (
        plain,
        f"data:image/png;base64,{plain}",
        base64.urlsafe_b64encode(PICTURE).decode(),
        plain.rstrip("="),
    ):
        assert checked_base64(form, "image") == plain
    assert checked_base64("\n".join(plain[at : at + 20] for at in range(0, len(plain), 20)), "image") == plain


def test_a_pipe_in_the_folder_is_no_photo_and_blocks_nobody(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    with pytest.raises(InvalidParameter):
        Folders([tmp_path]).read(str(tmp_path / "pipe.jpg"), "image", 1000)


async def test_all_who_wait_for_a_job_share_its_stream() -> None:
    streams = 0

    class Counting(FakeAiserver):
        async def events(self, job_id: str, after: int = 0) -> Any:
            nonlocal streams
            streams += 1
            async for event in super().events(job_id, after):
                yield event

    fake, watches = Counting(hold=True), Watches()
    ad = GenerateRequest(product_image="x", text_content="사과", bg_prompt="탁자")
    job_id = (await fake.generate(ad)).job_id

    async def wait() -> bool:
        async with watches.watch(fake, job_id, "ko") as watch:
            return await watch.ended_within(10)

    waits = [asyncio.create_task(wait()) for _ in range(50)]
    await asyncio.sleep(0)
    async with watches.watch(fake, job_id, "ko") as watch:
        assert not await watch.ended_within(0.01)
        fake.finish(job_id)
    assert all(await asyncio.gather(*waits))
    assert streams == 1
