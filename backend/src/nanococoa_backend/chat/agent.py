"""The agent as a graph: it thinks, uses tools, thinks again, within bounds. Each step is written down before the next.

``langgraph`` and ``langchain_openai`` are imported when the first question comes: they cost a second and 100 MB.
"""

from __future__ import annotations

import os
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any, Final, TypedDict

from starlette.concurrency import run_in_threadpool

from nanococoa_backend.chat.ledger import Ledger, Outcome, Task
from nanococoa_backend.chat.live import Live, Partial
from nanococoa_backend.chat.toolbox import Toolbox
from nanococoa_backend.messages import Locale, say
from nanococoa_backend.settings import Settings

if TYPE_CHECKING:
    from langchain_core.messages import AnyMessage
    from langchain_openai import ChatOpenAI

MOST_CALLS: Final = 12
"""Tools used in one answer."""

MOST_TOKENS: Final = 2000
"""Of one thing that the model says."""

ANSWER_SECONDS: Final = 60.0
LONGEST_TEXT: Final = 6000


class Garbage(Exception):
    """The endpoint answered with nothing that could be read."""


def _add(before: list[Any], more: list[Any]) -> list[Any]:
    return before + more


class AgentState(TypedDict):
    messages: Annotated[list[Any], _add]
    calls: int


class Agent:
    """Answers one turn."""

    def __init__(self, llm: ChatOpenAI, toolbox: Toolbox, ledger: Ledger, live: Live, task: Task) -> None:
        self._llm, self._toolbox = llm, toolbox
        self._ledger, self._live, self._task = ledger, live, task
        self._locale: Locale = "en" if task.locale == "en" else "ko"

    async def answer(self) -> None:
        """Raises what the endpoint raises, Garbage, ToolsAway, NotFound."""
        shop, told = await run_in_threadpool(self._ledger.told, self._task)
        messages = messages_of(told, say(self._locale, "chat.agent.prompt", shop=shop[:80]))
        used = sum(1 for role, _ in told[_last_question(told) :] if role == "tool")
        await self._graph().ainvoke({"messages": messages, "calls": used}, {"recursion_limit": 4 * MOST_CALLS})

    def _graph(self) -> Any:
        from langgraph.graph import END, START, StateGraph

        graph: Any = StateGraph(AgentState)
        graph.add_node("think", self._think)
        graph.add_node("act", self._act)
        graph.add_conditional_edges(START, lambda state: "act" if waiting_calls(state["messages"]) else "think")
        graph.add_conditional_edges("think", lambda state: "act" if waiting_calls(state["messages"]) else END)
        graph.add_edge("act", "think")
        return graph.compile()

    async def _think(self, state: AgentState) -> dict[str, Any]:
        from langchain_core.messages import AIMessage

        may_act = state["calls"] < MOST_CALLS
        llm: Any = self._llm.bind_tools(self._toolbox.descriptions()) if may_act else self._llm
        whole: Any = None
        async for chunk in llm.astream(state["messages"]):
            whole = chunk if whole is None else whole + chunk
            self._live.tell(self._task.turn_id, Partial(text=_text(whole)[:LONGEST_TEXT]))
        text = _text(whole)[:LONGEST_TEXT] if whole is not None else ""
        calls = _calls(whole) if whole is not None and may_act else []
        if not text.strip() and not calls:
            raise Garbage
        await run_in_threadpool(self._ledger.said, self._task, text, calls)
        self._live.tell(self._task.turn_id, Partial())
        return {"messages": [AIMessage(text, tool_calls=calls)]}

    async def _act(self, state: AgentState) -> dict[str, Any]:
        from langchain_core.messages import ToolMessage

        results: list[AnyMessage] = []
        for call in waiting_calls(state["messages"]):
            begun = time.monotonic()
            outcome = await self._used(call, state["calls"] + len(results))
            await run_in_threadpool(self._ledger.used, self._task, call, outcome, time.monotonic() - begun)
            results.append(ToolMessage(outcome.text, tool_call_id=call["id"]))
        return {"messages": results, "calls": state["calls"] + len(results)}

    async def _used(self, call: dict[str, Any], before: int) -> Outcome:
        if before >= MOST_CALLS:
            return Outcome(say(self._locale, "chat.refusal.too_many"), ok=False)
        key = f"chat-{self._task.turn_id.hex}-{before}-{call['id']}"[:128]  # some models number calls anew each time
        return await self._toolbox.use(call["name"], call["args"], key, self._told_by(call["id"]))

    def _told_by(self, call_id: str) -> Callable[[float, str], Awaitable[None]]:
        self._live.tell(self._task.turn_id, Partial(call=call_id))

        async def tell(percent: float, line: str) -> None:
            self._live.tell(self._task.turn_id, Partial(call=call_id, percent=round(percent), line=line[:200]))

        return tell


def llm_of(settings: Settings) -> ChatOpenAI:
    """Any endpoint that speaks chat completions. Nothing of a conversation goes to anybody else."""
    os.environ.setdefault("LANGSMITH_TRACING", "false")
    from langchain_openai import ChatOpenAI

    key = settings.openai_api_key
    return ChatOpenAI(
        model=settings.openai_model,
        api_key=key or "none",  # an endpoint of one's own may need none
        base_url=settings.openai_base_url or None,
        timeout=ANSWER_SECONDS,
        max_retries=1,
        max_completion_tokens=MOST_TOKENS,
        use_responses_api=False,
        stream_usage=False,
    )


def messages_of(told: list[tuple[str, dict[str, Any]]], prompt: str) -> list[Any]:
    """What the model is told. A tool that never answered in an earlier turn is said to have been cut off."""
    from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage

    found: list[Any] = [SystemMessage(prompt)]
    for role, body in told:
        if role == "user":
            found += [ToolMessage("cut off", tool_call_id=call["id"]) for call in waiting_calls(found)]
            found.append(HumanMessage(body.get("text", "")))
        elif role == "assistant":
            found.append(AIMessage(body.get("text", ""), tool_calls=body.get("calls", [])))
        else:
            found.append(ToolMessage(body["text"], tool_call_id=body["call_id"]))
    return found


def waiting_calls(messages: list[Any]) -> list[dict[str, Any]]:
    """Tools the last thing said asks for that have not answered."""
    from langchain_core.messages import AIMessage, ToolMessage

    answered: set[str] = set()
    for message in reversed(messages):
        if isinstance(message, ToolMessage):
            answered.add(message.tool_call_id)
        elif isinstance(message, AIMessage):
            return [dict(call) for call in message.tool_calls if call["id"] not in answered]
        else:
            return []
    return []


def _last_question(told: list[tuple[str, dict[str, Any]]]) -> int:
    return max((place for place, (role, _) in enumerate(told) if role == "user"), default=0)


def _text(message: Any) -> str:
    content = message.content
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)


def _calls(message: Any) -> list[dict[str, Any]]:
    """Arguments that are no JSON become none: the tool says what it misses."""
    calls = [{"id": call["id"], "name": call["name"], "args": call["args"]} for call in message.tool_calls]
    calls += [{"id": call["id"], "name": call["name"] or "", "args": {}} for call in message.invalid_tool_calls]
    return [{**call, "id": call["id"] or f"call-{index}"} for index, call in enumerate(calls)]
