"""One file holds all the suite keeps, and gives it back: rows, pictures, nothing of what came later."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import httpx
import pytest

from support.asking import asking

from .conftest import CHECKOUT, Suite, csrf

pytestmark = [pytest.mark.compose, pytest.mark.slow, pytest.mark.timeout(900)]

PHOTO = CHECKOUT / "samples" / "coffee.jpg"


def run(suite: Suite, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=CHECKOUT, env=suite.environment, capture_output=True, text=True)


def add(owner: httpx.Client, name: str) -> None:
    with PHOTO.open("rb") as photo:
        added = owner.post(
            "/api/v1/products",
            data={"name": name},
            files={"photo": ("coffee.jpg", photo, "image/jpeg")},
            headers={"X-CSRF-Token": csrf(owner)},
        )
    assert added.status_code == 201, added.text


def names(owner: httpx.Client) -> list[str]:
    return [product["name"] for product in owner.get("/api/v1/products").json()["products"]]


def test_a_backup_brings_back_rows_and_pictures(suite: Suite, owner: httpx.Client, tmp_path: Path) -> None:
    add(owner, "먼저 온 원두")
    file = tmp_path / "suite.tar"
    saved = run(suite, "scripts/backup", str(file))
    assert saved.returncode == 0, saved.stdout + saved.stderr
    assert file.stat().st_mode & 0o077 == 0
    assert owner.get("/api/v1/products").status_code == 200  # nothing stays paused
    add(owner, "나중에 온 원두")
    page = f"{suite.url}/sign-in"
    with asking(page) as wrong:
        restored = run(suite, "scripts/restore", str(file))
    assert restored.returncode == 0, restored.stdout + restored.stderr
    assert set(wrong) == {f"{page}: 503"}, "closed for maintenance meanwhile"
    assert owner.get("/api/v1/products").status_code == 200
    assert "먼저 온 원두" in names(owner)
    assert "나중에 온 원두" not in names(owner)
    picture = re.search(r'src="(/media/[^"]+)"', owner.get("/products").text)
    assert picture is not None
    assert owner.get(picture[1]).headers["content-type"] == "image/webp"


def test_a_damaged_backup_is_refused_before_anything_is_touched(
    suite: Suite, owner: httpx.Client, tmp_path: Path
) -> None:
    before = names(owner)
    damaged = tmp_path / "damaged.tar"
    damaged.write_bytes(b"no archive at all" * 100)
    refused = run(suite, "scripts/restore", str(damaged))
    assert refused.returncode != 0
    assert "damaged" in refused.stderr
    assert not (CHECKOUT / "nginx" / "maintenance" / "on").exists()
    assert names(owner) == before
