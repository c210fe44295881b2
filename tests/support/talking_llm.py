"""A language model over real HTTP that streams what a test scripts: words, tool calls, refusals, silence."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any


@dataclass
class Says:
    """One answer. ``raw`` is sent as it is; ``waits`` holds the answer back after its first word until ``go``."""

    text: str = ""
    calls: list[tuple[str, dict[str, Any] | str]] = field(default_factory=list)
    status: int = 200
    raw: bytes | None = None
    waits: bool = False


Script = Callable[[dict[str, Any]], Says]


class TalkingLlm:
    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.script: list[Says | Script] = []
        self.began, self.go = Event(), Event()
        llm = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                pass

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                llm.asked.append(body)
                llm.headers.append({name.lower(): value for name, value in self.headers.items()})
                step = llm.script.pop(0) if len(llm.script) > 1 else llm.script[0]
                llm.answer(self, step if isinstance(step, Says) else step(body))

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def answer(self, handler: BaseHTTPRequestHandler, says: Says) -> None:
        handler.send_response(says.status)
        if says.status != 200:
            data = json.dumps({"error": {"message": "no", "type": "x", "code": None}}).encode()
            handler.send_header("content-type", "application/json")
            handler.send_header("content-length", str(len(data)))
            handler.end_headers()
            handler.wfile.write(data)
            return
        handler.send_header("content-type", "text/event-stream")
        handler.send_header("connection", "close")
        handler.end_headers()
        try:
            for number, part in enumerate(_parts(says)):
                handler.wfile.write(part)
                handler.wfile.flush()
                if says.waits and number == 1:
                    self.began.set()
                    self.go.wait(60)
        except OSError:  # the asker has gone
            pass

    def told_results(self) -> list[str]:
        """What tools said, as the last question told it."""
        return [message["content"] for message in self.asked[-1]["messages"] if message["role"] == "tool"]

    def close(self) -> None:
        self.go.set()
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def talking_llm() -> Iterator[TalkingLlm]:
    llm = TalkingLlm()
    try:
        yield llm
    finally:
        llm.close()


def _parts(says: Says) -> Iterator[bytes]:
    if says.raw is not None:
        yield says.raw
        return
    yield _chunk({"role": "assistant", "content": ""})
    for word in says.text.split(" ") if says.text else []:
        yield _chunk({"content": word + " "})
    for index, (name, arguments) in enumerate(says.calls):
        text = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
        call = {"index": index, "id": f"call_{name}_{index}", "type": "function"}
        yield _chunk({"tool_calls": [{**call, "function": {"name": name, "arguments": ""}}]})
        for half in (text[: len(text) // 2], text[len(text) // 2 :]):
            yield _chunk({"tool_calls": [{"index": index, "function": {"arguments": half}}]})
    yield _chunk({}, "tool_calls" if says.calls else "stop")
    yield b"data: [DONE]\n\n"


def _chunk(delta: dict[str, Any], ends: str | None = None) -> bytes:
    chunk = {
        "id": "x",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "delta": delta, "finish_reason": ends}],
    }
    return f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n".encode()
