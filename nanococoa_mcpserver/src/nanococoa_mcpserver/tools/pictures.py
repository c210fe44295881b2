"""Looking at pictures: analyze_image, calculate_clip_score."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from mcp.server.mcpserver import Context
from pydantic import Field

from nanococoa_client.errors import UpstreamUnavailable
from nanococoa_client.schemas import AnalyzeRequest, ClipScoreRequest, LightResult
from nanococoa_mcpserver.errors import refusal
from nanococoa_mcpserver.images.links import artifact_in
from nanococoa_mcpserver.language import locale, text_locale
from nanococoa_mcpserver.results import ClipScore, ImageAnalysis
from nanococoa_mcpserver.suite import Suite
from nanococoa_mcpserver.tools.arguments import ImageArgument
from nanococoa_mcpserver.tools.tool import SuiteTool, tool

WAIT: Final = 40
"""Seconds for work that takes one; more only behind many others. Hosts give a call up after 60."""


class PictureTools:
    """What looks at a picture and leaves it as it is."""

    def __init__(self, suite: Suite) -> None:
        self._suite = suite

    async def analyze_image(
        self,
        ctx: Context[Any, Any],
        image: ImageArgument,
        question: Annotated[
            str | None,
            Field(max_length=2000, description="A free question, e.g. '상품이 가려진 곳이 있나요?'; needs a VLM"),
        ] = None,
    ) -> ImageAnalysis:
        """Look at a picture: what it shows, its colours, how bright and busy it is, where there is room for text.

        Use it before generate_ad_image to choose a background that suits the product, or on a finished ad to check it.
        A free question needs the diffusion engine's vision-language model (get_system_status tells). Takes 1 to 10
        seconds.
        """
        taken = await self._suite.images.taken(image, "image")
        request = AnalyzeRequest(image=taken, question=question, wait_seconds=WAIT, locale=locale())
        seen = _done(await self._suite.aiserver.analyze(request))
        return ImageAnalysis.model_validate({"image_id": artifact_in(taken), **seen})

    async def calculate_clip_score(
        self,
        ctx: Context[Any, Any],
        image: ImageArgument,
        prompt: Annotated[
            str,
            Field(
                min_length=1, max_length=2000, description="What the picture should show, e.g. '나무 탁자 위의 사과'"
            ),
        ],
        model_type: Annotated[
            Literal["openai", "koclip"] | None,
            Field(description="koclip understands Korean, openai English; null: by the prompt's language"),
        ] = None,
    ) -> ClipScore:
        """Measure how well a picture fits a text, 0 to 100 (CLIP). For choosing among several pictures of one wish.

        Compare only scores of the same model_type and prompt. Needs the diffusion engine (get_system_status tells).
        Takes 1 to 5 seconds.
        """
        model = model_type or ("koclip" if text_locale([prompt]) == "ko" else "openai")
        taken = await self._suite.images.taken(image, "image")
        request = ClipScoreRequest(
            image_base64=taken, prompt=prompt, model_type=model, wait_seconds=WAIT, locale=locale()
        )
        found = _done(await self._suite.aiserver.clip_score(request))
        return ClipScore(
            score=found["clip_score"], interpretation=found["interpretation"], model_type=found["model_type"]
        )


def tools(suite: Suite) -> list[SuiteTool]:
    """This module's tools."""
    made = PictureTools(suite)
    return [
        tool(made.analyze_image, "Look at a picture", "reads"),
        tool(made.calculate_clip_score, "Score a picture against a text", "reads"),
    ]


def _done(answer: LightResult) -> dict[str, Any]:
    if answer.result is None:
        raise refusal(UpstreamUnavailable, "too_slow", seconds=WAIT)
    return answer.result
