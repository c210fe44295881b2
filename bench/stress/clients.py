"""Clients that ask for jobs and wait for each, through every outage: what an answer's loss costs is seen here."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue
from threading import Event
from typing import Any, Final

import httpx

from bench.stress.mix import Wish

PATIENCE: Final = 900.0
"""Seconds a client waits for an answer, or for the end of its job."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 0.5


class Clients:
    """``ids`` by number of the job, in the order of acceptance; ``ended`` by number, with the state clients saw."""

    def __init__(self, url: str, wishes: Sequence[Wish]) -> None:
        self.ids: dict[int, str] = {}
        self.ended: dict[int, str] = {}
        self._url = url
        self._waiting: SimpleQueue[Wish] = SimpleQueue()
        self._given_up = Event()
        for wish in wishes:
            self._waiting.put(wish)

    def run(self, count: int) -> None:
        """``count`` clients beside each other, until no job is left. Raises what went wrong for one of them."""
        with ThreadPoolExecutor(count) as pool:
            try:
                for client in [pool.submit(self._work) for _ in range(count)]:
                    client.result()
            finally:
                self._given_up.set()

    def _work(self) -> None:
        try:
            with httpx.Client(base_url=self._url, timeout=30, trust_env=False) as http:
                while not self._given_up.is_set():
                    self._follow(http, self._waiting.get_nowait())
        except Empty:
            return
        except BaseException:
            self._given_up.set()
            raise

    def _follow(self, http: httpx.Client, wish: Wish) -> None:
        self.ids[wish.number] = self._patiently(http, "POST", wish.path, json=wish.body())["job_id"]
        deadline, pause = time.monotonic() + PATIENCE, _FIRST_PAUSE
        while (state := self._state(http, wish)) not in ("completed", "failed", "stopped"):
            if time.monotonic() > deadline or self._given_up.is_set():
                raise TimeoutError(f"job {wish.number}, {wish.kind}: still {state}")
            time.sleep(pause)
            pause = min(_LONGEST_PAUSE, 1.3 * pause)
        self.ended[wish.number] = state

    def _state(self, http: httpx.Client, wish: Wish) -> str:
        path = f"/status/{self.ids[wish.number]}"
        state: str = self._patiently(http, "GET", path, params={"images": "none"})["status"]
        return state

    def _patiently(self, http: httpx.Client, method: str, path: str, **more: Any) -> dict[str, Any]:
        """The answer, asked for again while the database is gone."""
        deadline = time.monotonic() + PATIENCE
        while True:
            last = time.monotonic() > deadline or self._given_up.is_set()
            try:
                answer = http.request(method, path, **more)
            except httpx.TransportError:
                if last:
                    raise
            else:
                if answer.status_code != 503 or last:
                    answer.raise_for_status()
                    found: dict[str, Any] = answer.json()
                    return found
            time.sleep(_LONGEST_PAUSE)
