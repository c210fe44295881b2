"""What a request from one service of the suite to another carries: the id of the request it is for, and its trace."""

from __future__ import annotations

import aiohttp

from nanococoa_client import request_ids, tracing


def outgoing() -> dict[str, str]:
    """Headers for a request to another service of the suite. Nobody else is told our ids."""
    return request_ids.outgoing() | tracing.outgoing()


async def carry(request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Middleware of an aiohttp session that talks to the suite: adds them, in a span of its own."""
    with tracing.asking(request.method, request.url.host or "") as span:
        request.headers.update(outgoing())
        answer = await send(request)
        if span is not None:
            span.set_attribute("http.response.status_code", answer.status)
        return answer
