"""Jobs' side of the graph: begins a job, goes on with one that was cut off, hears the owner's answer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from types import TracebackType
from typing import Any, Self, TypeAlias

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Command, StateSnapshot

from homepage_generator.agents.analyst import AiserverAnalyst, Analyst
from homepage_generator.agents.builtin import BuiltinAgents
from homepage_generator.agents.ledger import Ledger
from homepage_generator.agents.port import Agents
from homepage_generator.chromium import Chromium
from homepage_generator.gate import packaged_axe
from homepage_generator.graph import nodes
from homepage_generator.graph.checkpoints import Checkpoints
from homepage_generator.graph.editing import editor
from homepage_generator.graph.state import Bench, State, Workshop
from homepage_generator.graph.steps import heard
from homepage_generator.graph.workshop import BrowserWorkshop
from homepage_generator.media import MediaStore
from homepage_generator.settings import Settings
from homepage_generator.spec.site import SiteSpec
from homepage_generator.spec.work import Outcome, Progress, Work
from nanococoa_client.client import AiserverClient

Graph: TypeAlias = CompiledStateGraph[State, Bench, State, State]
STEPS = 60
"""langgraph's own bound, far above what our rounds can take."""


class Making:
    """``agents`` makes those of one job; by default an LLM's where one is set, else the built-in ones. ``analyst`` says
    what pictures show; by default the aiserver's."""

    def __init__(
        self, settings: Settings, media: MediaStore, chromium: Chromium, *,
        agents: Callable[[Ledger], Agents] | None = None, workshop: Workshop | None = None,
        analyst: Analyst | None = None,
    ) -> None:  # fmt: skip
        self._settings, self._chromium = settings, chromium
        self._checkpoints = Checkpoints(settings.jobs_url)
        self._workshop = workshop or BrowserWorkshop(media, chromium, settings.axe_path or packaged_axe())
        self._agents = agents or _agents_of(settings, media)
        token = settings.aiserver_token
        self._aiserver = AiserverClient(settings.aiserver_url, token=token.get_secret_value() if token else None)
        self._analyst = analyst or AiserverAnalyst(self._aiserver, media)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        await self._aiserver.close()
        await self._chromium.stop()

    async def run(self, work: Work) -> AsyncIterator[Progress]:
        """Each step as it begins; the last Progress has the outcome, or says that the owner's word is awaited."""
        async with self._checkpoints.open() as saver:
            graph, thread = _graph(saver), _thread(work.job_id)
            now = await graph.aget_state(thread)
            if not _rests(now, work):
                bench = self._bench(work, now)
                stream: Any = graph.astream(
                    _input(now, work), thread, context=bench, stream_mode="custom", durability="sync"
                )
                async with aclosing(stream) as steps:
                    async for told in steps:
                        yield heard(told)
                now = await graph.aget_state(thread)
        if now.interrupts:
            yield Progress("reviewer", "approval", 92.0, awaits_approval=True)
        else:
            yield Progress("publisher", "keep", 97.0, outcome=_outcome(now, work))

    async def forget(self, job_id: str) -> None:
        async with self._checkpoints.open() as saver:
            await saver.adelete_thread(job_id)

    def _bench(self, work: Work, now: StateSnapshot) -> Bench:
        known = now.values
        ledger = Ledger(
            tokens=known.get("tokens", self._settings.llm_tokens),
            gave_up=known.get("gave_up", False),
            warnings=list(known.get("warnings", [])),
        )
        return Bench(work, self._agents(ledger), ledger, self._workshop, self._analyst, rewrites=self._settings.has_llm)


def _agents_of(settings: Settings, media: MediaStore) -> Callable[[Ledger], Agents]:
    if not settings.has_llm:
        return lambda _ledger: BuiltinAgents()
    from homepage_generator.agents.llm import LlmAgents, asker_of

    asker = asker_of(settings)  # one for the process: it remembers which ways of asking the endpoint refuses
    return lambda ledger: LlmAgents(asker, BuiltinAgents(), ledger, sees=settings.llm_sees)


def _graph(saver: BaseCheckpointSaver[Any]) -> Graph:
    graph = StateGraph(State, context_schema=Bench)
    graph.add_node(nodes.planner)
    graph.add_node(nodes.designer)
    graph.add_node(nodes.developer)
    graph.add_node(nodes.reviewer)
    graph.add_node(nodes.human)
    graph.add_node(nodes.publisher)
    graph.add_node(editor)
    graph.add_conditional_edges(START, _first, ["planner", "editor"])
    graph.add_edge("planner", "designer")
    graph.add_edge("designer", "developer")
    graph.add_edge("developer", "reviewer")
    return graph.compile(checkpointer=saver)


def _first(state: State) -> str:
    return "planner" if state.get("spec") is None else "editor"


def _thread(job_id: str) -> Any:
    return {"configurable": {"thread_id": job_id}, "recursion_limit": STEPS}


def _rests(now: StateSnapshot, work: Work) -> bool:
    """Nothing to do: the owner was asked and has not answered this question, or all is done."""
    if not now.interrupts:
        return not now.tasks and bool(now.values)
    return work.answer is None or work.answer.number <= now.values.get("answered", 0)


def _input(now: StateSnapshot, work: Work) -> Any:
    """Where to go on: at the question, at the node that was cut off, or at the beginning."""
    if now.interrupts and work.answer is not None:
        said = work.answer
        return Command(resume={"approved": said.approved, "words": said.words, "number": said.number})
    if now.tasks:  # ``next`` leaves out a node that had ended when its process did
        return None
    return {"answered": 0} | ({"spec": work.base.model_dump(mode="json")} if work.base is not None else {})


def _outcome(now: StateSnapshot, work: Work) -> Outcome:
    state, best = now.values, now.values["best"]
    return Outcome(
        spec=SiteSpec.model_validate(best["spec"]),
        folder=work.folder / best["folder"],
        report=best["report"],
        changes=state.get("changes", []),
        warnings=state.get("warnings", []),
    )
