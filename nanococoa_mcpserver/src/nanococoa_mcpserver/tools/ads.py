"""Making and changing pictures: generate_ad_image, edit_image, edit_ad_text."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from mcp.server.mcpserver import Context
from mcp.types import CallToolResult
from pydantic import Field

from nanococoa_client.schemas import (
    AdCopy,
    Brand,
    EditRequest,
    GenerateRequest,
    JobAccepted,
    LightResult,
    RenderRequest,
    Role,
    TextEdit,
)
from nanococoa_mcpserver.job_states import answer, job_state
from nanococoa_mcpserver.language import locale
from nanococoa_mcpserver.messages import say
from nanococoa_mcpserver.results import JobState, Started
from nanococoa_mcpserver.suite import Suite
from nanococoa_mcpserver.tools.arguments import (
    Box,
    Color,
    FontName,
    FormatNames,
    ImageArgument,
    JobId,
    Position,
    Seed,
)
from nanococoa_mcpserver.tools.tool import SuiteTool, tool


class AdTools:
    """What makes pictures. Each start is one job, however often its call arrives."""

    def __init__(self, suite: Suite) -> None:
        self._suite = suite

    async def generate_ad_image(
        self,
        ctx: Context[Any, Any],
        product_image: ImageArgument,
        text_content: Annotated[
            str,
            Field(
                min_length=1,
                max_length=2000,
                description="The copy exactly as it is to be read, parts separated by | , e.g. "
                "'산지에서 온 햇사과 | 10kg 한 박스 39,900원 | 청송댁 과일가게'",
            ),
        ],
        bg_prompt: Annotated[
            str,
            Field(
                min_length=1,
                max_length=2000,
                description="The background in words, e.g. '햇살 드는 나무 탁자' or 'marble, soft light'",
            ),
        ],
        formats: FormatNames = ["square"],  # noqa: B006 - a tool's arguments are never changed
        text_position: Position = "auto",
        html_style_prompt: Annotated[
            str, Field(max_length=500, description="The text's look in words ('복고풍 간판 느낌') or a style's name")
        ] = "",
        brand: Annotated[
            Brand | None,
            Field(description="The shop's own look, if it has one: it wins over what a style would choose"),
        ] = None,
        product_box: Box = None,
        use_qwen_analysis: Annotated[
            bool, Field(description="Let a vision-language model look at the picture first, if there is one")
        ] = True,
        seed: Seed = None,
    ) -> Started:
        """Make an ad picture from one product photo and a line of copy. Start here when a user wants an ad.

        The product is cut out and kept pixel by pixel, a background is painted from bg_prompt, and the copy is set as
        sharp text (Hangul exactly as written), once for every format. Answers at once with a job_id; the picture takes
        5 to 60 seconds (longer in a queue). Then call check_generation_status with that job_id until it is done.

        Ask the user for the photo and the copy; write bg_prompt yourself if they have no wish. To change words or style
        of a finished ad use edit_ad_text (a second, nothing is repainted); for another background call this again.

        Example: text_content='추석 선물세트 | 한우 1등급 150,000원 | 정육명가', bg_prompt='보름달 뜬 밤, 한지 질감',
        formats=['square', 'story'].
        """
        request = GenerateRequest(
            product_image=await self._suite.images.taken(product_image, "product_image"),
            text_content=text_content,
            bg_prompt=bg_prompt,
            formats=formats,
            text_position=text_position,
            html_style_prompt=html_style_prompt,
            brand=await self._look(brand),
            product_box=_box(product_box),
            use_qwen_analysis=use_qwen_analysis,
            seed=seed,
            locale=locale(),
        )
        key = self._suite.keys.key(ctx, request.model_dump_json().encode())
        return _started(await self._suite.aiserver.generate(request.model_copy(update={"idempotency_key": key})))

    async def edit_image(
        self,
        ctx: Context[Any, Any],
        image: ImageArgument,
        instruction: Annotated[
            str,
            Field(min_length=1, max_length=2000, description="What to change, e.g. '배경을 눈 내린 마당으로 바꿔 줘'"),
        ],
        mode: Annotated[
            Literal["global", "local"],
            Field(description="global: the whole picture may change; local: one region, the rest stays byte for byte"),
        ] = "global",
        mask: Annotated[
            str | None, Field(description="local: a picture whose white part may change; null: found by instruction")
        ] = None,
        reference_images: Annotated[
            list[str], Field(max_length=4, description="Pictures of what the change should look like")
        ] = [],  # noqa: B006 - a tool's arguments are never changed
        keep_product: Annotated[bool, Field(description="Put the product back untouched afterwards")] = False,
        product_box: Box = None,
        seed: Seed = None,
    ) -> Started:
        """Change a picture by an instruction (needs the diffusion engine; get_system_status tells).

        Use it for things in the picture ('고양이를 강아지로', 'make it snow'), not for an ad's words: those are changed
        with edit_ad_text. Answers at once with a job_id; it takes 5 seconds to 2 minutes. Then call
        check_generation_status until it is done.
        """
        images = self._suite.images
        references = [await images.taken(item, "reference_images") for item in reference_images]
        request = EditRequest(
            image=await images.taken(image, "image"),
            instruction=instruction,
            mode=mode,
            mask=await images.optional(mask, "mask"),
            reference_images=references,
            keep_product=keep_product,
            product_box=_box(product_box),
            seed=seed,
            locale=locale(),
        )
        key = self._suite.keys.key(ctx, request.model_dump_json().encode())
        return _started(await self._suite.aiserver.edit(request.model_copy(update={"idempotency_key": key})))

    async def edit_ad_text(
        self,
        ctx: Context[Any, Any],
        job_id: JobId,
        fields: Annotated[
            AdCopy | None,
            Field(description="The whole copy by field; take copy_fields of check_generation_status and change it"),
        ] = None,
        style: Annotated[str | None, Field(description="Another text style by name; see other_styles")] = None,
        text_color: Color = None,
        font_family: FontName = None,
        text_position: Annotated[Position | None, Field(description="Where the text stands; null: as it is")] = None,
        formats: FormatNames = [],  # noqa: B006 - a tool's arguments are never changed
        edits: Annotated[
            dict[str, dict[Role, TextEdit]],
            Field(description="Move, scale, recolour or hide single texts: by format, then by field"),
        ] = {},  # noqa: B006 - a tool's arguments are never changed
    ) -> Annotated[CallToolResult, JobState]:
        """Change the words, style, colour or place of the text of a finished ad. Nothing is repainted: about a second.

        Give the job_id of a finished ad (or of an earlier edit_ad_text) and only what is to change. Answers with the
        new pictures under a job_id of their own; the ad itself stays as it is. Example: '가격을 9,900원으로':
        take copy_fields from check_generation_status, set price='9,900원', pass it as fields.
        """
        request = RenderRequest(
            job_id=job_id,
            fields=fields,
            style=style,
            text_color=text_color,
            font_family=font_family,
            text_position=text_position,
            formats=formats,
            edits=edits,
            locale=locale(),
        )
        return await self._rendered(await self._suite.aiserver.render(_given(request)))

    async def _look(self, brand: Brand | None) -> Brand | None:
        if brand is None:
            return None
        return brand.model_copy(update={"logo": await self._suite.images.optional(brand.logo, "brand.logo")})

    async def _rendered(self, done: LightResult) -> CallToolResult:
        status = await self._suite.aiserver.status(done.job_id)
        fresh = status.model_copy(update={"outputs": done.outputs or status.outputs, "warnings": done.warnings})
        return await answer(self._suite, job_state(fresh, self._suite.links))


def tools(suite: Suite) -> list[SuiteTool]:
    """This module's tools."""
    made = AdTools(suite)
    return [
        tool(made.generate_ad_image, "Make an ad picture", "makes"),
        tool(made.edit_image, "Change a picture by an instruction", "makes"),
        tool(made.edit_ad_text, "Change the text of a finished ad", "makes"),
    ]


def _started(job: JobAccepted) -> Started:
    """The aiserver's own message speaks of its REST API."""
    after = say("next", "started", locale(), job_id=job.job_id)
    return Started(job_id=job.job_id, status=job.status, message=say("notes", "accepted", locale()), next=after)


def _box(box: list[int] | None) -> tuple[int, int, int, int] | None:
    return (box[0], box[1], box[2], box[3]) if box else None


def _given(request: RenderRequest) -> RenderRequest:
    """Only what is to change is sent: null means the ad's own."""
    return RenderRequest.model_validate(request.model_dump(exclude_none=True))
