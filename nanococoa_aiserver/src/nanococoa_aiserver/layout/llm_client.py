"""Asking any OpenAI-compatible endpoint for one JSON object, by the best way it knows, within a budget.

Ways, best first: a strict JSON schema, a function call, plain text. A way the endpoint refuses is not tried again.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar

if TYPE_CHECKING:
    from langchain_openai import ChatOpenAI

Way: TypeAlias = Literal["json_schema", "function_calling", "plain"]
Message: TypeAlias = tuple[Literal["system", "human", "ai"], str]
T = TypeVar("T")

WAYS: tuple[Way, ...] = ("json_schema", "function_calling", "plain")
LONGEST_WAIT = 3.0  # seconds a rate limit may ask for; beyond it the built-in designer is the better answer
_REFUSES = (400, 404, 415, 422, 501)  # statuses of an endpoint that does not know a way of asking


class LlmFailed(Exception):
    """No usable answer; the reason is for the log and the job's warnings."""


class NoJson(LlmFailed):
    """An answer came, but no JSON object was in it."""


@dataclass(frozen=True, slots=True)
class LlmOptions:
    """Where and how much to ask. ``seconds`` and ``tokens`` bound one design with all its repairs."""

    api_key: str = ""
    base_url: str | None = None
    model: str = "gpt-5-mini"
    seconds: float = 40.0
    tokens: int = 12_000
    answer_tokens: int = 4_000


@dataclass(slots=True)
class Budget:
    """What is left of the time and the tokens."""

    seconds: float
    tokens: int
    calls: int = 0
    _begin: float = field(default_factory=time.monotonic)

    @property
    def seconds_left(self) -> float:
        return self.seconds - (time.monotonic() - self._begin)

    def demand(self) -> float:
        """The seconds left. Raises LlmFailed when time or tokens are used up."""
        if self.seconds_left <= 0:
            raise LlmFailed("out of time")
        if self.tokens <= 0:
            raise LlmFailed("out of tokens")
        return self.seconds_left


class JsonAsker:
    """One endpoint; remembers the ways of asking that it refused."""

    def __init__(self, options: LlmOptions) -> None:
        self._options = options
        self._ways: list[Way] = list(WAYS)

    def ask(self, messages: Sequence[Message], schema: dict[str, Any], plain_hint: str, budget: Budget) -> Any:
        """The JSON value answered. Raises NoJson or LlmFailed."""
        while self._ways:
            try:
                return self._once(self._ways[0], messages, schema, plain_hint, budget)
            except _Refused:
                self._ways.pop(0)
        raise LlmFailed("the endpoint refuses every way of asking")

    def _once(
        self, way: Way, messages: Sequence[Message], schema: dict[str, Any], plain_hint: str, budget: Budget
    ) -> Any:
        for attempt in (1, 2):
            seconds = budget.demand()
            budget.calls += 1
            try:
                answer = _within(seconds, partial(self._send, way, messages, schema, plain_hint, seconds))
            except _RateLimited as limit:
                if attempt == 2 or limit.seconds > min(LONGEST_WAIT, budget.seconds_left):
                    raise LlmFailed("rate limited") from limit
                threading.Event().wait(limit.seconds)
                continue
            budget.tokens -= _tokens(answer)
            return _json_of(answer)
        raise LlmFailed("rate limited")

    def _send(
        self, way: Way, messages: Sequence[Message], schema: dict[str, Any], plain_hint: str, seconds: float
    ) -> Any:
        import openai  # not at the top: a second and 60 MB that only this designer needs

        model = self._model(seconds)
        try:
            if way == "plain":
                role, first = messages[0]
                return model.invoke([(role, first + plain_hint), *messages[1:]])
            asked = model.with_structured_output(schema, method=way, include_raw=True, strict=True)
            return asked.invoke(list(messages))["raw"]
        except openai.RateLimitError as error:
            raise _RateLimited(_retry_after(error.response.headers.get("retry-after"))) from error
        except openai.APIStatusError as error:
            if error.status_code in _REFUSES and way != "plain":
                raise _Refused from error
            raise LlmFailed(f"HTTP {error.status_code}") from error
        except openai.OpenAIError as error:
            raise LlmFailed(type(error).__name__) from error
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise LlmFailed(f"not the chat-completions protocol: {type(error).__name__}") from error

    def _model(self, seconds: float) -> ChatOpenAI:
        from langchain_openai import ChatOpenAI
        from pydantic import SecretStr

        return ChatOpenAI(
            model=self._options.model,
            base_url=self._options.base_url,
            api_key=SecretStr(self._options.api_key or "none"),
            timeout=seconds,
            max_retries=0,
            max_completion_tokens=self._options.answer_tokens,
            use_responses_api=False,
        )


class _Refused(Exception):
    """The endpoint does not know this way of asking."""


class _RateLimited(Exception):
    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(f"try again in {seconds} s")


def _within(seconds: float, call: Callable[[], T]) -> T:
    """``call`` in a thread of its own: an endpoint that drips bytes never reaches a read timeout."""
    answer: Future[T] = Future()

    def run() -> None:
        try:
            answer.set_result(call())
        except BaseException as error:
            answer.set_exception(error)

    threading.Thread(target=run, name="llm-call", daemon=True).start()
    try:
        return answer.result(seconds)
    except FutureTimeout as error:
        raise LlmFailed("out of time") from error


def _tokens(message: Any) -> int:
    usage = getattr(message, "usage_metadata", None) or {}
    return int(usage.get("total_tokens") or len(str(message.content)) // 2)


def _retry_after(header: str | None) -> float:
    try:
        return max(0.0, float(header or 1))
    except ValueError:
        return LONGEST_WAIT + 1


def _json_of(message: Any) -> Any:
    """The arguments of the first function call, or the outermost object in the text."""
    for call in getattr(message, "tool_calls", []):
        return call["args"]
    text = message.content if isinstance(message.content, str) else json.dumps(message.content)
    start, end = text.find("{"), text.rfind("}")
    try:
        return json.loads(text[start : end + 1])
    except ValueError as error:
        raise NoJson(str(error)) from error
