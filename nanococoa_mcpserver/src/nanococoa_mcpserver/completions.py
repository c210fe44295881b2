"""Completions of arguments of prompts and resources: formats, fonts, styles, job ids, holidays."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

from mcp.server.mcpserver import MCPServer
from mcp.types import (
    Completion,
    CompletionArgument,
    CompletionContext,
    PromptReference,
    ResourceTemplateReference,
)

from nanococoa_client.errors import ServiceError
from nanococoa_mcpserver.call_keys import own_jobs
from nanococoa_mcpserver.suite import Suite

MOST: Final = 100
"""The protocol's own limit."""

HOLIDAYS: Final = (
    "설날", "대보름", "밸런타인데이", "삼일절", "화이트데이", "어린이날", "어버이날", "스승의날", "복날", "추석",
    "한글날", "핼러윈", "빼빼로데이", "김장철", "블랙프라이데이", "크리스마스", "연말",
)  # fmt: skip

Source: TypeAlias = Callable[[], Awaitable[list[str]]]


class Completions:
    """Names that begin with, or contain, what was typed so far."""

    def __init__(self, suite: Suite) -> None:
        self._suite = suite
        self._sources: dict[str, Source] = {
            "format": self._formats,
            "formats": self._formats,
            "style": self._styles,
            "font": self._fonts,
            "font_family": self._fonts,
            "job_id": self._jobs,
            "holiday": self._holidays,
        }

    async def complete(
        self,
        ref: PromptReference | ResourceTemplateReference,
        argument: CompletionArgument,
        context: CompletionContext | None,
    ) -> Completion | None:
        """None where there is nothing to offer; an aiserver that is away offers nothing."""
        source = self._sources.get(argument.name)
        if source is None:
            return None
        try:
            names = await source()
        except ServiceError:
            return None
        before, typed = _last_of_list(argument.value) if argument.name == "formats" else ("", argument.value)
        found = [before + name for name in _matching(names, typed)]
        return Completion(values=found[:MOST], total=len(found), has_more=len(found) > MOST)

    async def _formats(self) -> list[str]:
        return (await self._suite.aiserver.resources()).formats

    async def _styles(self) -> list[str]:
        return (await self._suite.aiserver.resources()).styles

    async def _fonts(self) -> list[str]:
        return (await self._suite.aiserver.resources()).fonts

    async def _jobs(self) -> list[str]:
        page = await self._suite.aiserver.list_jobs(kind="ad", key_prefix=own_jobs(), limit=50)
        return [job.job_id for job in page.jobs]

    async def _holidays(self) -> list[str]:
        return list(HOLIDAYS)


def register(server: MCPServer, suite: Suite) -> None:
    """Add them to the server."""
    server.completion()(Completions(suite).complete)  # type: ignore[no-untyped-call]


def _matching(names: list[str], typed: str) -> list[str]:
    """Those that begin with it first, then those that contain it."""
    wanted = typed.strip().casefold()
    begin = [name for name in names if name.casefold().startswith(wanted)]
    return begin + [name for name in names if wanted in name.casefold() and name not in begin]


def _last_of_list(value: str) -> tuple[str, str]:
    """What stands before the last comma, and what is being typed after it."""
    before, comma, typed = value.rpartition(",")
    return (f"{before}, " if comma else ""), typed
