"""A tool of this server: the SDK's, with failures told in the call's language and results held under the limit."""

from __future__ import annotations

import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final, Literal, TypeAlias

import structlog
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.tools import Tool
from mcp.types import CallToolResult, ToolAnnotations
from pydantic import ValidationError

from nanococoa_client import request_ids
from nanococoa_client.errors import PayloadTooLarge, ServiceError
from nanococoa_mcpserver.access import READ, WRITE, may
from nanococoa_mcpserver.errors import NotAllowed, refusal, text_for_model, unknown_arguments, wrong_arguments
from nanococoa_mcpserver.language import language_of, speaking
from nanococoa_mcpserver.metrics import CALLS

RESULT_LIMIT: Final = 1_000_000
"""Bytes of a result on the wire: clients drop an event of more than 1 MiB."""

Effect: TypeAlias = Literal["reads", "makes", "ends"]
_ANNOTATIONS: Final = {
    "reads": ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False),
    "makes": ToolAnnotations(
        read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=False
    ),
    "ends": ToolAnnotations(read_only_hint=False, destructive_hint=True, idempotent_hint=True, open_world_hint=False),
}


class SuiteTool(Tool):
    """``run`` is where every call passes: language, failures, the size of the result, the log and the numbers."""

    async def run(self, arguments: dict[str, Any], context: Context[Any, Any], convert_result: bool = False) -> Any:
        began, outcome = time.perf_counter(), "failed"
        request_id = request_ids.begin((context.headers or {}).get(request_ids.HEADER.lower()))
        structlog.contextvars.bind_contextvars(request_id=request_id)
        with speaking(language_of(context.headers, arguments)):
            try:
                self._check_allowed()
                self._check_names(arguments)
                result = await super().run(arguments, context, convert_result)
                outcome = "done"
                return _held_under_limit(result)
            except ToolError as failed:
                raise self._told(failed) from failed.__cause__
            finally:
                seconds = round(time.perf_counter() - began, 3)
                structlog.get_logger().info("tool", tool=self.name, outcome=outcome, seconds=seconds)
                CALLS.labels(self.name, outcome).observe(seconds)

    def _check_allowed(self) -> None:
        assert self.annotations is not None, "every tool is annotated"
        if not may(READ if self.annotations.read_only_hint else WRITE):
            raise ToolError(text_for_model(refusal(NotAllowed, "token_scope")))

    def _check_names(self, arguments: dict[str, Any]) -> None:
        known = list(self.parameters["properties"])
        if unknown := [name for name in arguments if name not in known]:
            raise ToolError(unknown_arguments(self.name, unknown, known))

    def _told(self, failed: ToolError) -> ToolError:
        match failed.__cause__:
            case ServiceError() as expected:
                return ToolError(text_for_model(expected))
            case ValidationError() as wrong if type(failed) is ToolError:
                return ToolError(wrong_arguments(self.name, wrong))
        return failed


def tool(fn: Callable[..., Awaitable[Any]], title: str, effect: Effect) -> SuiteTool:
    """``fn`` as a tool by its own name, described by its docstring."""
    made = SuiteTool.from_function(fn, title=title, description=inspect.getdoc(fn), annotations=_ANNOTATIONS[effect])
    made.parameters["additionalProperties"] = False
    assert isinstance(made, SuiteTool)
    return made


def _held_under_limit(result: Any) -> Any:
    """Everything is made to fit; what does not after all must not be lost without a word."""
    if isinstance(result, CallToolResult) and len(result.model_dump_json(by_alias=True).encode()) > RESULT_LIMIT:
        raise ToolError(text_for_model(refusal(PayloadTooLarge, "result_too_large")))
    return result
