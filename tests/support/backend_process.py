"""``nanococoa-backend serve`` as an engineer starts it: a process that can be killed and started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx

from support import calls
from support.own_server import SAMPLES
from support.ports import free_port
from support.waiting import until


class BackendProcess:
    """On one port and one database for its whole life, whatever happens to the process."""

    def __init__(self, folder: Path, aiserver_url: str, database_url: str = "", **settings: str) -> None:
        """``settings`` are environment variables."""
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = folder / "backend.log"
        self._environment = {
            **os.environ,
            "BACKEND_DATA_DIR": str(folder / "backend"),
            "BACKEND_PORT": str(self.port),
            "PUBLIC_URL": self.url,
            "AISERVER_URL": aiserver_url,
            "DATABASE_URL": database_url,
            **settings,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [str(Path(sys.executable).with_name("nanococoa-backend")), "serve"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, env=self._environment, stdout=log, stderr=log)
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

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, f"it ended: see {self._log}"
        try:
            return calls.get(f"{self.url}/ready", timeout=60).status_code == 200
        except httpx.TransportError:
            return False


class Program:
    """Speaks the API like a program with a cookie."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=url, timeout=60, headers={"Accept-Language": "ko"})

    def call(self, method: str, path: str, **options: object) -> httpx.Response:
        headers = {"X-CSRF-Token": self._http.get("/api/v1/csrf").json()["token"]} if method != "GET" else {}
        answer = self._http.request(method, path, headers=headers, **options)  # type: ignore[arg-type]
        assert answer.status_code < 400, answer.text
        return answer

    def begin(self, email: str, password: str) -> None:
        """Sign up and take the practice shop."""
        token = self._http.get("/api/v1/csrf").json()["token"]
        form = {"csrf": token, "name": "김햇살", "email": email, "password": password}
        assert self._http.post("/sign-up", data=form).status_code in (200, 303)
        token = self._http.get("/api/v1/csrf").json()["token"]
        assert self._http.post("/businesses/demo", data={"csrf": token}).status_code in (200, 303)

    def api(self, method: str, path: str, **options: object) -> Any:
        """What ``/api/v1`` answers."""
        return self.call(method, f"/api/v1{path}", **options).json()

    def add_product(self, name: str) -> str:
        """The id of an apple box that is cut out."""
        files = {"photo": ("apple.jpg", (SAMPLES / "products" / "12.jpg").read_bytes(), "image/jpeg")}
        product = str(self.api("POST", "/products", data={"name": name, "price": "39,900"}, files=files)["id"])
        until(lambda: self.api("GET", f"/products/{product}")["cutout"]["status"] == "ready", 180, 0.2)
        return product

    def close(self) -> None:
        self._http.close()
