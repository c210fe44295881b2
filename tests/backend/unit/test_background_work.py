"""Background work goes on when one worker crashes."""

from __future__ import annotations

import asyncio

import pytest

from nanococoa_backend.platform import background


class Steady:
    def __init__(self) -> None:
        self.cancelled = False

    async def run(self) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            self.cancelled = True


class Stumbling:
    """Crashes once, then works."""

    def __init__(self) -> None:
        self.runs = 0
        self.works = asyncio.Event()

    async def run(self) -> None:
        self.runs += 1
        if self.runs == 1:
            raise KeyError("a bug")
        self.works.set()
        await asyncio.Event().wait()


async def test_a_crash_ends_no_other_worker_and_is_begun_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "PAUSE", 0)
    steady, stumbling = Steady(), Stumbling()
    async with asyncio.timeout(60), background.working([steady, stumbling]):
        await stumbling.works.wait()
        assert not steady.cancelled
    assert (stumbling.runs, steady.cancelled) == (2, True)
