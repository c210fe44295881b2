"""Asking an OpenAI-compatible endpoint for one typed answer, by the best way it knows, within time and tokens.

Ways, best first: a strict JSON schema, a function call, JSON mode, plain text. One the endpoint refuses is not tried
again. Whatever it answers with is read by pydantic; nothing else gets in.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, TypeVar

import openai
import structlog
from pydantic import BaseModel, SecretStr, ValidationError

from homepage_generator.agents.ledger import Ledger
from homepage_generator.errors import LlmFailed
from homepage_generator.settings import Settings

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage

Way: TypeAlias = Literal["json_schema", "function_calling", "json_mode", "plain"]
WAYS: Final[tuple[Way, ...]] = ("json_schema", "function_calling", "json_mode", "plain")
Message: TypeAlias = tuple[Literal["system", "human", "ai"], Any]
Answer = TypeVar("Answer", bound=BaseModel)

TRIES: Final = 3
"""Of one question: after an outage, or an answer that could not be read."""
FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 5.0
"""Seconds an endpoint may ask for; past it the built-in agents are the better answer."""
_REFUSES: Final = (400, 404, 415, 422, 501)
"""What endpoints answer with that don't know a way of asking."""


class Asker:
    """One endpoint. ``seconds`` bounds one question with all its tries."""

    def __init__(self, *, model: str, base_url: str | None, api_key: str, seconds: float) -> None:
        self._model, self._base_url, self._api_key, self._seconds = model, base_url, api_key, seconds
        self._ways: list[Way] = list(WAYS)

    async def ask(self, messages: Sequence[Message], answer: type[Answer], ledger: Ledger) -> Answer:
        """Raises LlmFailed when no answer that can be read came in time, or the tokens are used up."""
        ends = time.monotonic() + self._seconds
        said = list(messages)
        tries = 0
        while True:
            if ledger.tokens <= 0:
                ledger.warn("llm_budget")
                raise LlmFailed(reason="tokens")
            try:
                return await self._once(said, answer, ledger, ends)
            except _WayRefused as refused:
                self._give_up(refused.way)
                continue
            except _Again as again:
                tries += 1
                wait = again.wait if again.wait is not None else FIRST_PAUSE * 2 ** (tries - 1)
                if tries >= TRIES or wait > LONGEST_PAUSE or time.monotonic() + wait >= ends:
                    raise LlmFailed(reason=again.reason) from again
                said = [*messages, *again.hint]
                await asyncio.sleep(wait)

    async def _once(self, messages: Sequence[Message], answer: type[Answer], ledger: Ledger, ends: float) -> Answer:
        way = self._ways[0]
        left = ends - time.monotonic()
        try:
            async with asyncio.timeout(left):  # an endpoint that drips bytes never reaches a read timeout
                raw = await self._send(way, messages, answer, left)
        except TimeoutError as error:
            raise LlmFailed(reason="timeout") from error
        ledger.tokens -= _tokens(raw, messages)
        return _read(raw, answer)

    async def _send(self, way: Way, messages: Sequence[Message], answer: type[BaseModel], seconds: float) -> AIMessage:
        from langchain_openai import ChatOpenAI  # a second and 60 MB that a service without an LLM saves

        model = ChatOpenAI(
            model=self._model, base_url=self._base_url, api_key=SecretStr(self._api_key or "none"), timeout=seconds,
            max_retries=0, use_responses_api=False,
        )  # fmt: skip
        try:
            if way == "plain":
                return await model.ainvoke(_with_schema(messages, answer))
            strict = None if way == "json_mode" else True
            asked: Any = model.with_structured_output(answer, method=way, include_raw=True, strict=strict)
            said = await asked.ainvoke(_with_schema(messages, answer) if way == "json_mode" else list(messages))
        except Exception as error:
            raise _judged(error, way) from error
        raw: AIMessage = said["raw"]
        return raw

    def _give_up(self, way: Way) -> None:
        """Others of this process may have found the same out meanwhile."""
        if len(self._ways) > 1 and self._ways[0] == way:
            self._ways.pop(0)
            structlog.get_logger().info("the language model is asked in another way", way=self._ways[0])


def asker_of(settings: Settings) -> Asker:
    key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else ""
    return Asker(
        model=settings.openai_model, base_url=settings.openai_base_url, api_key=key, seconds=settings.llm_seconds
    )


class _WayRefused(Exception):
    def __init__(self, way: Way) -> None:
        self.way = way
        super().__init__(way)


class _Again(Exception):
    """Worth another try after ``wait`` seconds (None: a growing pause), told ``hint`` besides."""

    def __init__(self, reason: str, wait: float | None = None, hint: Sequence[Message] = ()) -> None:
        self.reason, self.wait, self.hint = reason, wait, hint
        super().__init__(reason)


def _judged(error: Exception, way: Way) -> Exception:
    match error:
        case openai.RateLimitError():
            return _Again("429", _retry_after(error.response.headers.get("retry-after")))
        case openai.APITimeoutError():
            return LlmFailed(reason="timeout")
        case openai.APIConnectionError() | openai.InternalServerError():
            return _Again(type(error).__name__)
        case openai.APIStatusError() if error.status_code in _REFUSES and way != "plain":
            return _WayRefused(way)
        case openai.APIStatusError():
            return LlmFailed(reason=f"HTTP {error.status_code}")
        case openai.OpenAIError():  # cut off at its length, or filtered
            return _Again(type(error).__name__)
        case _ if type(error).__name__ == "OpenAIRefusalError":
            return LlmFailed(reason="refusal")
        case ValueError() | LookupError() | TypeError() | AttributeError():  # HTML, or another protocol
            return _Again(type(error).__name__)
        case _:
            return error


def _read(raw: AIMessage, answer: type[Answer]) -> Answer:
    if raw.additional_kwargs.get("refusal"):
        raise LlmFailed(reason="refusal")
    try:
        return answer.model_validate(_object(raw))
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()[:5])
        raise _Again("answer", 0, [("human", f"That could not be read: {problems}. Answer again.")]) from error
    except ValueError as error:
        raise _Again("answer", 0, [("human", "That was no JSON object. Answer with the JSON object alone.")]) from error


def _object(raw: AIMessage) -> Any:
    """The arguments of the first function call, or the outermost object in the text."""
    for call in raw.tool_calls:
        return call["args"]
    text = raw.text if isinstance(raw.text, str) else str(raw.content)
    start, end = text.find("{"), text.rfind("}")
    return json.loads(text[start : end + 1])


def _with_schema(messages: Sequence[Message], answer: type[BaseModel]) -> list[Message]:
    """For ways that can't carry a schema: it stands in the words."""
    schema = json.dumps(answer.model_json_schema(), ensure_ascii=False)
    role, first = messages[0]
    return [(role, f"{first}\n\nAnswer with one JSON object that fits this JSON schema:\n{schema}"), *messages[1:]]


def _tokens(raw: AIMessage, messages: Sequence[Message]) -> int:
    """As the endpoint counts, else guessed."""
    usage = raw.usage_metadata
    return int(usage["total_tokens"]) if usage else (len(str(raw.content)) + sum(len(str(m)) for m in messages)) // 2


def _retry_after(header: str | None) -> float | None:
    try:
        return max(0.0, float(header)) if header else None
    except ValueError:
        return LONGEST_PAUSE + 1
