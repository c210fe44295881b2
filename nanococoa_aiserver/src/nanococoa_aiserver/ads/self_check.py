"""Look at what was painted, and paint it again when it is not what was asked for.

The idea is Self-Refine's (Madaan et al., 2023): a judge's reason goes into the next prompt. The loop knows neither
models nor pictures; edits and ads give it what it calls.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from nanococoa_aiserver.engines.ports import Judgement

REPEATS = 2
"""New attempts after the first: each costs as much as the picture itself, and a third hardly ever helps."""

_RANK = {"pass": 2, "unknown": 1, "fail": 0}

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, eq=False)
class Attempt(Generic[Result]):
    """One result with what was asked of the model and what was thought of it. ``score`` is None where none is taken."""

    result: Result
    prompt: str
    judgement: Judgement
    score: float | None

    @property
    def rank(self) -> tuple[int, float]:
        """The verdict counts first, then the score."""
        return _RANK[self.judgement.verdict], self.score or 0.0


@dataclass(frozen=True, slots=True)
class Checked(Generic[Result]):
    """``best`` of ``attempts`` (the earliest of equals), which are in the order they were made in."""

    best: Attempt[Result]
    attempts: tuple[Attempt[Result], ...]

    def record(self) -> dict[str, Any]:
        """The job's record: ``SelfCheck`` as JSON."""
        return {
            **_told(self.best),
            "attempts": len(self.attempts),
            "kept": 1 + self.attempts.index(self.best),
            "tried": [{"prompt": attempt.prompt, **_told(attempt)} for attempt in self.attempts],
        }


def self_check(
    first: Result,
    prompt: str,
    *,
    attempt: Callable[[str, int], Result],
    judge: Callable[[Result], Judgement],
    score: Callable[[Result], float | None],
    revise: Callable[[str, str], str],
    repeats: int = REPEATS,
) -> Checked[Result]:
    """Judge ``first``, made from ``prompt``; while it fails, make another with the prompt revised by the reason.

    ``attempt(prompt, number)`` makes the new result (``number`` counts from 1), ``revise(prompt, reason)`` its prompt.
    A verdict that says neither ends the loop: there is no reason to revise by.
    """
    made = [Attempt(first, prompt, judge(first), score(first))]
    for number in range(1, repeats + 1):
        last = made[-1]
        if last.judgement.verdict != "fail":
            break
        better = revise(last.prompt, last.judgement.reason)
        result = attempt(better, number)
        made.append(Attempt(result, better, judge(result), score(result)))
    return Checked(max(made, key=lambda one: one.rank), tuple(made))


def _told(attempt: Attempt[Any]) -> dict[str, Any]:
    score = None if attempt.score is None else round(attempt.score, 2)
    return {"verdict": attempt.judgement.verdict, "reason": attempt.judgement.reason, "clip_score": score}
