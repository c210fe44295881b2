"""The designer behind a language model: asks for a typed layout, checks its facts, and repairs it from measurements.

Whatever goes wrong (no answer, garbage, invented words, violations that stay after two repairs) ends in
``LlmFailed``, and the caller takes the built-in designer.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib import resources
from typing import Any, TypeAlias

from pydantic import ValidationError

from nanococoa_aiserver.layout.legibility import Violation
from nanococoa_aiserver.layout.llm_client import Budget, JsonAsker, LlmFailed, LlmOptions, Message, NoJson
from nanococoa_aiserver.layout.llm_layout import LayoutRequest, LayoutSuggestion, invented, schema, unknown_names

Violations: TypeAlias = Mapping[str, Sequence[Violation]]
"""By format."""

REPAIRS = 2
CORRECTIONS = 2  # answers in a row that may be garbage or invented before it is given up
_REPORTED = 24  # violations told at once


@dataclass(frozen=True, slots=True)
class LlmDesign:
    """An accepted layout and what it cost."""

    suggestion: LayoutSuggestion
    repairs: int
    calls: int
    seconds: float


class LlmDesigner:
    """Layouts from one endpoint. Holds no state between ads but which ways of asking the endpoint refused."""

    def __init__(self, options: LlmOptions) -> None:
        self._options = options
        self._asker = JsonAsker(options)

    def mend(
        self,
        request: LayoutRequest,
        suggestion: LayoutSuggestion,
        measured: Callable[[LayoutSuggestion], Violations],
    ) -> LlmDesign:
        """Let ``measured`` render and measure ``suggestion``, repair it at most ``REPAIRS`` times.

        Raises LlmFailed when violations stay or the endpoint has no usable answer.
        """
        budget = self.budget()
        for repaired in range(REPAIRS + 1):
            violations = {name: found for name, found in measured(suggestion).items() if found}
            if not violations:
                return LlmDesign(suggestion, repaired, budget.calls, budget.seconds - budget.seconds_left)
            if repaired < REPAIRS:
                suggestion = self.repair(request, suggestion, violations, budget)
        raise LlmFailed(f"still {sum(map(len, violations.values()))} violations after {REPAIRS} repairs")

    def budget(self) -> Budget:
        """A fresh budget for one design."""
        return Budget(self._options.seconds, self._options.tokens)

    def suggest(self, request: LayoutRequest, budget: Budget | None = None) -> LayoutSuggestion:
        """A first layout. Raises LlmFailed."""
        return self._checked(request, self._opening(request), budget or self.budget())

    def repair(
        self,
        request: LayoutRequest,
        suggestion: LayoutSuggestion,
        violations: Violations,
        budget: Budget | None = None,
    ) -> LayoutSuggestion:
        """The layout mended after what was measured. Raises LlmFailed."""
        told = [{"format": name, **asdict(one)} for name, found in violations.items() for one in found]
        complaint = _prompts()["repair"].format(violations=_json(told[:_REPORTED]))
        messages: list[Message] = [
            *self._opening(request),
            ("ai", suggestion.model_dump_json()),
            ("human", complaint),
        ]
        return self._checked(request, messages, budget or self.budget())

    def _opening(self, request: LayoutRequest) -> list[Message]:
        return [("system", _prompts()["system"]), ("human", _json(request.facts()))]

    def _checked(self, request: LayoutRequest, messages: list[Message], budget: Budget) -> LayoutSuggestion:
        """Ask until the answer is a layout that says the customer's words and no others."""
        document = schema(request)
        hint = _prompts()["plain"].format(schema=_json(document))
        for _ in range(CORRECTIONS + 1):
            try:
                answer = self._asker.ask(messages, document, hint, budget)
                suggestion = LayoutSuggestion.model_validate(answer)
                complaint = _complaint(request, suggestion)
            except (NoJson, ValidationError) as error:
                answer, complaint = {}, _prompts()["garbage"].format(error=str(error)[:400])
            if complaint is None:
                return suggestion
            messages = [*messages, ("ai", _json(answer)), ("human", complaint)]
        raise LlmFailed("no answer was usable")


def _complaint(request: LayoutRequest, suggestion: LayoutSuggestion) -> str | None:
    if names := unknown_names(request, suggestion):
        return _prompts()["garbage"].format(error=f"unknown: {', '.join(names)[:200]}")
    added, missing = invented(request, suggestion)
    if added or missing:
        return _prompts()["invented"].format(added=_json(added[:80]), missing=_json(missing[:80]))
    return None


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


@lru_cache
def _prompts() -> dict[str, str]:
    text = resources.files(__package__).joinpath("data", "llm_designer.toml").read_text("utf-8")
    prompts: dict[str, str] = tomllib.loads(text)
    return prompts
