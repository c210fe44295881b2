"""The server while it works and while it rests: /status latency, enqueue to start, idle CPU, memory of the API."""

from __future__ import annotations

import asyncio
import time
from argparse import Namespace

import aiohttp
import psutil

from bench.measure import Measure, median, percentile
from bench.server import Server, running_server, sample_photo
from nanococoa_aiserver.artifacts.store import open_store
from nanococoa_aiserver.jobs.service import JobService
from nanococoa_aiserver.settings import load_settings

RATE = 100
"""Requests per second to /status."""


def measure_load(options: Namespace) -> list[Measure]:
    with running_server() as server:
        return [
            _idle_cpu(server, seconds=5 if options.quick else 30),
            _enqueue_to_start(server, jobs=10 if options.quick else 40),
            _status_latency(server, seconds=3 if options.quick else 15),
            Measure("api_memory", "API process", server.process.memory_info().rss / 1e6, "MB", 130),
        ]


def _idle_cpu(server: Server, seconds: float) -> Measure:
    """CPU of the API process and its workers, in per cent of one core."""
    time.sleep(2)  # start-up's own work ends
    processes = [server.process, *server.process.children(recursive=True)]
    before, started = _cpu_seconds(processes), time.perf_counter()
    time.sleep(seconds)
    spent = _cpu_seconds(processes) - before
    return Measure("idle_cpu", "Idle server", 100 * spent / (time.perf_counter() - started), "% of a core", 8)


def _cpu_seconds(processes: list[psutil.Process]) -> float:
    return sum(times.user + times.system for times in (process.cpu_times() for process in processes))


def _enqueue_to_start(server: Server, jobs: int) -> Measure:
    settings = load_settings(data_dir=server.data_dir)
    service = JobService(settings, open_store(settings.store_url))
    waits = []
    for number in range(jobs):
        job_id = server.submit(product_image=sample_photo(), text_content="시험", test_mode=True, seed=number)
        server.finish(job_id)
        view = service.status(job_id)
        waits.append(1000 * ((view.started or view.created) - view.created))
        time.sleep(0.05)
    service.close()
    detail = {"p95": percentile(waits, 0.95), "jobs": jobs}
    return Measure("enqueue_to_start", "Enqueue to start, p50", median(waits), "ms", 100, detail=detail)


def _status_latency(server: Server, seconds: float) -> Measure:
    """Open loop: a slow answer does not slow the asking down, so waiting shows in the numbers.

    Asks for the second of two ads in every format: it waits while the first runs, then runs itself.
    """
    body = {"product_image": sample_photo(), "text_content": "원두 15,900원", "bg_prompt": "나무 탁자"}
    jobs = [server.submit(**body, formats="all", seed=seed) for seed in range(2)]
    url = f"{server.http.base_url}/status/{jobs[1]}?images=url"
    milliseconds = asyncio.run(_ask(url, RATE, round(RATE * seconds)))
    for job_id in jobs:
        server.http.post(f"/stop/{job_id}")
    detail = {"p50": median(milliseconds), "requests": len(milliseconds)}
    title = f"/status p99 at {RATE}/s while a job runs"
    return Measure("status_latency", title, percentile(milliseconds, 0.99), "ms", 25, detail=detail)


async def _ask(url: str, rate: int, count: int) -> list[float]:
    async with aiohttp.ClientSession() as session:
        started = time.perf_counter()
        tasks = []
        for number in range(count):
            await asyncio.sleep(max(0.0, started + number / rate - time.perf_counter()))
            tasks.append(asyncio.create_task(_one(session, url)))
        return await asyncio.gather(*tasks)


async def _one(session: aiohttp.ClientSession, url: str) -> float:
    started = time.perf_counter()
    async with session.get(url) as answer:
        await answer.read()
        answer.raise_for_status()
    return 1000 * (time.perf_counter() - started)
