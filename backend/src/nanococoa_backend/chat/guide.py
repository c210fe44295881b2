"""The guided conversation, for houses without an LLM: a graph that asks for what is missing, then makes the ad.

Pure: what is known comes in, the next step comes out; the service reads and writes.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final, Literal, TypeAlias, TypedDict

from nanococoa_backend.chat.understanding import (
    LONGEST_HEADLINE,
    Known,
    agrees,
    refuses,
    understood,
    wants_no_text,
    wants_other,
)

Step: TypeAlias = Literal["product", "scene", "words", "formats", "confirm", "change", "make"]
PARTS: Final = ("product", "scene", "words", "formats")


class GuideState(TypedDict, total=False):
    """``wishes``: product, scene, background, words (copy by field, {} for none), formats, asked."""

    text: str
    choice: str
    ticked: list[str]
    known: Known
    copies: list[dict[str, str]]
    wishes: dict[str, Any]
    step: Step
    note: str


def guided(state: GuideState) -> GuideState:
    """One answer further."""
    ended: GuideState = _graph().invoke(state)
    return ended


@lru_cache(1)
def _graph() -> Any:
    from langgraph.graph import END, START, StateGraph  # half a second: only where somebody chats

    graph: Any = StateGraph(GuideState)
    for name, node in (("choose", _choose), ("understand", _understand), ("ask", _ask), ("make", _make)):
        graph.add_node(name, node)
    graph.add_conditional_edges(START, lambda state: "choose" if _chosen(state) else "understand")
    for name in ("choose", "understand"):
        graph.add_conditional_edges(name, lambda state: "make" if state.get("step") == "make" else "ask")
    graph.add_edge("ask", END)
    graph.add_edge("make", END)
    return graph.compile()


def _chosen(state: GuideState) -> bool:
    return bool(state.get("choice") or state.get("ticked"))


def _choose(state: GuideState) -> GuideState:
    """A chip or a picture was pressed. What is not on offer is not taken."""
    wishes, known = dict(state["wishes"]), state["known"]
    kind, _, value = state.get("choice", "").partition(":")
    step: Step | None = None
    if ticked := [name for name in state.get("ticked", []) if name in known.formats]:
        wishes["formats"] = ticked
    elif kind == "product" and value in known.products:
        wishes["product"] = value
    elif kind == "scene" and value in known.scenes:
        wishes |= {"scene": value, "background": ""}
    elif kind == "words" and ((value.isdigit() and int(value) < len(state["copies"])) or value == "none"):
        wishes["words"] = {} if value == "none" else state["copies"][int(value)]
    elif kind == "change" and value in PARTS:
        step = value  # type: ignore[assignment]
    elif kind == "go" and value == "make" and missing(wishes) is None:
        step = "make"
    return _told(wishes, step)


def _understand(state: GuideState) -> GuideState:
    text, known = state.get("text", ""), state["known"]
    wishes, asked = dict(state["wishes"]), state["wishes"].get("asked")
    if asked == "confirm" and agrees(text) and missing(wishes) is None:
        return _told(wishes, "make")
    if asked == "confirm" and refuses(text):
        return _told(wishes, "change")
    found = understood(text, known)
    _take(wishes, found, text)
    if asked == "scene" and "scene" not in found and not found.keys() & {"product", "formats"}:
        wishes |= {"scene": "", "background": text[:1000]}
    elif asked == "words" and not found.keys() & {"headline", "price"} and wishes.get("words") is None:
        wishes["words"] = {"headline": text[:LONGEST_HEADLINE]}
    elif asked in ("product", "formats") and not found:
        return {"wishes": wishes, "note": f"no_such_{asked}"}
    elif asked in ("confirm", "change") and not found and (part := wants_other(text)):
        return _told(wishes, part)  # type: ignore[arg-type]
    elif asked in ("confirm", "change") and not found:
        return {"wishes": wishes, "note": "not_understood"}
    return _told(wishes, None)


def _take(wishes: dict[str, Any], found: dict[str, Any], text: str) -> None:
    if "product" in found and found["product"] != wishes.get("product"):
        wishes |= {"product": found["product"], "words": None}
    if "scene" in found:
        wishes |= {"scene": found["scene"], "background": ""}
    if "formats" in found:
        wishes["formats"] = found["formats"]
    said = {name: found[name] for name in ("headline", "price") if name in found}
    if said:
        wishes["words"] = {**(wishes.get("words") or {}), **said}
    elif wants_no_text(text):
        wishes["words"] = {}


def _ask(state: GuideState) -> GuideState:
    wishes = dict(state["wishes"])
    step = state.get("step") or missing(wishes) or "confirm"
    wishes["asked"] = step
    return {"wishes": wishes, "step": step}


def _make(state: GuideState) -> GuideState:
    return {"wishes": {**state["wishes"], "asked": "confirm"}, "step": "make"}


def _told(wishes: dict[str, Any], step: Step | None) -> GuideState:
    return {"wishes": wishes, "step": step} if step else {"wishes": wishes}


def missing(wishes: dict[str, Any]) -> Step | None:
    """What has to be asked first."""
    if not wishes.get("product"):
        return "product"
    if not wishes.get("scene") and not wishes.get("background"):
        return "scene"
    words = wishes.get("words")
    if words is None or (words and not words.get("headline")):
        return "words"
    return None if wishes.get("formats") else "formats"
