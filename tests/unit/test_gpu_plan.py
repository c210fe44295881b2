"""The plan that makes room on the device, held against every other plan there could be."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, combinations

from hypothesis import given
from hypothesis import strategies as st

from nanococoa_aiserver.gpu.plan import Item, Plan, eviction_costs, plan

NAMES = tuple("abcdefgh")


@dataclass(frozen=True)
class Case:
    """The arguments of one call."""

    items: dict[str, Item]
    resident: frozenset[str]
    needed: tuple[str, ...]
    held: frozenset[str]
    suspended: frozenset[str]
    budget: int
    workspace: int
    queue: tuple[frozenset[str], ...]

    def plan(self) -> Plan:
        return plan(
            items=self.items,
            resident=self.resident,
            needed=self.needed,
            held=self.held,
            suspended=self.suspended,
            budget=self.budget,
            workspace=self.workspace,
            queue=self.queue,
        )

    def bytes(self, names: Collection[str]) -> int:
        return sum(self.items[name].bytes for name in names)

    @property
    def staying(self) -> frozenset[str]:
        return frozenset(self.needed) | (self.held & self.resident)

    @property
    def idle(self) -> list[str]:
        return sorted(self.resident - self.staying)

    def within_budget(self, evicted: Collection[str]) -> bool:
        left = (self.resident - set(evicted)) | set(self.needed)
        return self.bytes(left) + self.workspace <= self.budget

    def cost(self, evicted: Collection[str]) -> tuple[int, int]:
        costs = eviction_costs([self.items[name] for name in self.idle], self.queue)
        return len(self.suspended & set(evicted)), sum(costs[name] for name in evicted)


def some(names: Sequence[str] = NAMES) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(names))


items = st.fixed_dictionaries(
    {
        name: st.builds(
            Item,
            name=st.just(name),
            bytes=st.integers(0, 9),
            reload_seconds=st.sampled_from([0.0, 0.1, 0.25, 1.0, 3.5]),
            last_used=st.integers(0, 4),
        )
        for name in NAMES
    }
)
cases = st.builds(
    Case,
    items=items,
    resident=some(),
    needed=st.lists(st.sampled_from(NAMES), max_size=3).map(tuple),
    held=st.frozensets(st.sampled_from(NAMES), max_size=2),
    suspended=some(),
    budget=st.integers(0, 40),
    workspace=st.integers(0, 8),
    queue=st.lists(some(), max_size=3).map(tuple),
)


def every_eviction(case: Case) -> Iterator[tuple[str, ...]]:
    return chain.from_iterable(combinations(case.idle, count) for count in range(len(case.idle) + 1))


@given(cases)
def test_a_plan_that_fits_stays_within_the_budget_and_has_all_that_is_needed(case: Case) -> None:
    made = case.plan()
    if not made.fits:
        return
    after = (case.resident - set(made.evict)) | set(made.load)
    assert case.bytes(after) + case.workspace <= case.budget
    assert set(case.needed) <= after


@given(cases)
def test_what_is_needed_or_held_is_never_evicted(case: Case) -> None:
    made = case.plan()
    assert not set(made.evict) & (set(case.needed) | case.held)
    assert set(made.evict) <= case.resident


@given(cases)
def test_it_does_not_fit_exactly_when_evicting_everything_else_is_not_enough(case: Case) -> None:
    made = case.plan()
    assert made.fits == case.within_budget(case.idle)
    assert made.needed_bytes == case.bytes(case.staying) + case.workspace
    if not made.fits:
        assert (made.evict, made.load) == ((), ())


@given(cases)
def test_no_other_eviction_that_fits_costs_less(case: Case) -> None:
    made = case.plan()
    if made.fits:
        assert case.cost(made.evict) == min(case.cost(one) for one in every_eviction(case) if case.within_budget(one))


@given(cases)
def test_suspended_work_goes_only_when_all_the_rest_is_not_enough(case: Case) -> None:
    made = case.plan()
    if case.suspended & set(made.evict):
        assert not case.within_budget([name for name in case.idle if name not in case.suspended])


@given(cases)
def test_nothing_is_evicted_in_vain(case: Case) -> None:
    made = case.plan()
    for name in made.evict:
        assert not case.within_budget([other for other in made.evict if other != name])


@given(cases)
def test_the_order_in_which_components_are_named_changes_nothing(case: Case) -> None:
    backwards = plan(
        items=dict(reversed(case.items.items())),
        resident=sorted(case.resident, reverse=True),
        needed=case.needed,
        held=sorted(case.held, reverse=True),
        suspended=sorted(case.suspended, reverse=True),
        budget=case.budget,
        workspace=case.workspace,
        queue=[sorted(names, reverse=True) for names in case.queue],
    )
    assert backwards == case.plan()


@given(cases)
def test_only_what_is_missing_is_loaded_in_the_order_it_is_needed(case: Case) -> None:
    made = case.plan()
    missing = [name for name in dict.fromkeys(case.needed) if name not in case.resident]
    assert list(made.load) == (missing if made.fits else [])


@given(cases)
def test_a_bigger_budget_never_costs_more(case: Case) -> None:
    made, roomier = case.plan(), replace(case, budget=case.budget + 3).plan()
    if made.fits:
        assert roomier.fits
        assert case.cost(roomier.evict) <= case.cost(made.evict)


def item(name: str, size: int = 1, seconds: float = 1.0, used: float = 0) -> Item:
    return Item(name, size, seconds, used)


def evicted(*on_device: Item, queue: Sequence[Collection[str]] = ()) -> tuple[str, ...]:
    """What goes when one of ``on_device``, each of size 1, must make room."""
    together = {one.name: one for one in (*on_device, item("new"))}
    resident = [one.name for one in on_device]
    return plan(items=together, resident=resident, needed=["new"], budget=len(on_device), queue=queue).evict


def test_of_two_alike_the_one_used_longer_ago_goes() -> None:
    assert evicted(item("a", used=2), item("b", used=1)) == ("b",)


def test_what_reloads_faster_goes_though_it_was_used_later() -> None:
    assert evicted(item("a", used=1), item("b", used=2, seconds=0.4)) == ("b",)


def test_what_the_queue_asks_for_stays() -> None:
    assert evicted(item("a", used=1), item("b", used=2), queue=[["a"]]) == ("b",)


def test_of_two_that_the_queue_asks_for_the_later_one_goes() -> None:
    assert evicted(item("a", used=1), item("b", used=1), queue=[["a"], ["b"]]) == ("b",)


def test_one_dear_component_stays_when_two_cheap_ones_make_the_room() -> None:
    together = {"dear": item("dear", 4, 2.0), "x": item("x", 2, 0.2), "y": item("y", 2, 0.2), "new": item("new", 4)}
    assert plan(items=together, resident=["dear", "x", "y"], needed=["new"], budget=8).evict == ("x", "y")


def test_of_equals_the_first_by_name_go() -> None:
    together = {name: item(name) for name in "hgfedcba"} | {"new": item("new", 3)}
    assert plan(items=together, resident=list("hgfedcba"), needed=["new"], budget=8).evict == ("a", "b", "c")


def test_what_costs_nothing_to_load_again_is_not_evicted_in_vain_either() -> None:
    together = {"a": item("a", 1, 0.0), "b": item("b", 2, 0.0), "new": item("new", 2)}
    assert plan(items=together, resident=["a", "b"], needed=["new"], budget=3).evict == ("b",)


def test_a_hundred_components_are_planned_in_a_blink() -> None:
    together = {f"c{n:03}": item(f"c{n:03}", 10**9 + 7919 * n * n, 0.1 + n % 7 / 10, n % 11) for n in range(100)}
    started = time.perf_counter()
    made = plan(items=together, resident=list(together)[1:], needed=["c000"], budget=90 * 10**9)
    assert made.fits
    assert time.perf_counter() - started < 5
