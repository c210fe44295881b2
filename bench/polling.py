"""Browsers that look after one ad: each asks for its state as the dashboard does, and opens a page now and then."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle

import aiohttp

STATUS_EVERY = 2.0
"""Seconds between two questions of a page that shows an ad under way (``gallery.js``)."""

PAGE_EVERY = 15.0
"""Seconds that somebody stays on a page."""

LONGEST = 60.0
"""Seconds until an answer counts as none."""


@dataclass
class Polled:
    """Seconds of every answer by what was asked for, and what was answered otherwise than by 200."""

    pages: list[float] = field(default_factory=list)
    statuses: list[float] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


async def poll(url: str, cookies: dict[str, str], ad: str, browsers: int, seconds: float) -> Polled:
    """``browsers`` at once, each with a connection of its own and the same signed-in person's cookies."""
    polled = Polled()
    ends = time.perf_counter() + seconds
    await asyncio.gather(*(_browse(url, cookies, ad, number / browsers, ends, polled) for number in range(browsers)))
    return polled


async def _browse(url: str, cookies: dict[str, str], ad: str, share: float, ends: float, polled: Polled) -> None:
    """``share`` of a period passes before the first question: people do not come all at once."""
    headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()), "Accept-Language": "ko"}
    timeout = aiohttp.ClientTimeout(LONGEST)
    async with aiohttp.ClientSession(url, headers=headers, timeout=timeout) as session:
        await asyncio.gather(
            _ask(session, cycle([f"/api/v1/ads/{ad}"]), STATUS_EVERY, share, ends, polled.statuses, polled.refused),
            _ask(session, cycle([f"/ads/{ad}", "/", "/ads"]), PAGE_EVERY, share, ends, polled.pages, polled.refused),
        )


async def _ask(
    session: aiohttp.ClientSession,
    paths: Iterator[str],
    every: float,
    share: float,
    ends: float,
    took: list[float],
    refused: list[str],
) -> None:
    """As pages do, the next question comes ``every`` seconds after the last answer."""
    await asyncio.sleep(share * every)
    while (began := time.perf_counter()) < ends:
        path = next(paths)
        try:
            async with session.get(path, allow_redirects=False) as answer:
                await answer.read()
                if answer.status != 200:
                    refused.append(f"{answer.status} {path}")
        except (aiohttp.ClientError, TimeoutError) as error:
            refused.append(f"{error!r} {path}")
        took.append(time.perf_counter() - began)
        await asyncio.sleep(every)
