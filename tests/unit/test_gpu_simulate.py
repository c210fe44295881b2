"""A day's jobs replayed against a card's cost model. Deterministic, so the targets are asserted here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from nanococoa_aiserver.engines.diffusion.catalogue import load_catalogue
from nanococoa_aiserver.engines.diffusion.precision import choose
from nanococoa_aiserver.gpu.cards import Card, load_cards
from nanococoa_aiserver.gpu.memory import GIB
from nanococoa_aiserver.gpu.simulate import LOAD_USE_UNLOAD, RESIDENT, UNLIMITED, Outcome, Policy, simulate
from nanococoa_aiserver.gpu.simulated import DoesNotFit
from nanococoa_aiserver.gpu.traces import Job, Part, Request, Stage, Trace, jobs, read_trace, traces

CARD = load_cards()["l4"].model_copy(update={"copy_gbps": 1.0, "disk_gbps": 1.0})
"""Copies of 1 GB take a second from host memory and two from the disk."""
GB = 10**9
NO_PREFETCH = Policy("no prefetch", prefetch=False)


@dataclass(frozen=True)
class Day:
    """A trace on a card, as the product would store the models there."""

    jobs: list[Job]
    card: Card
    sizes: Mapping[str, int]

    def run(self, policy: Policy, **budgets: int) -> Outcome:
        return simulate(self.jobs, self.card, self.sizes, policy, **budgets)


def day(card: str, trace: str, hours: float = 8) -> Day:
    shop = traces()[trace].model_copy(update={"hours": hours})
    return Day(jobs(shop, load_cards()[card], parts(card, shop)), load_cards()[card], sizes(parts(card, shop)))


def parts(card: str, trace: Trace) -> dict[str, Part]:
    models = [load_catalogue()[name] for name in trace.models.values()]
    choice = choose("auto", load_cards()[card].capability, load_cards()[card].budget, models)
    return {
        f"{model.name}/{name}": Part(part.bytes(choice.storage(name, part)), choice.storage(name, part) == "fp8")
        for model in models
        for name, part in model.components.items()
    }


def sizes(stored: Mapping[str, Part]) -> dict[str, int]:
    return {name: part.bytes for name, part in stored.items()}


def test_the_default_models_never_swap_on_an_l4() -> None:
    outcome = day("l4", "default").run(RESIDENT)
    assert outcome.moves == ()
    assert outcome.overhead <= 0.03


def test_flux1_dev_and_qwen2_vl_7b_cost_an_l4_at_most_8_percent_though_they_do_not_fit_together() -> None:
    shop = day("l4", "flux1-dev")
    assert sum(shop.sizes.values()) > shop.card.budget
    assert 0 < shop.run(RESIDENT).overhead <= 0.08


@pytest.mark.parametrize("card", ["rtx6000", "rtx6000-blackwell", "h100", "h200"])
def test_larger_cards_hold_both_sets_of_models(card: str) -> None:
    assert not day(card, "default", 1).run(RESIDENT).moves
    assert not day(card, "flux1-dev", 1).run(RESIDENT).moves


@pytest.mark.parametrize(("card", "trace"), [("l4", "flux1-dev"), ("rtx4090", "flux1-dev"), ("t4", "default")])
def test_keeping_what_fits_beats_loading_and_unloading_by_half(card: str, trace: str) -> None:
    shop = day(card, trace, 2)
    assert shop.run(RESIDENT).overhead < shop.run(LOAD_USE_UNLOAD).overhead / 2


def test_loading_and_unloading_from_disk_costs_the_l4_more_than_23_percent() -> None:
    assert day("l4", "default", 1).run(LOAD_USE_UNLOAD, host_budget=0).overhead > 0.23


def test_prefetching_hides_copies_behind_compute() -> None:
    shop = day("l4", "flux1-dev", 2)
    ahead = shop.run(RESIDENT)
    assert any(move.ahead for move in ahead.moves)
    assert ahead.stalled < shop.run(NO_PREFETCH).stalled


def test_knowing_the_queue_saves_stalls() -> None:
    shop = day("l4", "flux1-dev", 2)
    assert shop.run(NO_PREFETCH).stalled < shop.run(replace(NO_PREFETCH, lookahead=0)).stalled


def test_the_same_day_gives_the_same_figures() -> None:
    assert day("l4", "flux1-dev", 1).run(RESIDENT) == day("l4", "flux1-dev", 1).run(RESIDENT)


def test_the_work_is_the_same_under_every_policy_and_unlimited_memory_never_stalls() -> None:
    shop = day("t4", "default", 1)
    outcomes = [shop.run(policy) for policy in (UNLIMITED, RESIDENT, LOAD_USE_UNLOAD)]
    assert {round(outcome.work, 6) for outcome in outcomes} == {round(sum(job.seconds for job in shop.jobs), 6)}
    assert outcomes[0].stalled == 0


# -- a day small enough to count by hand: copies at 1 GB/s, a budget of 10 GB ------------------------------------------


def lease(*components: str, seconds: float = 1.0, steps: int = 1, workspace: int = 0) -> Stage:
    return Stage("+".join(components), components, steps, seconds, workspace=workspace)


def job(*stages: Stage, at: float = 0.0, light: bool = False) -> Job:
    return Job("test", at, light, stages)


def run(*day_jobs: Job, policy: Policy = NO_PREFETCH, **given: int) -> Outcome:
    components = {"big": 6 * GB, "other": 6 * GB, "half": 4 * GB, "small": 2 * GB, "spare": 2 * GB}
    return simulate(day_jobs, CARD, components, policy, budget=given.pop("budget", 10 * GB), **given)


def test_a_component_that_was_evicted_costs_its_copy() -> None:
    outcome = run(job(lease("big"), lease("other"), lease("big")))
    assert [move.name for move in outcome.moves] == ["big", "other", "big"]
    assert outcome.stalled == pytest.approx(18)
    assert outcome.done[0].ended == pytest.approx(21)


def test_without_host_memory_it_costs_the_disk_too() -> None:
    outcome = run(job(lease("big"), lease("other")), host_budget=0)
    assert {move.source for move in outcome.moves} == {"disk"}
    assert outcome.stalled == pytest.approx(24)


def test_one_copy_waits_for_another() -> None:
    outcome = run(job(lease("other", "half"), lease("big", "small")))
    assert outcome.stalled == pytest.approx(6 + 4 + 6 + 2)


def test_masters_that_find_no_room_in_host_memory_are_read_from_disk_again() -> None:
    stages = [lease("big"), lease("other")] * 3
    assert {move.source for move in run(job(*stages), host_budget=12 * GB).moves} == {"host"}
    assert "disk" in {move.source for move in run(job(*stages), host_budget=6 * GB).moves}


def test_load_use_unload_keeps_what_the_next_stage_of_the_job_uses_and_nothing_else() -> None:
    outcome = run(
        job(lease("small"), lease("small", "spare"), lease("small")), job(lease("small")), policy=LOAD_USE_UNLOAD
    )
    assert [move.name for move in outcome.moves] == ["small", "spare", "small"]


@pytest.mark.parametrize(("seconds", "left"), [(4, 0), (2, 0), (0.5, 1.5)])
def test_a_copy_behind_compute_stalls_only_for_what_is_left_of_it(seconds: float, left: float) -> None:
    stages = lease("big", "half"), lease("small", seconds=seconds), lease("spare")
    outcome = run(job(*stages), policy=RESIDENT)
    assert [(move.name, move.ahead) for move in outcome.moves] == [("half", False), ("small", False), ("spare", True)]
    assert outcome.stalled == pytest.approx(4 + 2 + left)


def test_nothing_is_prefetched_into_the_room_that_activations_need() -> None:
    stages = lease("big", "half"), lease("small", seconds=4, workspace=GB), lease("spare")
    outcome = run(job(*stages), policy=RESIDENT)
    assert not any(move.ahead for move in outcome.moves)


def test_a_light_job_is_served_between_two_steps_of_a_heavy_one() -> None:
    outcome = run(job(lease("big", steps=4)), job(lease("small", seconds=0.5), at=1.5, light=True), budget=20 * GB)
    light, heavy = outcome.done
    assert light.started == pytest.approx(2.0)
    assert light.ended == pytest.approx(2.5)
    assert heavy.ended == pytest.approx(4.5)


def test_what_a_light_job_displaced_comes_back_before_the_heavy_one_goes_on() -> None:
    outcome = run(job(lease("big", steps=4)), job(lease("other"), at=0.5, light=True))
    assert [move.name for move in outcome.moves] == ["big", "other", "big"]
    assert outcome.done[1].ended == pytest.approx(4 + 1 + 18)


def test_a_light_job_displaces_idle_components_before_those_of_the_paused_job() -> None:
    blind = replace(NO_PREFETCH, lookahead=0)
    heavy, light = job(lease("big"), lease("small", steps=4)), job(lease("half"), at=3.5, light=True)
    assert [move.name for move in run(heavy, light, policy=blind).moves] == ["small", "half"]


def test_light_jobs_use_the_gpu_while_the_heavy_one_is_on_the_host() -> None:
    on_host = Stage("render", last_seconds=5)
    outcome = run(job(lease("small"), on_host), job(lease("small"), at=2, light=True), budget=20 * GB)
    assert [done.ended for done in outcome.done] == [pytest.approx(3), pytest.approx(6)]


def test_a_lease_larger_than_the_card_is_an_error_that_says_so() -> None:
    with pytest.raises(DoesNotFit, match="big and other need"):
        run(job(lease("big", "other")))


@settings(max_examples=40, deadline=None)
@given(st.integers(8, 14), st.lists(st.sampled_from(["big", "other", "small"]), min_size=1, max_size=12))
def test_memory_is_never_over_the_budget(budget: int, names: list[str]) -> None:
    outcome = run(job(*(lease(name, workspace=GB) for name in names)), policy=RESIDENT, budget=budget * GB)
    assert outcome.peak <= budget * GB


# -- traces ------------------------------------------------------------------------------------------------------------


def test_a_trace_file_states_its_jobs(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(
        'models = { cutout = "birefnet" }\n[[jobs]]\nat = 3\nkind = "cutout"\n[[jobs]]\nat = 1\nkind = "ad"\n'
    )
    assert [request.kind for request in read_trace(file).requests()] == ["ad", "cutout"]


def test_a_trace_with_an_unknown_key_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("speed = 3\n")
    with pytest.raises(ValidationError, match="speed"):
        read_trace(file)


def test_another_attempt_paints_and_judges_again_before_the_text_is_set() -> None:
    shop = traces()["default"]
    asked = shop.model_copy(update={"per_hour": {}, "jobs": (Request(at=0, kind="ad", pictures=2, attempts=2),)})
    (made,) = jobs(asked, load_cards()["l4"], parts("l4", asked))
    names = [stage.name for stage in made.stages]
    assert names.count("paint") == 4
    assert names.count("judge") == 2
    assert names.index("revise") > names.index("score")
    assert names[-3:] == ["analyse", "render", "render"]


def test_a_day_has_about_as_many_jobs_as_its_rates_say() -> None:
    shop = traces()["default"]
    kinds = [request.kind for request in shop.requests()]
    for kind, rate in shop.per_hour.items():
        expected = rate * shop.hours
        assert abs(kinds.count(kind) - expected) < 4 * expected**0.5


def test_8_bit_matmul_halves_a_step_only_where_the_card_has_it() -> None:
    assert load_cards()["l4"].compute_seconds(10, eight_bit=True) == load_cards()["l4"].compute_seconds(10) / 2
    assert load_cards()["t4"].compute_seconds(10, eight_bit=True) == load_cards()["t4"].compute_seconds(10)


def test_a_cards_budget_leaves_room_for_its_context() -> None:
    for card in load_cards().values():
        assert 0.5 * GIB <= card.memory_gib * GIB - card.budget <= GIB
