"""Two hundred LLM clients that wait for one ad each: memory of the MCP server, and how punctually the waits end."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import psutil

from bench.measure import Measure, median
from bench.server import Server, free_port, running_server, sample_photo

CLIENTS = 200
LOOK_SECONDS = 0.25


def measure_mcp_waits(options: Namespace) -> list[Measure]:
    seconds = 5.0 if options.quick else 20.0
    with running_server(workers=0, QUEUE_LIMIT=str(2 * CLIENTS)) as server, running_mcp(server) as (process, url):
        jobs = [_waiting_job(server, number) for number in range(CLIENTS)]
        before = process.memory_info().rss / 1e6
        took, peak = asyncio.run(_wait_all(url, jobs, seconds, process))
    detail = {"clients": CLIENTS, "wait_seconds": seconds, "at_rest": before}
    slowest, held = max(took) / seconds, peak / 1e6
    times = detail | {"p50": median(took) / seconds, "shortest": min(took) / seconds}
    return [
        Measure("mcp_wait_memory", f"MCP server with {CLIENTS} status waits", held, "MB", 150, detail=detail),
        Measure("mcp_wait_time", f"Slowest of {CLIENTS} status waits", slowest, "× the wait", 1.2, detail=times),
    ]


@contextmanager
def running_mcp(server: Server) -> Iterator[tuple[psutil.Process, str]]:
    """``nanococoa-mcp`` before ``server``, on a free port."""
    port = free_port()
    environment = os.environ | {"MCP_PORT": str(port), "AISERVER_URL": str(server.http.base_url).rstrip("/")}
    command = [str(Path(sys.executable).with_name("nanococoa-mcp"))]
    with (server.data_dir / "mcp.log").open("wb") as log:
        child = subprocess.Popen(command, env=environment, stdout=log, stderr=log)  # noqa: S603 our own program
    try:
        asyncio.run(_answering(f"http://127.0.0.1:{port}/health"))
        yield psutil.Process(child.pid), f"http://127.0.0.1:{port}/mcp"
    finally:
        child.terminate()
        child.wait(timeout=30)


def _waiting_job(server: Server, seed: int) -> str:
    """A job of its own for each client, so that no two share a stream; without a worker none of them ends."""
    return server.submit(product_image=sample_photo(), text_content="원두", bg_prompt="나무 탁자", seed=seed)


async def _answering(url: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    async with aiohttp.ClientSession() as session:
        while time.monotonic() < deadline:
            try:
                async with session.get(url) as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                await asyncio.sleep(0.05)
    raise TimeoutError(url)


async def _wait_all(url: str, jobs: list[str], seconds: float, process: psutil.Process) -> tuple[list[float], int]:
    """Seconds that each wait took, and the most bytes the server held meanwhile."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:
        waits = asyncio.gather(*(_wait(session, url, job, number, seconds) for number, job in enumerate(jobs)))
        peak = 0
        while not waits.done():
            peak = max(peak, process.memory_info().rss)
            await asyncio.wait([waits], timeout=LOOK_SECONDS)
        return await waits, peak


async def _wait(session: aiohttp.ClientSession, url: str, job: str, number: int, seconds: float) -> float:
    call = {
        "jsonrpc": "2.0",
        "id": number,
        "method": "tools/call",
        "params": {
            "name": "check_generation_status",
            "arguments": {"job_id": job, "wait_seconds": seconds},
            "_meta": {"progressToken": number},
        },
    }
    headers = {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": "2025-06-18"}
    began = time.perf_counter()
    async with session.post(url, json=call, headers=headers) as answer:
        answer.raise_for_status()
        text = await answer.text()
    took = time.perf_counter() - began
    _check(text)
    return took


def _check(text: Any) -> None:
    """Raises RuntimeError unless the wait ended with the job's state, and told its progress before."""
    if '"isError":true' in text or "notifications/progress" not in text or '"structuredContent"' not in text:
        raise RuntimeError(text[-2000:])
