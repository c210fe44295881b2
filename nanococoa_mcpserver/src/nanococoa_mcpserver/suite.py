"""What the tools work with: the other services' clients, image arguments and links, watches. Opened once a process."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import structlog
from anyio import CapacityLimiter, to_thread
from pydantic import SecretStr

from nanococoa_client.api import Aiserver
from nanococoa_client.client import AiserverClient
from nanococoa_client.errors import InvalidParameter
from nanococoa_client.messages import Locale
from nanococoa_mcpserver.call_keys import CallKeys
from nanococoa_mcpserver.errors import refusal
from nanococoa_mcpserver.homepages import Homepages
from nanococoa_mcpserver.images.folders import Folders
from nanococoa_mcpserver.images.inputs import ImageInputs
from nanococoa_mcpserver.images.links import DirectLinks, Links, NoLinks, SignedLinks, artifact_of
from nanococoa_mcpserver.images.preview import smaller
from nanococoa_mcpserver.language import chosen_locale
from nanococoa_mcpserver.settings import Settings
from nanococoa_mcpserver.watching import Watches

DECODERS: Final = 2
"""Pictures made smaller at the same time: 25 MP are 75 MB each while they are looked at."""


class Aiservers:
    """One client for each language that a call may ask for, and one for calls that don't: then jobs speak their own."""

    def __init__(self, settings: Settings) -> None:
        token = _secret(settings.aiserver_token)
        wanted: tuple[Locale | None, ...] = (None, "ko", "en")
        self._clients = {which: AiserverClient(settings.aiserver_url, token=token, locale=which) for which in wanted}

    def current(self) -> Aiserver:
        """The client for the running call's language."""
        return self._clients[chosen_locale()]

    async def close(self) -> None:
        for client in self._clients.values():
            await client.close()


@dataclass(frozen=True, slots=True)
class Suite:
    """``async with`` it, or ``close``."""

    settings: Settings
    aiservers: Aiservers
    homepages: Homepages
    images: ImageInputs
    links: Links
    watches: Watches
    keys: CallKeys
    decoders: CapacityLimiter

    @property
    def aiserver(self) -> Aiserver:
        """The aiserver, in the running call's language."""
        return self.aiservers.current()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aiservers.close()
        await self.homepages.close()

    async def smaller(self, artifact: str, side: int, limit: int) -> bytes:
        """An artifact as a JPEG of at most these pixels and bytes."""
        data = await self.aiserver.artifact(artifact)
        return await to_thread.run_sync(smaller, data, side, limit, limiter=self.decoders)


def open_suite(settings: Settings, allowed_folders: Sequence[Path] | None = None) -> Suite:
    """``allowed_folders``: those of stdio mode; None over a network, where no path is ever read."""
    aiservers = Aiservers(settings)

    async def find_output(job_id: str, name: str) -> str:
        return await finished_output(aiservers.current(), job_id, name)

    return Suite(
        settings=settings,
        aiservers=aiservers,
        homepages=Homepages(settings.homepage_url, settings.public_address, _secret(settings.homepage_token)),
        images=ImageInputs(Folders(allowed_folders), settings.public_address, find_output),
        links=_links(settings, over_network=allowed_folders is None),
        watches=Watches(),
        keys=CallKeys(),
        decoders=CapacityLimiter(DECODERS),
    )


async def finished_output(aiserver: Aiserver, job_id: str, name: str) -> str:
    """The artifact of a job's format. Raises JobNotFound, InvalidParameter."""
    outputs = (await aiserver.status(job_id)).outputs
    if name not in outputs:
        raise refusal(InvalidParameter, "format_not_made", format=name, known=", ".join(outputs) or "-")
    return artifact_of(outputs[name])


def _secret(value: SecretStr | None) -> str | None:
    return value.get_secret_value() if value else None


def _links(settings: Settings, *, over_network: bool) -> Links:
    """In stdio mode nobody serves ``/images`` unless a server elsewhere shares the key."""
    key = settings.mcp_link_key.get_secret_value()
    if over_network or (settings.public_url and key):
        if not key:
            structlog.get_logger().warning("MCP_LINK_KEY is not set: image addresses end with this process")
        signing = key.encode() or secrets.token_bytes(32)
        return SignedLinks(settings.public_address, signing, settings.mcp_link_hours * 3600)
    return NoLinks() if settings.aiserver_token else DirectLinks(settings.aiserver_url)
