"""Progress, ETA and queue waits as functions of measured times."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nanococoa_aiserver.jobs import eta
from nanococoa_aiserver.jobs.eta import StepTime
from nanococoa_aiserver.jobs.names import AD_STEPS

STEPS = list(AD_STEPS)
seconds = st.floats(0.001, 1000)
shares = st.floats(0, 1)
plans = st.fixed_dictionaries(dict.fromkeys(STEPS, seconds))


@given(plans, st.lists(shares, min_size=len(STEPS) * 3, max_size=len(STEPS) * 3))
def test_percent_never_falls_on_the_way_from_0_to_100(expected: dict[str, float], told: list[float]) -> None:
    seen = [eta.percent(expected, [])]
    for index, step in enumerate(STEPS):
        for share in sorted(told[index * 3 : index * 3 + 3]):
            seen.append(eta.percent(expected, STEPS[:index], step, share))
    seen.append(eta.percent(expected, STEPS))
    assert seen[0] == 0
    assert seen[-1] == pytest.approx(100)
    assert all(later >= earlier - 1e-9 for earlier, later in itertools.pairwise(seen))


@given(plans, st.integers(0, len(STEPS) - 1), shares)
def test_what_is_done_and_what_remains_make_the_whole(expected: dict[str, float], index: int, share: float) -> None:
    total = sum(expected.values())
    left = eta.remaining(expected, STEPS[:index], STEPS[index], share)
    done = eta.percent(expected, STEPS[:index], STEPS[index], share) / 100 * total
    assert left + done == pytest.approx(total)


def test_the_eta_counts_down_and_becomes_negative_when_late() -> None:
    assert eta.counted_down(5.0, then=100.0, now=102.0) == 3.0
    assert eta.counted_down(5.0, then=100.0, now=107.0) == -2.0
    assert eta.counted_down(5.0, then=100.0, now=99.0) == 5.0  # clocks of two machines


def test_expected_seconds_are_medians_of_the_same_engine_and_about_as_many_formats() -> None:
    times = [
        StepTime("studio", "render", 1, 0.5),
        StepTime("studio", "render", 1, 0.7),
        StepTime("studio", "render", 1, 60.0),
        StepTime("studio", "render", 8, 3.0),
        StepTime("diffusion", "render", 1, 9.0),
        StepTime("studio", "export", 8, 0.8),
    ]
    expected = eta.expected_seconds(times, "studio", STEPS, formats=1)
    assert expected["render"] == 0.7
    assert expected["export"] == 0.8  # no measurement with one format: any is better than a guess
    assert list(expected) == STEPS
    assert all(value > 0 for value in expected.values())
    assert eta.expected_seconds(times, "studio", STEPS, formats=6)["render"] == 3.0


def test_only_the_most_recent_times_count() -> None:
    now_fast = [StepTime("studio", "render", 1, 0.1)] * eta.RECENT + [StepTime("studio", "render", 1, 9.0)] * 500
    assert eta.expected_seconds(now_fast, "studio", ["render"], 1) == {"render": 0.1}


@pytest.mark.parametrize(("formats", "bucket"), [(1, 0), (2, 1), (3, 2), (4, 2), (5, 3), (8, 3), (9, 4)])
def test_numbers_of_formats_fall_into_buckets(formats: int, bucket: int) -> None:
    assert eta.bucket(formats) == bucket


def test_a_queue_waits_for_the_slots_that_become_free_first() -> None:
    assert eta.queue_wait([], [], slots=1) == 0
    assert eta.queue_wait([4.0], [], slots=1) == 4.0
    assert eta.queue_wait([4.0], [10.0], slots=1) == 14.0
    assert eta.queue_wait([4.0, 1.0], [10.0], slots=2) == 4.0
    assert eta.queue_wait([-3.0], [], slots=1) == 0  # late, so about to end


@given(st.lists(seconds, max_size=4), st.lists(seconds, max_size=10), st.integers(1, 4))
def test_one_more_job_ahead_never_shortens_the_wait(running: list[float], waiting: list[float], slots: int) -> None:
    assert eta.queue_wait(running, [*waiting, 1.0], slots) >= eta.queue_wait(running, waiting, slots)
