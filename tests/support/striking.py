"""Containers struck down while somebody looks: restarted or killed, and what a visitor of the door saw meanwhile."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import httpx

AWAY: Final = ("잠시만 기다려", "잠시 연결이 끊겼어요")
"""What the door's and the dashboard's own pages say."""

LOOKS_EVERY: Final = 0.25
"""Seconds."""


def restart(container: str) -> None:
    """In good order, as an upgrade does."""
    _docker("restart", "--time", "10", container)


def kill(container: str) -> None:
    """SIGKILL from outside: Docker takes it for a crash, so its restart policy has to bring the container back.

    By a helper in the machine's own process namespace, since ``docker kill`` counts as a wish to stop.
    """
    process = _docker("inspect", "--format", "{{.State.Pid}}", container)
    image = _docker("inspect", "--format", "{{.Image}}", container)
    _docker(
        "run", "--rm", "--pid=host", "--user=0", "--network=none", "--entrypoint=sh",
        image, "-c", f"kill -9 {process}",
    )  # fmt: skip


def starts(container: str) -> str:
    """When it was last started: another answer, another life."""
    return _docker("inspect", "--format", "{{.State.StartedAt}}", container)


@dataclass
class Visitor:
    """Opens one page over and over. ``seen`` are the answers' statuses, ``unkind`` those that tell a person nothing."""

    url: str
    cookies: dict[str, str]
    seen: set[int] = field(default_factory=set)
    unkind: list[str] = field(default_factory=list)

    def look(self, ending: threading.Event) -> None:
        headers = {"Accept": "text/html", "Accept-Language": "ko"}
        with httpx.Client(headers=headers, cookies=self.cookies, timeout=60, trust_env=False) as browser:
            while not ending.wait(LOOKS_EVERY):
                try:
                    answer = browser.get(self.url)
                except httpx.TransportError:  # the door itself is being struck
                    continue
                self.seen.add(answer.status_code)
                if answer.status_code != 200 and not self._is_kind(answer):
                    self.unkind.append(f"{answer.status_code} {answer.text[:400]}")

    def _is_kind(self, answer: httpx.Response) -> bool:
        return answer.status_code in (502, 503, 504) and any(words in answer.text for words in AWAY)


@contextmanager
def visiting(url: str, cookies: dict[str, str]) -> Iterator[Visitor]:
    """Somebody looks at ``url`` as long as this lasts."""
    visitor, ending = Visitor(url, cookies), threading.Event()
    thread = threading.Thread(target=visitor.look, args=(ending,), daemon=True)
    thread.start()
    try:
        yield visitor
    finally:
        ending.set()
        thread.join(90)


def _docker(*arguments: str) -> str:
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
