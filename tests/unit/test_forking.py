"""Which results a fork may keep."""

from __future__ import annotations

import pytest

from nanococoa_aiserver.errors import InvalidParameter, JobNotResumable
from nanococoa_aiserver.jobs.forking import kept_steps
from nanococoa_aiserver.jobs.names import AD_STEPS

ALL = tuple(AD_STEPS)


def test_the_steps_before_the_forks_own_are_kept() -> None:
    assert kept_steps("segment", {"product_image": "x"}, "completed", ALL) == ()
    assert kept_steps("design", {"style": "shout"}, "completed", ALL) == ALL[:6]


@pytest.mark.parametrize(
    ("step", "field"),
    [("background", "product_image"), ("composite", "bg_prompt"), ("render", "text_content"), ("export", "formats")],
)
def test_a_change_that_an_earlier_step_reads_is_refused(step: str, field: str) -> None:
    with pytest.raises(InvalidParameter) as refused:
        kept_steps(step, {field: "new"}, "completed", ALL)
    assert refused.value.details["field"] == field


def test_an_unknown_step_and_one_that_was_not_reached_are_refused() -> None:
    with pytest.raises(InvalidParameter):
        kept_steps("painting", {}, "completed", ALL)
    with pytest.raises(JobNotResumable):
        kept_steps("render", {}, "failed", ALL[:3])
