"""Runs as the API and the pages tell them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from nanococoa_backend.batch.models import BatchRun
from nanococoa_backend.batch.results import Result, Tally, seconds_left, tally_of
from nanococoa_backend.batch.schemas import BatchItemView, BatchSummary, BatchView, RefusedRow
from nanococoa_backend.messages import Locale, say
from nanococoa_backend.platform.tables import now


def status_of(run: BatchRun, tally: Tally) -> Literal["draft", "running", "finished", "stopped"]:
    if run.status == "draft":
        return "draft"
    if tally.making:
        return "running"
    return "stopped" if tally.stopped else "finished"


def summary_of(run: BatchRun, results: Sequence[Result]) -> BatchSummary:
    return BatchSummary(**_summary(run, results))


def view_of(run: BatchRun, results: Sequence[Result], locale: Locale) -> BatchView:
    return BatchView(
        **_summary(run, results),
        refused=refused_of(run, locale),
        items=[
            BatchItemView(
                id=result.shown.item.id,
                line=result.shown.item.line,
                name=result.shown.item.name,
                product_id=result.shown.item.product_id,
                ad_id=result.shown.ad.id if result.shown.ad else None,
                state=result.state,
                reason=result.reason(locale),
            )
            for result in results
        ],
    )


def refused_of(run: BatchRun, locale: Locale) -> list[RefusedRow]:
    """Why each was left out, in the reader's language."""
    return [
        RefusedRow(line=row["line"], name=row["name"], message=say(locale, row["key"], **row["details"]))
        for row in run.refused
    ]


def _summary(run: BatchRun, results: Sequence[Result]) -> dict[str, Any]:
    tally = tally_of(results)
    return {
        "id": run.id,
        "name": run.name,
        "source": run.source,
        "status": status_of(run, tally),
        "total": tally.total,
        "passed": tally.passed,
        "look": tally.look,
        "failed": tally.failed,
        "stopped": tally.stopped,
        "making": tally.making,
        "seconds_left": seconds_left(run, tally, now()),
        "created_at": run.created_at,
        "started_at": run.started_at,
    }
