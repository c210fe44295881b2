"""Reading a stream of server-sent events (WHATWG HTML, 9.2), as far as the aiserver uses them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterable, AsyncIterator

from nanococoa_client.api import JobEvent


async def read_events(lines: AsyncIterable[bytes]) -> AsyncIterator[JobEvent]:
    """Events from a stream's lines; comments (signs of life) are skipped."""
    fields: dict[str, str] = {}
    async for raw in lines:
        line = raw.decode("utf-8").rstrip("\r\n")
        if line.startswith(":"):
            continue
        if line:
            name, _, value = line.partition(":")
            fields[name] = f"{fields[name]}\n{value.removeprefix(' ')}" if name in fields else value.removeprefix(" ")
        elif "data" in fields:
            yield JobEvent(int(fields.get("id", "0")), fields.get("event", "message"), json.loads(fields["data"]))
            fields = {}
