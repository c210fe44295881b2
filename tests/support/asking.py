"""Somebody who asks for the same pages all the time, while something happens to what answers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx


@contextmanager
def asking(*addresses: str) -> Iterator[list[str]]:
    """What went wrong, in order: ``address: status`` of 500 and more, ``address: error`` where nothing answered."""
    wrong: list[str] = []
    done = threading.Event()

    def ask() -> None:
        with httpx.Client(timeout=60, trust_env=False) as client:
            while not done.wait(0.1):
                for address in addresses:
                    try:
                        answer = client.get(address)
                    except httpx.HTTPError as error:
                        wrong.append(f"{address}: {error!r}")
                    else:
                        if answer.status_code >= 500:
                            wrong.append(f"{address}: {answer.status_code}")

    person = threading.Thread(target=ask)
    person.start()
    try:
        yield wrong
    finally:
        done.set()
        person.join()
