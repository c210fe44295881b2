"""The server under measurement: started with data of its own, asked over HTTP, ended with its children."""

from __future__ import annotations

import base64
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

CHECKOUT = Path(__file__).resolve().parents[1]
SAMPLES = CHECKOUT / "samples"


@dataclass(frozen=True)
class Server:
    """A running ``nanococoa serve``; its workers are children of ``process``."""

    process: psutil.Process
    http: httpx.Client
    data_dir: Path
    start_seconds: float

    def submit(self, **fields: Any) -> str:
        answer = self.http.post("/generate", json=fields)
        answer.raise_for_status()
        job_id: str = answer.json()["job_id"]
        return job_id

    def status(self, job_id: str) -> dict[str, Any]:
        answer = self.http.get(f"/status/{job_id}", params={"images": "url"})
        answer.raise_for_status()
        state: dict[str, Any] = answer.json()
        return state

    def finish(self, job_id: str, seconds: float = 120) -> dict[str, Any]:
        """The finished job's state. Raises TimeoutError; a job that failed is RuntimeError."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            state = self.status(job_id)
            if state["status"] == "completed":
                return state
            if state["status"] in ("failed", "stopped"):
                raise RuntimeError(f"{job_id} {state['status']}: {state['error']}")
            time.sleep(0.02)
        raise TimeoutError(job_id)

    def step_seconds(self, job_id: str) -> dict[str, float]:
        answer = self.http.get("/jobs", params={"limit": 50})
        answer.raise_for_status()
        found = next(job for job in answer.json()["jobs"] if job["job_id"] == job_id)
        seconds: dict[str, float] = found["step_seconds"]
        return seconds

    def workers(self) -> list[psutil.Process]:
        return [child for child in self.process.children() if "worker" in " ".join(child.cmdline())]


@contextmanager
def running_server(workers: int = 1, program: Sequence[str] = (), **settings: str) -> Iterator[Server]:
    """Start a server on a free port of 127.0.0.1 and wait until a worker is ready; without one, until it answers.

    ``program`` takes the place of ``nanococoa``.
    """
    with tempfile.TemporaryDirectory(prefix="nanococoa-bench-") as folder:
        port = free_port()
        own = [str(Path(sys.executable).with_name("nanococoa"))]
        command = [*(program or own), "serve", "--host", "127.0.0.1", "--port", str(port)]
        command += ["--data-dir", folder, "--workers", str(workers)]
        with (Path(folder) / "server.log").open("wb") as log:
            child = subprocess.Popen(command, stdout=log, stderr=log, env=_environment() | settings)  # noqa: S603 our own program
        try:
            server = _ready(psutil.Process(child.pid), port, Path(folder), "/ready" if workers else "/health")
            with closing(server.http):
                yield server
        finally:
            child.terminate()
            child.wait(timeout=60)


def sample_photo(name: str = "coffee.jpg") -> str:
    """A photo of ``samples/`` as base64."""
    return base64.b64encode((SAMPLES / name).read_bytes()).decode()


def product_photos() -> list[str]:
    """Names (under ``samples/``) of the rendered product photos."""
    photos = (SAMPLES / "products").glob("*.jpg")
    return sorted(str(photo.relative_to(SAMPLES)) for photo in photos)


def _environment() -> dict[str, str]:
    """The machine's own, without settings that would change what is measured."""
    settings = ("JOBS_URL", "ARTIFACTS_URL", "AISERVER_TOKEN", "OPENAI_API_KEY", "OPENAI_BASE_URL", "ENGINE")
    return {name: value for name, value in os.environ.items() if name not in settings}


def _ready(process: psutil.Process, port: int, folder: Path, path: str, seconds: float = 180) -> Server:
    started = time.perf_counter()
    http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False)
    first_answer = 0.0
    while time.perf_counter() - started < seconds:
        if _answers(http, "/health") and not first_answer:
            first_answer = time.perf_counter() - started
        if first_answer and _answers(http, path):
            return Server(process, http, folder, first_answer)
        time.sleep(0.02)
    raise TimeoutError((folder / "server.log").read_text("utf-8")[-2000:])


def _answers(http: httpx.Client, path: str) -> bool:
    try:
        return http.get(path).status_code == 200
    except httpx.TransportError:
        return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
