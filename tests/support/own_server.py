"""``nanococoa serve`` as an engineer starts it: a process of its own with its workers, on a free port."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

from support import calls
from support.ports import free_port
from support.waiting import until

SAMPLES = Path(__file__).parents[2] / "samples"
WISHES = {"text_content": "햇사과 왔다! 2kg 9,900원 | 청송댁 과일가게", "bg_prompt": "나무 탁자", "seed": "5"}


@dataclass(frozen=True, slots=True)
class Server:
    """A running ``nanococoa serve``."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def workers(self) -> list[psutil.Process]:
        children = psutil.Process(self.process.pid).children(recursive=True)
        return [child for child in children if "nanococoa worker" in _command(child)]

    def submit(self, **wishes: str) -> str:
        photo = (SAMPLES / "products" / "12.jpg").read_bytes()
        answer = calls.post(f"{self.url}/generate", data=WISHES | wishes, files={"product_image": photo}, timeout=60)
        assert answer.status_code == 200, answer.text
        job_id: str = answer.json()["job_id"]
        return job_id

    def status(self, job_id: str) -> dict[str, Any]:
        answer: dict[str, Any] = calls.get(f"{self.url}/status/{job_id}?images=url", timeout=60).json()
        return answer

    def finished(self, job_id: str, seconds: float = 240) -> dict[str, Any]:
        def done() -> dict[str, Any] | None:
            state = self.status(job_id)
            return state if state["status"] in ("completed", "failed", "stopped") else None

        state = until(done, seconds)
        assert state is not None
        return state


@contextmanager
def serving(folder: Path, **settings: str) -> Iterator[Server]:
    """``nanococoa serve`` with its files in ``folder``; ``settings`` are environment variables. Ended by SIGTERM."""
    port = free_port()
    command = [str(Path(sys.executable).with_name("nanococoa")), "serve", "--port", str(port)]
    environment = {**os.environ, "DATA_DIR": str(folder / "data"), "HOST": "127.0.0.1", **settings}
    log = folder / "serve.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
    server = Server(f"http://127.0.0.1:{port}", process, log)
    try:
        until(lambda: _ready(server), 240, 0.1)
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _ready(server: Server) -> bool:
    assert server.process.poll() is None, "nanococoa serve ended: see serve.log"
    try:
        return calls.get(f"{server.url}/ready", timeout=60).status_code == 200
    except httpx.TransportError:
        return False


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""
