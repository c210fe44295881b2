"""The suite behind its door with 300 browsers: how long pages and questions about an ad take while ads are being made.

Takes a suite that runs (``make up``), with an account of its own, deleted afterwards; writes ``suite.json``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import secrets
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import httpx

from bench.measure import Measure, percentile
from bench.polling import PAGE_EVERY, STATUS_EVERY, poll
from bench.server import SAMPLES

BROWSERS = 300


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--url", default="http://127.0.0.1:8080", help="the suite's door (make up prints it)")
    parser.add_argument("--browsers", type=int, default=BROWSERS, help="browsers at once")


def measure_suite(options: argparse.Namespace) -> list[Measure]:
    seconds = 8.0 if options.quick else 30.0
    load = os.getloadavg()[0]
    with signed_up(options.url) as browser:
        ad = long_ad(browser)
        polled = asyncio.run(poll(options.url, dict(browser.cookies), ad, options.browsers, seconds))
    report = {
        "about": f"{options.browsers} browsers behind nginx, from one address, while ads are being made",
        "taken": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "load": round(load, 2),
        "browsers": options.browsers,
        "seconds": seconds,
        "every": {"pages": PAGE_EVERY, "status": STATUS_EVERY},
        "refused": len(polled.refused),
        "pages": _milliseconds(polled.pages),
        "status": _milliseconds(polled.statuses),
    }
    sys.stdout.write(json.dumps(report, indent=1) + "\n")
    if not options.quick:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "suite.json").write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    if polled.refused:
        raise RuntimeError(f"{len(polled.refused)} answers other than 200, the first: {polled.refused[0]}")
    return []


def _milliseconds(seconds: list[float]) -> dict[str, float]:
    shares = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
    return {name: round(1000 * percentile(seconds, share), 1) for name, share in shares.items()} | {
        "answers": len(seconds)
    }


@contextmanager
def signed_up(url: str) -> Iterator[httpx.Client]:
    """Somebody with the practice shop; the account is deleted afterwards."""
    password = secrets.token_urlsafe(16)
    with httpx.Client(base_url=url, timeout=60, trust_env=False) as browser:
        _sent(browser, "/sign-up", name="bench", email=f"{uuid.uuid4().hex}@example.com", password=password)
        _sent(browser, "/businesses/demo")
        try:
            yield browser
        finally:
            _deleted(browser, "/business/delete", name=_told(browser.get("/api/v1/business"))["name"])
            _deleted(browser, "/me/delete", password=password)


def long_ad(browser: httpx.Client) -> str:
    """The last of a few ads in every size: it is under way for as long as anybody measures."""
    photo = {"photo": ("p.jpg", (SAMPLES / "products" / "12.jpg").read_bytes(), "image/jpeg")}
    product = _told(browser.post("/api/v1/products", data={"name": "부사"}, files=photo, headers=_csrf(browser)))["id"]
    _until_cut_out(browser, product)
    formats = [one["name"] for one in _told(browser.get("/api/v1/catalogue"))["formats"]]
    wish = {"product_id": product, "scene": "wood", "fields": {"headline": "갓 딴 부사"}, "formats": formats}
    ads = [_told(browser.post("/api/v1/ads", json=wish, headers=_csrf(browser)))["id"] for _ in range(3)]
    return str(ads[-1])


def _until_cut_out(browser: httpx.Client, product: str, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while _told(browser.get(f"/api/v1/products/{product}"))["cutout"]["status"] == "pending":
        if time.monotonic() > deadline:
            raise TimeoutError(product)
        time.sleep(0.3)


def _sent(browser: httpx.Client, path: str, **form: str) -> None:
    """A page's form. Raises where it is answered otherwise than by the next page."""
    answer = browser.post(path, data={"csrf": _csrf(browser)["X-CSRF-Token"], **form})
    if answer.status_code != 303:
        raise RuntimeError(f"{path}: {answer.status_code}")


def _deleted(browser: httpx.Client, path: str, **known: str) -> None:
    browser.post(f"/api/v1{path}", json=known, headers=_csrf(browser)).raise_for_status()


def _csrf(browser: httpx.Client) -> dict[str, str]:
    return {"X-CSRF-Token": _told(browser.get("/api/v1/csrf"))["token"]}


def _told(answer: httpx.Response) -> dict[str, Any]:
    answer.raise_for_status()
    told: dict[str, Any] = answer.json()
    return told
