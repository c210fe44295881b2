"""``homepage-generator serve`` as an engineer starts it: a process that can be killed and started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx

from support import calls
from support.ports import free_port
from support.waiting import until

TOKEN = "the homepage generator's own token"


class HomepageServer:
    """On one port and one database for its whole life, whatever happens to the process."""

    def __init__(self, folder: Path, database_url: str = "", **settings: str) -> None:
        """``settings`` are environment variables."""
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = folder / "homepages.log"
        self.environment = {
            **os.environ,
            "HOMEPAGE_DATA_DIR": str(folder / "homepages"),
            "HOMEPAGE_PORT": str(self.port),
            "HOMEPAGE_TOKEN": TOKEN,
            "DATABASE_URL": database_url,
            **settings,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [str(Path(sys.executable).with_name("homepage-generator")), "serve"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)
        until(self._answers, 180, 0.1)

    def kill(self) -> None:
        """Like a power cut."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(60)

    def end(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(60)

    def call(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        answer = calls.request(method, self.url + path, json=body, headers=headers, timeout=60)
        assert answer.status_code < 400, answer.text
        return answer.json()

    def ended(self, job_id: str, seconds: float = 180) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            state: dict[str, Any] = self.call("GET", f"/status/{job_id}")
            return state if state["status"] in ("completed", "failed", "stopped") else None

        return until(look, seconds, 0.2) or {}

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, f"it ended: {self._log.read_text('utf-8', 'replace')[-2000:]}"
        try:
            return calls.get(f"{self.url}/ready", timeout=60).status_code == 200
        except httpx.TransportError:
            return False
