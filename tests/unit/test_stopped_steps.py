"""A step of a job that was stopped, or that another worker has taken over, leaves no checkpoint."""

from __future__ import annotations

from typing import Any

import pytest
from dbos import error as dbos_error

from nanococoa_aiserver.ads.context import Step
from nanococoa_aiserver.errors import JobStopped
from nanococoa_aiserver.jobs.workflow import _perform


class Lost:
    """A running job that is found to be another's at ``place``."""

    def __init__(self, place: str) -> None:
        self.job_id, self.request = "a", dict[str, Any]()
        self._place = place

    def begin(self, _step: Step) -> None:
        self.reach("begin")

    def look_ahead(self, _left: list[str]) -> None:
        self.reach("look_ahead")

    def reach(self, place: str) -> None:
        if place == self._place:
            raise JobStopped


@pytest.mark.parametrize("place", ["begin", "look_ahead", "work"])
def test_a_step_that_is_stopped_anywhere_is_cancelled_and_not_failed(place: str) -> None:
    job: Any = Lost(place)
    step = Step("segment", "", lambda ctx, _results: job.reach("work") or {})
    with pytest.raises(dbos_error.DBOSWorkflowCancelledError):
        _perform(job, step, [], {})
