"""Whose turn it is: light work between the steps of heavy work, and nobody waits for ever."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from nanococoa_aiserver.gpu.turn import Lane, Stop, Ticket, Turn
from support.components import never, stopped_when
from support.threads import PATIENCE, threads
from support.waiting import until

pytestmark = pytest.mark.diffusion


class Stopped(Exception):
    pass


@contextmanager
def taken(turn: Turn, lane: Lane, stop: Stop = never) -> Iterator[Ticket]:
    ticket = turn.acquire(lane, stop)
    try:
        yield ticket
    finally:
        turn.release(ticket)


def waiting(turn: Turn) -> int:
    return len(turn._waiting)


def take(turn: Turn, lane: Lane, name: str, served: list[str]) -> None:
    with taken(turn, lane):
        served.append(name)


def test_light_work_runs_while_heavy_work_offers_and_is_over_when_it_goes_on() -> None:
    turn, served = Turn(), list[str]()
    with threads() as start, taken(turn, "heavy") as heavy:
        start(take, turn, "light", "light", served)
        until(turn.wanted)
        assert served == []
        turn.offer(heavy, never)
        assert served == ["light"]


def test_an_offer_serves_all_that_wait_then_and_no_later_ones() -> None:
    turn, served = Turn(), list[str]()

    def light_that_calls_another() -> None:
        with taken(turn, "light"):
            start(take, turn, "light", "later", served)
            until(turn.wanted)
            served.append("first")

    with threads() as start, taken(turn, "heavy") as heavy:
        start(light_that_calls_another)
        until(turn.wanted)
        turn.offer(heavy, never)
        assert served == ["first"]
        turn.offer(heavy, never)
        assert served == ["first", "later"]


def test_an_offer_that_nobody_waits_for_returns_at_once() -> None:
    turn = Turn()
    with taken(turn, "heavy") as heavy:
        turn.offer(heavy, never)
        assert turn.owns(heavy)


def test_a_paused_heavy_job_goes_on_before_a_waiting_heavy_one() -> None:
    turn, served = Turn(), list[str]()
    with threads() as start:
        with taken(turn, "heavy") as heavy:
            start(take, turn, "heavy", "heavy", served)
            until(lambda: waiting(turn) == 1)
            start(take, turn, "light", "light", served)
            until(lambda: waiting(turn) == 2)
            turn.offer(heavy, never)
            assert served == ["light"]
        until(lambda: served == ["light", "heavy"])


def test_heavy_work_is_served_although_light_work_never_ends() -> None:
    turn, served = Turn(), list[str]()
    ended = threading.Event()

    def light_work_without_end() -> None:
        while not ended.is_set():
            with taken(turn, "light"):
                served.append("light")

    with threads() as start:
        for _ in range(4):
            start(light_work_without_end)
        until(lambda: len(served) > 10)
        try:
            for _ in range(20):
                with taken(turn, "heavy"):
                    served.append("heavy")
        finally:
            ended.set()
    assert served.count("heavy") == 20


def test_light_work_is_served_between_heavy_jobs_that_never_offer() -> None:
    turn, served = Turn(), list[str]()
    with threads() as start:
        with taken(turn, "heavy"):
            for name in ("heavy 1", "heavy 2"):
                start(take, turn, "heavy", name, served)
            until(lambda: waiting(turn) == 2)
            start(take, turn, "light", "light", served)
            until(lambda: waiting(turn) == 3)
        until(lambda: len(served) == 3)
    assert served[0] == "light"


def test_only_one_has_the_turn_at_a_time() -> None:
    turn, inside, most = Turn(), [0], [0]
    guard = threading.Lock()

    def work(lane: Lane) -> None:
        for _ in range(50):
            with taken(turn, lane) as ticket:
                with guard:
                    inside[0] += 1
                    most[0] = max(most[0], inside[0])
                with guard:
                    inside[0] -= 1
                if lane == "heavy":
                    turn.offer(ticket, never)

    with threads() as start:
        for lane in ("heavy", "heavy", "light", "light", "light", "light"):
            start(work, lane)
    assert most == [1]


def test_a_job_stopped_while_it_waits_gives_up_its_place() -> None:
    turn, stop = Turn(), threading.Event()

    def wait_in_vain() -> None:
        with pytest.raises(Stopped):
            turn.acquire("light", stopped_when(stop.is_set, Stopped))

    with threads() as start:
        with taken(turn, "heavy"):
            job = start(wait_in_vain)
            until(turn.wanted)
            stop.set()
            job.result(PATIENCE)
            assert not turn.wanted()
        with taken(turn, "heavy"):
            pass


def test_a_job_stopped_while_it_is_paused_ends_although_light_work_still_runs() -> None:
    turn, stop, light_runs, light_ends = Turn(), threading.Event(), threading.Event(), threading.Event()

    def light() -> None:
        with taken(turn, "light"):
            light_runs.set()
            assert light_ends.wait(PATIENCE)

    def heavy() -> None:
        with taken(turn, "heavy") as ticket:
            start(light)
            until(turn.wanted)
            with pytest.raises(Stopped):
                turn.offer(ticket, stopped_when(stop.is_set, Stopped))
            assert not turn.owns(ticket)

    with threads() as start:
        job = start(heavy)
        assert light_runs.wait(PATIENCE)
        stop.set()
        job.result(PATIENCE)
        light_ends.set()
        with taken(turn, "heavy") as ticket:
            assert turn.owns(ticket)


def test_a_thread_that_has_the_turn_may_take_it_again() -> None:
    turn = Turn()
    with taken(turn, "heavy") as outer:
        with taken(turn, "light") as inner:
            assert inner is outer
        assert turn.owns(outer)
    assert not turn.owns(outer)
