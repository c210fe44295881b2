"""``nanococoa`` whose jobs all wait in one lane, first come, first served: ``python -m bench.lanes.single serve``.

The lane is chosen where a job is accepted and stands in its row, which everything after that obeys.
"""

from __future__ import annotations

from nanococoa_aiserver.cli import main
from nanococoa_aiserver.jobs import service
from nanococoa_aiserver.jobs.names import Lane


def one_lane(_kind: str) -> Lane:
    return "heavy"


if __name__ == "__main__":
    vars(service).update(lane_of=one_lane)
    main()
