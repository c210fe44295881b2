"""One answer, with everything it needs opened and closed around it, and what went wrong told by name."""

from __future__ import annotations

import openai
import structlog

from nanococoa_backend.chat.agent import Agent, Garbage, llm_of
from nanococoa_backend.chat.bridge import ToolsAway, bridge_to
from nanococoa_backend.chat.ledger import Ledger, Task
from nanococoa_backend.chat.toolbox import Toolbox
from nanococoa_backend.chat.wishes import Shop
from nanococoa_backend.platform.locale import as_locale
from nanococoa_backend.platform.services import Services


async def answer(services: Services, ledger: Ledger, task: Task) -> str:
    """The name of the problem (``chat.problem.*``); empty when it went well."""
    settings = services.settings
    shop = Shop(services, task.business_id, task.user_id, as_locale(task.locale) or "ko")
    token = settings.mcp_token
    found: BaseException | None = None
    try:
        async with bridge_to(settings.mcp_url, token.get_secret_value() if token else "") as bridge:
            agent = Agent(llm_of(settings), Toolbox(shop, bridge), ledger, services.chat.live, task)
            try:
                await agent.answer()
            except Exception as error:  # kept inside: the transport's task group would wrap it
                found = error
    except ToolsAway as error:
        found = error
    return problem_of(found, task) if found is not None else ""


def problem_of(error: BaseException, task: Task) -> str:
    match error:
        case ToolsAway():
            return "mcp_away"
        case openai.AuthenticationError() | openai.PermissionDeniedError():
            return "llm_key"
        case openai.RateLimitError():
            return "llm_busy"
        case openai.BadRequestError() | openai.UnprocessableEntityError():
            return "llm_refused"
        case openai.APIError():
            return "llm_away"
        case Garbage():
            return "llm_garbage"
    structlog.get_logger().error("answer crashed", turn=str(task.turn_id), exc_info=error)
    return "llm_garbage" if isinstance(error, ValueError | TypeError | KeyError) else "interrupted"
