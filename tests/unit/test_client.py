"""The typed client against a server that behaves badly: what is tried again, and what its answers become."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from nanococoa_client import errors
from nanococoa_client.client import AiserverClient, failure
from nanococoa_client.schemas import CutoutRequest, GenerateRequest
from nanococoa_client.sse import read_events

ACCEPTED = {"job_id": "7", "status": "pending", "message": ""}
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Shaky:
    """Cuts the first ``cuts`` connections, then answers as ``answer`` says."""

    answer: Answer
    cuts: int = 0
    seen: list[web.Request] = field(default_factory=list)
    url: str = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.seen.append(request)
        if len(self.seen) <= self.cuts:
            assert request.transport is not None
            request.transport.abort()
        return await self.answer(request)


async def accepted(_request: web.Request) -> web.StreamResponse:
    return web.json_response(ACCEPTED)


@pytest.fixture
async def serve() -> AsyncIterator[Callable[[Shaky], Awaitable[AiserverClient]]]:
    runners: list[web.AppRunner] = []
    clients: list[AiserverClient] = []

    async def start(shaky: Shaky) -> AiserverClient:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", shaky.handle)
        runners.append(runner := web.AppRunner(app, shutdown_timeout=0.1))
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        shaky.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        clients.append(client := AiserverClient(shaky.url, token="t", retry_delays=(0.0, 0.0)))
        return client

    yield start
    for client in clients:
        await client.close()
    for runner in runners:
        await runner.cleanup()


Serve = Callable[[Shaky], Awaitable[AiserverClient]]


async def test_an_ad_with_a_key_is_asked_for_again_after_a_lost_connection(serve: Serve) -> None:
    shaky = Shaky(accepted, cuts=2)
    client = await serve(shaky)
    assert (await client.generate(GenerateRequest(idempotency_key="k"))).job_id == "7"
    assert len(shaky.seen) == 3
    assert {request.headers["Authorization"] for request in shaky.seen} == {"Bearer t"}


async def test_an_ad_without_a_key_is_asked_for_once_so_that_none_is_made_twice(serve: Serve) -> None:
    shaky = Shaky(accepted, cuts=1)
    client = await serve(shaky)
    with pytest.raises(errors.UpstreamUnavailable):
        await client.generate(GenerateRequest())
    shaky.cuts = 2
    with pytest.raises(errors.UpstreamUnavailable):
        await client.cutout(CutoutRequest(image="x"))
    assert len(shaky.seen) == 2


async def test_reading_gives_up_after_the_last_try(serve: Serve) -> None:
    shaky = Shaky(accepted, cuts=99)
    client = await serve(shaky)
    with pytest.raises(errors.UpstreamUnavailable):
        await client.status("7")
    assert 3 <= len(shaky.seen) <= 6, "aiohttp asks once more by itself where the connection was an old one"
    assert not await client.health()


async def test_a_refusal_is_never_tried_again(serve: Serve) -> None:
    body = errors.QueueFull(depth=9, retry_after=30).envelope("ko").model_dump(mode="json")

    async def full(_request: web.Request) -> web.StreamResponse:
        return web.json_response(body, status=503, headers={"Retry-After": "30"})

    shaky = Shaky(full)
    client = await serve(shaky)
    with pytest.raises(errors.QueueFull) as refused:
        await client.generate(GenerateRequest(idempotency_key="k"))
    assert len(shaky.seen) == 1
    assert (refused.value.details["depth"], refused.value.retry_after) == (9, 30)
    assert "9개" in refused.value.message("en"), "the server's own sentence is kept"


async def test_a_cut_stream_of_events_goes_on_after_the_last_one_seen(serve: Serve) -> None:
    async def two_then_cut(request: web.Request) -> web.StreamResponse:
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await stream.prepare(request)
        after = int(request.headers.get("Last-Event-ID", "0"))
        for number in (after + 1, after + 2):
            await stream.write(f": alive\n\nid: {number}\nevent: step\ndata: {{}}\n\n".encode())
        if after < 4:
            await asyncio.sleep(0.05)
            assert request.transport is not None
            request.transport.abort()
        return stream

    client = await serve(Shaky(two_then_cut))
    assert [event.id async for event in client.events("7")] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("content", [b"<html>Bad Gateway</html>", b"", b"[]", b'{"error": "no"}'])
def test_what_is_no_envelope_is_an_unreachable_service(content: bytes) -> None:
    error = failure(502, content)
    assert isinstance(error, errors.UpstreamUnavailable)
    assert "502" in error.message("en")


@pytest.mark.parametrize("code", errors.BY_CODE)
def test_every_code_becomes_its_exception(code: str) -> None:
    body = f'{{"error": {{"code": "{code}", "message": "왜", "details": {{"a": 1}}, "job_id": "7"}}}}'
    error = failure(500, body.encode())
    assert type(error) is errors.BY_CODE[code] or code == "INTERNAL_ERROR"
    assert (error.message("ko"), error.details, error.job_id) == ("왜", {"a": 1}, "7")


def test_a_code_of_a_newer_server_is_still_told() -> None:
    error = failure(418, '{"error": {"code": "TEAPOT", "message": "주전자예요"}}'.encode())
    assert (type(error), error.message("en")) == (errors.ServiceError, "주전자예요")


async def test_data_over_several_lines_is_one_event() -> None:
    async def lines() -> AsyncIterator[bytes]:
        for line in (
            b": hello\n",
            b"\n",
            b"id: 3\r\n",
            b"event: step\r\n",
            b'data: {"a":\r\n',
            b"data: 1}\r\n",
            b"\r\n",
        ):
            yield line

    found = [event async for event in read_events(lines())]
    assert [(event.id, event.name, event.data) for event in found] == [(3, "step", {"a": 1})]
