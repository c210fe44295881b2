"""What became of each row, in the order an owner wants: what needs a look first. Pure over rows that were read."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias

from nanococoa_backend.ads.repository import UNDER_WAY
from nanococoa_backend.ads.views import problem_of
from nanococoa_backend.batch.models import BatchRun
from nanococoa_backend.batch.repository import Shown
from nanococoa_backend.messages import Locale, say

State: TypeAlias = Literal["draft", "waiting", "making", "passed", "look", "failed", "stopped", "gone"]
Fix: TypeAlias = Literal["photo", "text", "again", "accept", "ad"]

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
"""Spreadsheets take a cell that begins so for a formula; an apostrophe makes it text."""

_OF_THE_PHOTO: Final = ("CUTOUT_UNCERTAIN", "INVALID_IMAGE")


@dataclass(frozen=True, slots=True)
class Result:
    shown: Shown
    state: State
    fixes: tuple[Fix, ...] = ()

    def reason(self, locale: Locale) -> str:
        """Why a person should look, or why there is nothing; empty for what is well."""
        ad, item = self.shown.ad, self.shown.item
        if self.state == "look":
            return say(locale, f"batch.why.{'cutout' if _doubtful(self.shown) else 'text'}")
        if self.state == "stopped":
            return say(locale, "batch.why.stopped")
        if self.state == "gone":
            return say(locale, "batch.why.gone")
        if self.state != "failed":
            return ""
        if ad is not None and (problem := problem_of(ad, locale)) is not None:
            return problem.message
        return str((item.problem or {}).get(f"message_{locale}") or say(locale, "errors.unexpected"))


@dataclass(frozen=True, slots=True)
class Tally:
    total: int
    passed: int
    look: int
    failed: int
    stopped: int
    making: int

    @property
    def done(self) -> int:
        return self.total - self.making

    @property
    def care(self) -> int:
        """Those a person should see to."""
        return self.look + self.failed + self.stopped


def result_of(shown: Shown) -> Result:
    state = _state(shown)
    return Result(shown, state, _fixes(shown, state))


def tally_of(results: Sequence[Result]) -> Tally:
    count = Counter(result.state for result in results)
    return Tally(
        len(results),
        count["passed"] + count["gone"],
        count["look"],
        count["failed"],
        count["stopped"],
        count["draft"] + count["waiting"] + count["making"],
    )


def seconds_left(run: BatchRun, tally: Tally, moment: datetime) -> float | None:
    """As long for each of the rest as for those that are done; None before the first."""
    if run.started_at is None or not tally.done or not tally.making:
        return None
    return (moment - run.started_at).total_seconds() / tally.done * tally.making


def results_table(results: Sequence[Result], link: str, locale: Locale) -> bytes:
    """As a spreadsheet opens it: UTF-8 with its mark, nothing that is taken for a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([say(locale, f"batch.column.{name}") for name in ("line", "product", "state", "why", "link")])
    for result in results:
        item, ad = result.shown.item, result.shown.ad
        cells = (
            item.line or item.position + 1,
            item.name,
            say(locale, f"batch.state.{result.state}"),
            result.reason(locale),
            f"{link}/ads/{ad.id}" if ad else "",
        )
        writer.writerow([_harmless(cell) for cell in cells])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _harmless(cell: object) -> str:
    text = str(cell)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _state(shown: Shown) -> State:
    item, ad = shown.item, shown.ad
    if item.status != "made":
        states: dict[str, State] = {"draft": "draft", "waiting": "waiting", "stopped": "stopped"}
        return states.get(item.status, "failed")
    if ad is None:
        return "gone"
    if ad.status in UNDER_WAY:
        return "making"
    if ad.status != "completed":
        return "stopped" if ad.status == "stopped" else "failed"
    return "look" if ad.needs_look or _doubtful(shown) else "passed"


def _doubtful(shown: Shown) -> bool:
    return shown.cutout is not None and shown.cutout.verdict == "uncertain"


def _fixes(shown: Shown, state: State) -> tuple[Fix, ...]:
    if state == "look":
        return ("photo", "again", "accept") if _doubtful(shown) else ("text", "accept")
    if state == "failed":
        return ("photo", "again") if shown.product is not None and _is_about_the_photo(shown) else ("again",)
    return ("again",) if state == "stopped" else ()


def _is_about_the_photo(shown: Shown) -> bool:
    code = ((shown.ad.problem if shown.ad else shown.item.problem) or {}).get("code")
    return code in _OF_THE_PHOTO or (shown.cutout is not None and shown.cutout.status == "failed")
