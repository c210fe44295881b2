"""Plain HTTP beside the protocol: ``/health``, ``/metrics``, and ``/images`` where signed addresses lead."""

from __future__ import annotations

import hmac
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from nanococoa_client.errors import ServiceError
from nanococoa_mcpserver.images.links import PATH, SignedLinks
from nanococoa_mcpserver.images.preview import MEDIA_TYPE, PREVIEW_BYTES, RESOURCE_BYTES, RESOURCE_SIDE
from nanococoa_mcpserver.language import header_locale, speaking
from nanococoa_mcpserver.metrics import as_text
from nanococoa_mcpserver.suite import Suite

_MEDIA_TYPES: Final = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp"}
_HEADERS: Final = {
    "Cache-Control": "private, max-age=3600",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


class Pages:
    """Open to everyone: a signature is what lets a picture be seen."""

    def __init__(self, suite: Suite) -> None:
        self._suite = suite

    def routes(self) -> list[Route]:
        return [
            Route("/health", self.health, methods=["GET"]),
            Route("/metrics", self.metrics, methods=["GET"]),
            Route(PATH + "/{ticket}/{artifact}", self.image, methods=["GET"]),
        ]

    async def health(self, request: Request) -> Response:
        """The process is alive; says nothing of the other services."""
        return JSONResponse({"status": "ok"})

    async def metrics(self, request: Request) -> Response:
        """Numbers for Prometheus, for whoever shows ``METRICS_TOKEN``; while none is set there are none."""
        wanted = self._suite.settings.metrics_token
        if wanted is None:
            return Response(status_code=404)
        shown = request.headers.get("authorization", "").encode("latin-1", "replace")
        if not hmac.compare_digest(f"Bearer {wanted.get_secret_value()}".encode(), shown):
            return Response(status_code=401, headers={"WWW-Authenticate": "Bearer"})
        return Response(as_text(), media_type=CONTENT_TYPE_LATEST)

    async def image(self, request: Request) -> Response:
        """The picture a signed address names: 404 for others, 410 when its time is over."""
        locale = header_locale(request.headers.get("accept-language", "")) or "ko"
        with speaking(locale):
            try:
                return await self._picture(request.path_params["ticket"], request.path_params["artifact"])
            except ServiceError as error:
                answer = error.envelope(locale).model_dump(mode="json", exclude_none=True)
                return JSONResponse(answer, error.status, headers={"Cache-Control": "no-store"})

    async def _picture(self, ticket: str, artifact: str) -> Response:
        assert isinstance(self._suite.links, SignedLinks), "over HTTP links are signed"
        side = self._suite.links.open(ticket, artifact)
        if side:
            limit = PREVIEW_BYTES if side < RESOURCE_SIDE else RESOURCE_BYTES
            return Response(await self._suite.smaller(artifact, side, limit), media_type=MEDIA_TYPE, headers=_HEADERS)
        data = await self._suite.aiserver.artifact(artifact)
        kind = _MEDIA_TYPES.get(artifact.rsplit(".", 1)[-1], "application/octet-stream")
        return Response(data, media_type=kind, headers=_HEADERS)
