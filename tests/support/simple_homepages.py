"""A homepage service for the MCP tests, over real HTTP: it keeps jobs by key and ends each at the third look."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "the homepage service's own token"
LOOKS = 3


@dataclass
class HomepageService:
    """``commissions`` are the bodies it was sent, by job. ``fails`` is an error to answer with, ``nonsense`` a body."""

    url: str = ""
    commissions: dict[str, dict[str, Any]] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    looks: dict[str, int] = field(default_factory=dict)
    stopped: set[str] = field(default_factory=set)
    fails: dict[str, str] | None = None
    nonsense: bytes | None = None

    def forget(self) -> None:
        """As it was when it was started."""
        for known in (self.commissions, self.keys, self.looks, self.stopped):
            known.clear()
        self.fails, self.nonsense = None, None

    def generate(self, key: str, commission: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if self.fails is not None:
            return 422, {"error": self.fails | {"details": {}}}
        job_id = self.keys.setdefault(key, f"page-{len(self.keys) + 1}")
        self.commissions[job_id] = commission
        return 202, {"job_id": job_id, "status": "pending"}

    def status(self, job_id: str) -> tuple[int, dict[str, Any]]:
        if job_id not in self.commissions:
            return 404, {"error": {"code": "JOB_NOT_FOUND", "message": "이런 작업이 없어요.", "details": {}}}
        seen = self.looks[job_id] = self.looks.get(job_id, 0) + 1
        state: dict[str, Any] = {"job_id": job_id, "status": "running", "progress_percent": 20.0 * seen}
        state |= {"agent": "developer", "step": "sections", "message": "글을 쓰고 있어요"}
        if job_id in self.stopped:
            return 200, state | {"status": "stopped"}
        if seen < LOOKS:
            return 200, state
        result = {"slug": "haetsal", "version": "v1", "homepage_url": "/sites/haetsal/"}
        return 200, state | {"status": "completed", "progress_percent": 100, "result": result}

    def stop(self, job_id: str) -> tuple[int, dict[str, Any]]:
        self.stopped.add(job_id)
        return 200, {"job_id": job_id, "status": "stopped"}


@contextmanager
def serving_homepages() -> Iterator[HomepageService]:
    service = HomepageService()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.rsplit("/", 1)[-1]
            self._answer(*((200, {"status": "ok"}) if name == "health" else service.status(name)))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                self._answer(401, {"error": {"code": "UNAUTHORIZED", "message": "토큰이 달라요.", "details": {}}})
            elif self.path == "/generate":
                self._answer(*service.generate(self.headers["Idempotency-Key"], json.loads(body)))
            else:
                self._answer(*service.stop(self.path.rsplit("/", 1)[-1]))

        def _answer(self, status: int, body: dict[str, Any]) -> None:
            self.send_response(200 if service.nonsense is not None else status)
            self.end_headers()
            self.wfile.write(service.nonsense if service.nonsense is not None else json.dumps(body).encode())

        def log_message(self, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        service.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield service
        server.shutdown()
