"""The wall of a shop with ten thousand ads, on PostgreSQL: how long its pages take, found ones and far ones too."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import uuid
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx
import sqlalchemy as sa

from bench.measure import Measure, median, percentile
from bench.server import CHECKOUT, SAMPLES, free_port
from nanococoa_backend.ads.models import Ad, AdImage, AdVersion
from nanococoa_backend.businesses.models import Business
from nanococoa_backend.media.models import Asset
from nanococoa_backend.models import METADATA
from nanococoa_backend.platform import scope
from nanococoa_backend.platform.database import Database

ADS: Final = 10_000
FORMATS: Final = ("square", "portrait", "story", "wide")
WORDS: Final = ("부사", "원두", "참기름", "머그컵", "한우", "감귤", "수제비누", "오미자청", "국화차", "꽃다발")
OFFERS: Final = ("오늘 딴", "햇", "산지 직송", "한정 수량", "명절 특가", "갓 볶은", "무료 배송")


def measure_gallery(options: Namespace) -> list[Measure]:
    """Nothing where PostgreSQL is not installed, which is said."""
    sys.path.append(str(CHECKOUT / "tests"))  # they know how to start PostgreSQL from its own binaries
    from support.postgres import find_binaries, running_postgres

    binaries = find_binaries()
    if binaries is None:
        sys.stdout.write("  PostgreSQL is not installed (apt-get install postgresql): not measured\n")
        return []
    ads, rounds = (1_000, 5) if options.quick else (ADS, 40)
    with running_postgres(binaries) as cluster, tempfile.TemporaryDirectory(prefix="nanococoa-bench-") as folder:
        database_url = cluster.create_database("shops")
        with running_dashboard(Path(folder), database_url) as url, httpx.Client(base_url=url, timeout=30) as owner:
            product = _open_shop(owner)
            _fill(database_url, uuid.UUID(product), ads)
            return _measures(owner, product, ads, rounds)


@contextmanager
def running_dashboard(folder: Path, database_url: str) -> Iterator[str]:
    """``nanococoa-backend serve`` on a free port, without an aiserver behind it; its address."""
    port, nobody = free_port(), free_port()
    url = f"http://127.0.0.1:{port}"
    environment = os.environ | {
        "BACKEND_DATA_DIR": str(folder / "backend"),
        "BACKEND_PORT": str(port),
        "PUBLIC_URL": url,
        "AISERVER_URL": f"http://127.0.0.1:{nobody}",
        "DATABASE_URL": database_url,
    }
    command = [str(Path(sys.executable).with_name("nanococoa-backend")), "serve"]
    with (folder / "backend.log").open("wb") as log:
        child = subprocess.Popen(command, env=environment, stdout=log, stderr=log)  # noqa: S603 our own program
    try:
        _wait_until_ready(url, folder / "backend.log")
        yield url
    finally:
        child.terminate()
        child.wait(timeout=30)


def _wait_until_ready(url: str, log: Path, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{url}/ready", timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise TimeoutError(log.read_text("utf-8")[-2000:])


def _open_shop(owner: httpx.Client) -> str:
    """Signs up with the practice shop; the id of its one product."""
    account = {"name": "김햇살", "email": "bench@haetsal.example", "password": uuid.uuid4().hex}
    for path, form in (("/sign-up", account), ("/businesses/demo", {})):
        answer = owner.post(path, data={"csrf": _token(owner), **form})
        if answer.status_code not in (200, 303):
            raise RuntimeError(f"{path}: {answer.status_code} {answer.text[:500]}")
    photo = {"photo": ("coffee.jpg", (SAMPLES / "coffee.jpg").read_bytes(), "image/jpeg")}
    headers = {"X-CSRF-Token": _token(owner)}
    answer = owner.post("/api/v1/products", data={"name": "부사 사과"}, files=photo, headers=headers)
    answer.raise_for_status()
    product: str = answer.json()["id"]
    return product


def _token(owner: httpx.Client) -> str:
    token: str = owner.get("/api/v1/csrf").json()["token"]
    return token


def _fill(database_url: str, product: uuid.UUID, ads: int) -> None:
    """Rows as finished ads leave them, of this shop and as many of another; files are not asked for by the page."""
    database = Database(database_url)
    assert METADATA.tables  # rows point to tables of other modules, so all have to be known
    try:
        with database.begin() as session:
            scope.widen(session)
            shop = session.scalars(sa.select(Business.id)).one()
            other = uuid.uuid4()
            session.execute(sa.insert(Business), [{"id": other, "name": "다른 가게", "trade": "카페"}])
            for business, of_product in ((shop, product), (other, None)):
                for table, rows in _rows(business, of_product, ads).items():
                    session.execute(sa.insert(table), rows)
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("ANALYZE"))  # what autovacuum does within a minute
    finally:
        database.close()


def _rows(business: uuid.UUID, product: uuid.UUID | None, ads: int) -> dict[Any, list[dict[str, Any]]]:
    """One in ten is of the product, one in twenty a favourite, one in fifty to be looked at, one in thirty deleted."""
    began = datetime(2026, 1, 1, tzinfo=UTC)
    rows: dict[Any, list[dict[str, Any]]] = {Asset: [], Ad: [], AdVersion: [], AdImage: []}
    for number in range(ads):
        at = {"business_id": business, "created_at": began + timedelta(minutes=7 * number)}
        title = f"{OFFERS[number % len(OFFERS)]} {WORDS[number % len(WORDS)]} {number}"
        ad, version, cover = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
        files = {"original": f"{cover}.png", "view": f"{cover}.webp", "thumb": f"{cover}-480.webp"}
        size = {"width": 1080, "height": 1080}
        rows[Asset].append({"id": cover, "kind": "ad", **size, **files, "thumb_width": 480, "thumb_height": 480, **at})
        rows[Ad].append(
            {
                "id": ad,
                "title": title,
                "words": f"{title} 산지에서 아침에 보내 드려요 나무 탁자 햇살과일 39,900원",
                "request": {"scene": "wood", "fields": {"headline": title}, "formats": list(FORMATS)},
                "product_id": product if number % 10 == 0 else None,
                "status": "completed",
                "version_id": version,
                "cover_id": cover,
                "is_favorite": number % 20 == 0,
                "needs_look": number % 50 == 0,
                "deleted_at": at["created_at"] if number % 30 == 1 else None,
                **at,
            }
        )
        rows[AdVersion].append(
            {"id": version, "ad_id": ad, "number": 1, "fields": {}, "checks": {}, "warnings": [], **at}
        )
        rows[AdImage] += [
            {"version_id": version, "asset_id": cover, "format": name, "position": place, **size, "bytes": 1, **at}
            for place, name in enumerate(FORMATS)
        ]
    return rows


def _measures(owner: httpx.Client, product: str, ads: int, rounds: int) -> list[Measure]:
    pages = {
        "first page": "/ads",
        "a search that finds much": "/ads?q=부사",
        "a search that finds one": f"/ads?q=부사 {ads - ads % 10 - 10}",
        "a search that finds nothing": "/ads?q=없는 말",
        "favourites": "/ads?only=favorites",
        "to be looked at": "/ads?only=look",
        "one product": f"/ads?product={product}",
        "half-way down": _half_way_down(owner, ads),
    }
    for path in pages.values():  # templates are read once
        _seconds(owner, path)
    took = {name: [_seconds(owner, path) for _ in range(rounds)] for name, path in pages.items()}
    everything = [seconds * 1000 for times in took.values() for seconds in times]
    detail = {"ads": ads, "requests": len(everything), "p50": median(everything)} | {
        f"p95 of {name}": percentile(times, 0.95) * 1000 for name, times in took.items()
    }
    slowest, size = percentile(everything, 0.95), len(owner.get("/ads").content) / 1000
    return [
        Measure("gallery_p95", f"Gallery, {ads} ads on PostgreSQL, p95", slowest, "ms", 150, detail=detail),
        Measure("gallery_html", "Gallery page's HTML, 24 ads", size, "KB", 60),
    ]


def _seconds(owner: httpx.Client, path: str) -> float:
    began = time.perf_counter()
    owner.get(path).raise_for_status()
    return time.perf_counter() - began


def _half_way_down(owner: httpx.Client, ads: int) -> str:
    """The address of the page in the list's middle."""
    cursor = ""
    for _ in range(ads // 200):
        answer = owner.get("/api/v1/ads", params={"limit": 100} | ({"cursor": cursor} if cursor else {}))
        cursor = answer.raise_for_status().json()["next_cursor"]
    return f"/ads?after={cursor}"
