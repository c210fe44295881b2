"""The audit says plainly what it found, and never takes silence for safety."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tools.audit import CLEAN, UNKNOWN, VULNERABLE, verdict

CHECKOUT = Path(__file__).resolve().parents[2]
GOOD = {"name": "anyio", "version": "4.0", "vulns": []}
BAD = {"name": "pillow", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"]}]}
UNSEEN = {"name": "torch", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("packages", "code", "words"),
    [
        ([GOOD], CLEAN, "1 of 1 packages checked, 0 vulnerabilities"),
        ([GOOD, BAD, UNSEEN], VULNERABLE, "pillow 1.0: PYSEC-1 (mended in 1.1)"),
        ([GOOD, UNSEEN], UNKNOWN, "not looked up: torch"),
        ([], UNKNOWN, "0 of 0"),
    ],
)
def test_a_report_is_told_with_its_code(packages: list[Any], code: int, words: str) -> None:
    told, lines = verdict({"dependencies": packages})
    assert (told, words in "\n".join(lines)) == (code, True)


def test_where_no_database_answers_it_says_so_and_ends_with_a_code_of_its_own() -> None:
    nowhere = {**os.environ, "https_proxy": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9", "no_proxy": ""}
    ended = subprocess.run([CHECKOUT / "scripts" / "audit"], env=nowhere, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 3
    assert "NOTHING WAS CHECKED" in ended.stderr
