"""Whose turn it is on the GPU: one lease computes at a time, light ones between the steps of heavy ones.

When a heavy turn ends, the light leases waiting at that moment are served, then the heavy one waiting longest, and so
on: each kind waits for a bounded number of the other. A heavy lease that offers its turn is paused, the light ones
waiting at that moment run, and it goes on before any other heavy one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Lane: TypeAlias = Literal["heavy", "light"]
Stop: TypeAlias = Callable[[], None]
"""Raises when its job was stopped."""

ASK_SECONDS = 0.1
"""How often a waiting thread asks whether its job was stopped."""


@dataclass(eq=False, slots=True)
class Ticket:
    """One thread's claim to the turn; ``depth`` counts its leases within leases."""

    lane: Lane
    thread: int = field(default_factory=threading.get_ident)
    depth: int = 1


class Turn:
    """The order of a device's leases. A thread that has the turn may take it again."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._owner: Ticket | None = None
        self._waiting: list[Ticket] = []
        self._served: list[Ticket] = []
        self._paused: list[Ticket] = []

    def acquire(self, lane: Lane, stop: Stop) -> Ticket:
        """Waits for the turn; when ``stop`` raises, gives up its place and lets that through."""
        with self._changed:
            if self._owner is not None and self._owner.thread == threading.get_ident():
                self._owner.depth += 1
                return self._owner
            ticket = Ticket(lane)
            self._waiting.append(ticket)
            self._pass_on()
        self._wait_for(ticket, stop)
        return ticket

    def acquire_idle(self, stop: Stop) -> Ticket:
        """Waits until nobody has the turn, nor waits for it: for work that may keep no lease waiting longer."""
        while True:
            with self._changed:
                if self._changed.wait_for(lambda: not (self._owner or self._waiting), timeout=ASK_SECONDS):
                    self._owner = Ticket("light")
                    return self._owner
            stop()

    def release(self, ticket: Ticket) -> None:
        """Ends the turn with the outermost lease. One whose job was stopped while it was paused has none to end."""
        with self._changed:
            ticket.depth -= 1
            if ticket.depth == 0 and self._owner is ticket:
                self._leave(ticket)

    def owns(self, ticket: Ticket) -> bool:
        return self._owner is ticket

    def wanted(self) -> bool:
        """Whether a light lease waits: an offer would serve it."""
        with self._changed:
            return self._longest_waiting("light") is not None

    def offer(self, ticket: Ticket, stop: Stop) -> None:
        """Lets the light leases that wait now run, then takes the turn again.

        When ``stop`` raises meanwhile, the turn is lost and stays with whoever has it.
        """
        with self._changed:
            self._serve_waiting_lights()
            self._paused.append(ticket)
            self._owner = None
            self._pass_on()
        self._wait_for(ticket, stop)

    def _wait_for(self, ticket: Ticket, stop: Stop) -> None:
        while not self._has_come_to(ticket):
            try:
                stop()
            except BaseException:
                self._withdraw(ticket)
                raise

    def _has_come_to(self, ticket: Ticket) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self._owner is ticket, timeout=ASK_SECONDS)

    def _withdraw(self, ticket: Ticket) -> None:
        with self._changed:
            for queue in (self._waiting, self._served, self._paused):
                if ticket in queue:
                    queue.remove(ticket)
            if self._owner is ticket:
                self._leave(ticket)

    def _leave(self, ticket: Ticket) -> None:
        self._owner = None
        if ticket.lane == "heavy" and not self._paused:
            self._serve_waiting_lights()
        self._pass_on()

    def _serve_waiting_lights(self) -> None:
        self._served += [one for one in self._waiting if one.lane == "light" and one not in self._served]

    def _pass_on(self) -> None:
        if self._owner is None:
            self._owner = self._take_next()
            self._changed.notify_all()

    def _take_next(self) -> Ticket | None:
        if not self._served and self._paused:
            return self._paused.pop()
        chosen = (*self._served, self._longest_waiting("heavy"), self._longest_waiting("light"))
        ticket = next((one for one in chosen if one is not None), None)
        if ticket is not None:
            self._waiting.remove(ticket)
        if ticket in self._served:
            self._served.remove(ticket)
        return ticket

    def _longest_waiting(self, lane: Lane) -> Ticket | None:
        return next((ticket for ticket in self._waiting if ticket.lane == lane), None)
