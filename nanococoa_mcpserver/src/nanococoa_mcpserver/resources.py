"""Resources: a job's pictures (small enough for any client), its text layer, the fonts."""

from __future__ import annotations

from typing import Final

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError

from nanococoa_client.errors import InvalidParameter, PayloadTooLarge, ServiceError
from nanococoa_client.schemas import AdLayer, FontFamily, FormatLayer
from nanococoa_mcpserver.errors import refusal, text_for_model
from nanococoa_mcpserver.images.preview import MEDIA_TYPE, RESOURCE_BYTES, RESOURCE_SIDE
from nanococoa_mcpserver.suite import Suite, finished_output

_LAYER_BYTES: Final = 700_000


class Resources:
    """Readers of each resource. Raise the SDK's errors, with the same texts as the tools."""

    def __init__(self, suite: Suite) -> None:
        self._suite = suite

    async def image(self, job_id: str, format: str) -> bytes:  # noqa: A002 - the URI's own word
        try:
            artifact = await finished_output(self._suite.aiserver, job_id, format)
            return await self._suite.smaller(artifact, RESOURCE_SIDE, RESOURCE_BYTES)
        except ServiceError as error:
            raise _told(error) from error

    async def layer(self, job_id: str) -> str:
        try:
            layer = (await self._suite.aiserver.status(job_id)).layer
            if layer is None:
                raise refusal(InvalidParameter, "no_layer_yet")
            return _fitting(layer)
        except ServiceError as error:
            raise _told(error) from error

    async def fonts(self) -> list[FontFamily]:
        try:
            return await self._suite.aiserver.fonts()
        except ServiceError as error:
            raise _told(error) from error


def register(server: MCPServer, suite: Suite) -> None:
    """Add them to the server."""
    read = Resources(suite)
    server.resource(
        "job://{job_id}/image/{format}",
        name="job-image",
        title="A finished picture",
        description="A finished ad in one format, at most 2048 pixels and 700 KB. The full file is at its url.",
        mime_type=MEDIA_TYPE,
    )(read.image)
    server.resource(
        "job://{job_id}/layer",
        name="job-layer",
        title="The text layer of a finished ad",
        description="Copy by field, style, palette and where each text stands, as JSON; change it with edit_ad_text.",
        mime_type="application/json",
    )(read.layer)
    server.resource(
        "fonts://list",
        name="fonts",
        title="Fonts for ad texts",
        description="Families with weights and Hangul coverage.",
        mime_type="application/json",
    )(read.fonts)


def _fitting(layer: AdLayer) -> str:
    """The layer, without its markup where that would be too much for a client."""
    slim = layer.model_copy(update={"formats": {name: _slim(placed) for name, placed in layer.formats.items()}})
    for text in (layer.model_dump_json(), slim.model_dump_json(exclude={"design"})):
        if len(text.encode()) <= _LAYER_BYTES:
            return text
    raise refusal(PayloadTooLarge, "result_too_large")


def _slim(placed: FormatLayer) -> FormatLayer:
    return placed.model_copy(update={"html": ""})


def _told(error: ServiceError) -> ResourceError:
    kind = ResourceNotFoundError if error.status in (404, 422) else ResourceError
    return kind(text_for_model(error))
