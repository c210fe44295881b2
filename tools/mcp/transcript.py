"""Make a whole ad by tool calls, and write down what was said into docs/mcp.md and docs/screens/mcp-ad.webp.

nanococoa serve & PUBLIC_URL=https://ads.example.com nanococoa-mcp & python tools/mcp/transcript.py
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import io
import json
import re
from pathlib import Path
from typing import Any, Final

from mcp.types import CallToolResult, ImageContent
from PIL import Image

from mcp import Client

CHECKOUT: Final = Path(__file__).resolve().parents[2]
PAGE: Final = CHECKOUT / "docs" / "mcp.md"
PICTURE: Final = CHECKOUT / "docs" / "screens" / "mcp-ad.webp"
PHOTO: Final = CHECKOUT / "samples" / "products" / "12.jpg"
BEGIN, END = "<!-- transcript: tools/mcp/transcript.py -->", "<!-- end of the transcript -->"

LONGEST: Final = 110
"""Characters of a text that are shown; pictures and signed addresses are longer."""

MOST: Final = 3
"""Entries of a list that are shown."""


class Transcript:
    """The calls so far, as Markdown."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.text = ""

    def say(self, who: str, words: str) -> None:
        self.text += f"**{who}:** {words}\n\n"

    async def call(self, name: str, **arguments: Any) -> dict[str, Any]:
        """Call a tool and write down what went over the wire, shortened. Raises RuntimeError when it failed."""
        told: list[str] = []

        async def tell(progress: float, total: float | None, message: str | None) -> None:
            told.append(f"{progress:g} % {message or ''}".strip())

        result = await self._client.call_tool(name, arguments, progress_callback=tell)
        if result.is_error or result.structured_content is None:
            raise RuntimeError(f"{name}: {result.content}")
        state: dict[str, Any] = result.structured_content
        self.text += f"`{name}`\n```json\n{_json(arguments)}\n```\n"
        self.text += "".join(f"*progress: {line}*  \n" for line in told)
        self.text += f"```json\n{_json(state)}\n```\n{_blocks(result)}\n"
        return state

    async def picture(self, uri: str) -> bytes:
        content = (await self._client.read_resource(uri)).contents[0]
        return base64.b64decode(content.model_dump()["blob"])


async def record(url: str) -> None:
    async with Client(f"{url}/mcp") as client:
        transcript = Transcript(client)
        uri = await _conversation(transcript)
        picture = await transcript.picture(uri)
    _write(transcript.text)
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    image.thumbnail((720, 720), Image.Resampling.LANCZOS)
    image.save(PICTURE, quality=80, method=6)


async def _conversation(transcript: Transcript) -> str:
    """An ad, looked at, and its headline changed. The URI of the finished picture."""
    photo = base64.b64encode(PHOTO.read_bytes()).decode()
    transcript.say("User", "이 사과 상자 사진으로 인스타그램 광고 만들어 줘. 햇사과 10kg 39,900원, 청송댁 과일가게.")
    started = await transcript.call(
        "generate_ad_image",
        product_image=photo,
        text_content="산지에서 온 햇사과 | 10kg 39,900원 | 청송댁 과일가게",
        bg_prompt="가을 햇살이 드는 나무 탁자",
        formats=["square", "story"],
        seed=5,
    )
    job_id = started["job_id"]
    state = await transcript.call("check_generation_status", job_id=job_id, wait_seconds=25)
    while state["status"] in ("pending", "running"):
        state = await transcript.call("check_generation_status", job_id=job_id, wait_seconds=25)
    transcript.say("Assistant", "광고가 나왔어요. *(shows both pictures)*")
    transcript.say("User", "제목을 '첫 수확 햇사과'로 바꿔 줘.")
    edited = await transcript.call(
        "edit_ad_text", job_id=job_id, fields=_filled(state["copy_fields"]) | {"headline": "첫 수확 햇사과"}
    )
    transcript.say("Assistant", "바꿨어요. 그림은 그대로 두고 글자만 다시 얹었어요.")
    return str(edited["images"][0]["resource"])


def _filled(value: Any) -> Any:
    """Without what is empty."""
    if not isinstance(value, dict):
        return value
    return {name: _filled(part) for name, part in value.items() if part not in (None, "", [], {})}


def _json(value: Any) -> str:
    return json.dumps(_short(_filled(value)), ensure_ascii=False, indent=1)


def _short(value: Any) -> Any:
    match value:
        case str() if len(value) > LONGEST:
            return f"{value[: LONGEST // 2]}… ({len(value):,} characters)"
        case float():
            return round(value, 3)
        case list() if len(value) > MOST:
            return [*map(_short, value[:MOST]), f"… ({len(value)} in all)"]
        case list():
            return [_short(part) for part in value]
        case dict():
            return {name: _short(part) for name, part in value.items()}
    return value


def _blocks(result: CallToolResult) -> str:
    """The blocks beside the structured answer."""
    pictures = [block for block in result.content if isinstance(block, ImageContent)]
    sizes = [f"{block.mime_type}, {round(len(base64.b64decode(block.data)) / 1000)} KB" for block in pictures]
    links = sum(block.type == "resource_link" for block in result.content)
    told = [*(f"a preview ({size})" for size in sizes), *([f"{links} resource links"] if links else [])]
    return f"*and {', '.join(told)}*\n" if told else ""


def _write(text: str) -> None:
    page = PAGE.read_text("utf-8")
    if BEGIN not in page:
        raise SystemExit(f"{PAGE} has no line {BEGIN}")
    replaced = re.sub(f"{BEGIN}.*{END}", lambda _: f"{BEGIN}\n{text.strip()}\n{END}", page, flags=re.DOTALL)
    PAGE.write_text(replaced, "utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", nargs="?", default="http://127.0.0.1:3000", help="where nanococoa-mcp answers")
    asyncio.run(record(parser.parse_args().url))
