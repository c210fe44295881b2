"""A dashboard for a test: real application, real database, a fake aiserver that cuts real pictures out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.dashboard import Dashboard, open_dashboard


@pytest.fixture
def dashboard(tmp_path: Path, jobs_url: str) -> Iterator[Dashboard]:
    """On each database in turn."""
    with open_dashboard(tmp_path, jobs_url) as opened:
        yield opened


@pytest.fixture
def sqlite_dashboard(tmp_path: Path) -> Iterator[Dashboard]:
    with open_dashboard(tmp_path, "") as opened:
        yield opened
