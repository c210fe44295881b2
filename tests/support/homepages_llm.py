"""An OpenAI-compatible language model over real HTTP for the homepage agents. It answers each question from what it was
asked, as a good or a lying model would, and fails in every way that endpoints do."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any, Literal, TypeAlias

Data: TypeAlias = dict[str, Any]
Fault: TypeAlias = Literal[
    "garbage", "html", "cut", "empty", "refusal", "429", "429 long", "500", "401", "silence", "drip", "wrong shape"
]
Refuses: TypeAlias = Literal["json_schema", "tools", "json_object"]

LIES = {
    "lead": "단돈 9,900원, 30년 전통의 최고 맛집",
    "title": "서울에서 제일 유명한",
    "headline": ["2배로 맛있는", "<script>"],
    "note": "무료 배송",
    "eyebrow": "“인생 맛집이에요”",
    "paragraphs": ["할아버지가 1923년에 시작했습니다."],
}


class HomepageLlm:
    """``faults`` are used up, one a question; ``refuses`` are ways of asking it does not know; ``lies``: it makes
    things up. ``answers`` replace what it says to a kind of question; ``critic``: fixes it names once."""

    def __init__(self) -> None:
        self.asked: list[Data] = []
        self.kinds: list[str] = []
        self.faults: list[Fault | None] = []
        self.always: Fault | None = None
        self.refuses: set[Refuses] = set()
        self.lies = False
        self.critic: list[Data] = []
        self.answers: dict[str, Callable[[Data], Data]] = {}
        self.tokens = 500
        self._closing = Event()
        llm = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                pass

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                try:
                    llm._answer(self, body)
                except OSError:  # the asker has gone
                    self.close_connection = True

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, to: BaseHTTPRequestHandler, body: Data) -> None:
        self.asked.append(body)
        fault = self.faults.pop(0) if self.faults else self.always
        if _way(body) in self.refuses:
            _send(to, 400, _error("this way of asking is not supported"))
            return
        self.kinds.append(_kind(body))
        match fault:
            case "429" | "429 long":
                _send(to, 429, _error("slow down"), {"retry-after": "60" if fault == "429 long" else "0"})
            case "500" | "401":
                _send(to, int(fault), _error("no"))
            case "html":
                _send(to, 200, b"<!doctype html><h1>502 Bad Gateway</h1>", {"content-type": "text/html"})
            case "silence":
                self._closing.wait(60)
            case "drip":
                self._drip(to)
            case _:
                _send(to, 200, self._completion(body, fault))

    def _drip(self, to: BaseHTTPRequestHandler) -> None:
        to.send_response(200)
        to.send_header("content-type", "application/json")
        to.send_header("content-length", "100000")
        to.end_headers()
        while not self._closing.wait(0.05):
            to.wfile.write(b" ")
            to.wfile.flush()

    def _completion(self, body: Data, fault: Fault | None) -> bytes:
        said = json.dumps(self._said(body), ensure_ascii=False)
        text = {
            "garbage": "네, 좋아요! {제목: 없음",
            "cut": said[: len(said) // 2],
            "empty": "",
            "wrong shape": '{"a": 1}',
        }
        content = text.get(fault or "", said)
        message: Data = {"role": "assistant", "content": content, "refusal": None}
        if fault == "refusal":
            message = {"role": "assistant", "content": None, "refusal": "I can't help with that."}
        elif body.get("tools"):
            call = {"name": body["tools"][0]["function"]["name"], "arguments": content}
            calls = [{"id": "call_1", "type": "function", "function": call}]
            message = {"role": "assistant", "content": None, "refusal": None, "tool_calls": calls}
        finish = "length" if fault == "cut" else "tool_calls" if "tool_calls" in message else "stop"
        completion = {
            "id": "x", "object": "chat.completion", "created": 1, "model": body["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": finish, "logprobs": None}],
            "usage": {
                "prompt_tokens": self.tokens - 100, "completion_tokens": 100, "total_tokens": self.tokens
            },
        }  # fmt: skip
        return json.dumps(completion, ensure_ascii=False).encode()

    def _said(self, body: Data) -> Data:
        kind, told = _kind(body), _told(body)
        if kind in self.answers:
            return self.answers[kind](told)
        match kind:
            case "PlanSaid":
                return {"pages": told["pages"], "tone": "담백하게"}
            case "DesignSaid":
                return _design(told)
            case "CopySaid":
                return self._copy(told)
            case "ReviewSaid":
                fixes, self.critic = self.critic, []
                return {"fixes": fixes}
            case _:
                return {"patches": []}

    def _copy(self, told: Data) -> Data:
        """Each section's own words, the hero's lead from what the owner told; or lies in every field."""
        sections = []
        for now in told["now"]:
            words: Data = {"section": now["id"], **dict.fromkeys(LIES)}
            if self.lies:
                words |= LIES
            elif now["kind"] == "hero":
                words["lead"] = _first_sentence(told["shop"].get("story", "")) or None
            sections.append(words)
        seo = {"seo_title": LIES["title"], "seo_description": LIES["lead"]} if self.lies else told["seo"]
        return {
            "seo_title": seo.get("seo_title") or seo.get("title"),
            "seo_description": seo.get("seo_description") or seo.get("description"),
            "sections": sections,
        }


@contextmanager
def homepage_llm() -> Iterator[HomepageLlm]:
    llm = HomepageLlm()
    try:
        yield llm
    finally:
        llm.close()


def _design(told: Data) -> Data:
    """Its own taste: each section's last variant, the theme that was suggested."""
    variants = [{"section": name, "variant": several[-1]} for name, several in told["variants"].items()]
    return {"theme": told["suggestion"]["theme"], "variants": variants}


def _first_sentence(story: str) -> str:
    return re.split(r"(?<=[.!?])\s+", story.strip())[0][:160]


def _way(body: Data) -> str:
    if body.get("tools"):
        return "tools"
    return str((body.get("response_format") or {}).get("type", "text"))


def _kind(body: Data) -> str:
    """Which answer is wanted: the schema's name, wherever it stands."""
    found = re.search(r"\b(PlanSaid|DesignSaid|CopySaid|ReviewSaid|EditSaid)\b", json.dumps(body))
    return found[1] if found else "?"


def _told(body: Data) -> Data:
    """The JSON of the first question."""
    content = next(message["content"] for message in body["messages"] if message["role"] == "user")
    text = content if isinstance(content, str) else content[0]["text"]
    told: Data = json.loads(text)
    return told


def _error(text: str) -> bytes:
    return json.dumps({"error": {"message": text, "type": "invalid_request_error", "code": None}}).encode()


def _send(to: BaseHTTPRequestHandler, status: int, data: bytes, headers: dict[str, str] | None = None) -> None:
    to.send_response(status)
    for name, value in {"content-type": "application/json", **(headers or {})}.items():
        to.send_header(name, value)
    to.send_header("content-length", str(len(data)))
    to.end_headers()
    to.wfile.write(data)
