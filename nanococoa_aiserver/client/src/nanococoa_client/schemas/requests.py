"""What clients send. Images are base64, data URIs, or ids of artifacts the server already has."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from nanococoa_client.schemas.layer import AdCopy, AdLayer, Role, TextEdit

TEXT_LIMIT = 2000
"""Characters of copy: longer than any ad; a 5,000-character text is refused with a message that says so."""

FILES_LIMIT = 12
"""Files of a kept layer: the cut-out, its contact light, and a scene for each aspect bucket."""

DEFAULT_GUIDANCE = 3.5
"""Says that the model's own guidance is to be used."""

ImageField: TypeAlias = Annotated[str | None, Field(description="base64, data URI, or an artifact id")]
BoxField: TypeAlias = Annotated[
    tuple[int, int, int, int] | None,
    Field(description="x, y, width, height of the product in pixels of the photo"),
]
Position: TypeAlias = Literal["auto", "top", "center", "bottom", "left", "right"]
LocaleField: TypeAlias = Annotated[Literal["ko", "en"], Field(description="Language of messages and built-in words")]


def _split_names(value: Any) -> Any:
    return [name.strip() for name in value.split(",") if name.strip()] if isinstance(value, str) else value


class Brand(BaseModel):
    """A shop's own look: what is given here wins over what a style would choose."""

    model_config = ConfigDict(extra="forbid")

    logo: ImageField = Field(default=None, description="The shop's logo as base64, data URI or artifact id")
    colors: list[Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]] = Field(
        default=[], max_length=4, description="The shop's colours as #RRGGBB, most important first"
    )
    font_family: str | None = Field(default=None, description="A family from GET /fonts; null: the style's own")


class AdapterRef(BaseModel):
    """A LoRA adapter to paint with."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(
        min_length=1,
        max_length=200,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)?$",
        description="A folder's name below MODELS_DIR/adapters, or a hub id (owner/name)",
    )
    scale: float = Field(default=1, ge=-2, le=2, description="How strongly it works; 0 is not at all")


AdaptersField: TypeAlias = Annotated[
    list[AdapterRef], Field(max_length=4, description="LoRA adapters to paint with (diffusion engine)")
]


class GenerateRequest(BaseModel):
    """One ad: a product photo, a line of copy, and what the background should show."""

    model_config = ConfigDict(extra="forbid")

    start_step: Literal[1, 2] = Field(
        default=1, description="1: paint background first; 2: only the text, on step1_image"
    )
    product_image: ImageField = Field(
        default=None, description="The product's photo as base64, data URI or artifact id; needed from step 1"
    )
    text_content: str | None = Field(default=None, description="The copy. null: stage 1 only")
    bg_prompt: str = Field(default="", description="The background in words, Korean or English")
    bg_negative_prompt: str = Field(default="", description="What the background must not show")
    bg_composition_prompt: str = Field(
        default="", description="How product and background meet: light, shadow, surface"
    )
    bg_composition_negative_prompt: str = Field(
        default="", description="What to avoid where product and background meet"
    )
    step1_image: ImageField = Field(
        default=None, description="A finished picture to set text on; needed when start_step is 2"
    )
    html_style_prompt: str = Field(default="", description="The text's style in words, or a style's name")
    use_qwen_analysis: bool = Field(
        default=True,
        description="Let a vision-language model look at the picture before the text is laid out, if there is one",
    )
    use_llm_html: bool = Field(
        default=True, description="Let an LLM lay out the text, if the server has one; else the built-in designer"
    )
    font_family: str | None = Field(default=None, description="A family from GET /fonts; null: the style's own")
    font_weight: int | None = Field(default=None, ge=100, le=900, description="CSS weight; null: the style's own")
    text_color: str | None = Field(
        default=None, pattern=r"^#[0-9a-fA-F]{6}$", description="#RRGGBB; null: chosen for legibility"
    )
    text_position: Position = Field(default="auto", description="Where the text stands; auto: where there is room")
    text_size: float | None = Field(default=None, ge=0.5, le=2, description="1 is the style's own size")
    strength: float = Field(
        default=0.6, ge=0, le=1, description="How much edge and shadow may be repainted (diffusion engine)"
    )
    guidance_scale: float = Field(
        default=DEFAULT_GUIDANCE,
        ge=0,
        le=30,
        description="How closely the picture follows the prompt (diffusion engine). At 3.5 each model takes its own "
        "value, and models distilled to one always do",
    )
    adapters: AdaptersField = []
    seed: int | None = Field(
        default=None, ge=0, le=2**32 - 1, description="The same seed and request give the same picture"
    )
    test_mode: bool = Field(
        default=False, description="A dummy result in under a second through the whole job machinery"
    )

    product_box: BoxField = Field(
        default=None,
        description="x, y, width, height of the product in pixels of the photo: helps an uncertain cut-out",
    )
    cutout_image: ImageField = Field(default=None, description="A ready cut-out (RGBA): skips the guessing")
    cutout_policy: Literal["warn", "strict"] = Field(
        default="warn", description="strict: an uncertain cut-out ends the job"
    )
    formats: Annotated[list[str], BeforeValidator(_split_names)] = Field(
        default=["square"], description="Names from GET /formats, or 'all'", max_length=64
    )
    style: str | None = Field(
        default=None, description="A text style by name; null: chosen from copy, scene and product"
    )
    fields: AdCopy | None = Field(default=None, description="The copy by field, instead of text_content being parsed")
    brand: Brand | None = Field(default=None, description="The shop's own logo, colours and font")
    visible_label: bool = Field(default=False, description="Write a small 'AI로 제작' label on the picture")
    locale: LocaleField = "ko"
    priority: int = Field(default=100, ge=1, le=1000, description="Lower is sooner")
    idempotency_key: str | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        description="Any text of yours: the same request sent again with it answers with the first job",
    )


class ResumeRequest(BaseModel):
    """Go on with a failed or stopped job, or fork a finished one from a step with changed inputs."""

    model_config = ConfigDict(extra="forbid")

    from_step: str | None = Field(
        default=None, description="A step's name: makes a new job that reuses the steps before it"
    )
    changes: dict[str, Any] = Field(default={}, description="Fields of GenerateRequest to change; needs from_step")

    @model_validator(mode="after")
    def _changes_need_a_step(self) -> Self:
        if self.changes and self.from_step is None:
            raise ValueError("changes need from_step")
        return self


class LightRequest(BaseModel):
    """Work answered at once when it is done within ``wait_seconds``, else by a job id."""

    model_config = ConfigDict(extra="forbid")

    wait_seconds: float = Field(
        default=30, ge=0, le=60, description="How long to wait for the result before a job id is answered"
    )
    locale: LocaleField = "ko"


class CutoutRequest(LightRequest):
    image: Annotated[str, Field(description="base64, data URI, or an artifact id")]
    product_box: BoxField = Field(
        default=None,
        description="x, y, width, height of the product in pixels of the photo: helps an uncertain cut-out",
    )


class AnalyzeRequest(LightRequest):
    image: Annotated[str, Field(description="base64, data URI, or an artifact id")]
    question: str | None = Field(default=None, max_length=TEXT_LIMIT, description="Needs a vision-language model")


class ClipScoreRequest(LightRequest):
    image_base64: str = Field(description="The picture as base64, data URI or artifact id")
    prompt: str = Field(min_length=1, max_length=TEXT_LIMIT, description="The text the picture should fit")
    model_type: Literal["openai", "koclip"] = Field(default="openai", description="koclip understands Korean")


class RenderRequest(LightRequest):
    """Render the text layer of a finished ad again: other words, another style, moved texts. Nothing is repainted."""

    job_id: str | None = Field(
        default=None, description="A finished ad (or an earlier render) whose text layer is to be changed"
    )
    layer: AdLayer | None = Field(
        default=None, description="Instead of job_id: a layer you kept, for an ad whose job may be gone"
    )
    files: dict[str, str] = Field(
        default={},
        max_length=FILES_LIMIT,
        description="With layer: its cut-out and scenes by artifact id, as base64, where the server no longer has them",
    )
    as_shown: bool = Field(
        default=False,
        description="Render exactly what was asked: nothing is left out, moved or restyled to mend legibility, what "
        "fails is told in checks and warnings",
    )
    formats: Annotated[list[str], BeforeValidator(_split_names)] = Field(
        default=[], description="Empty: the ad's own formats"
    )
    style: str | None = Field(default=None, description="Another text style by name; null: the ad's own")
    fields: AdCopy | None = Field(default=None, description="Other words, by field; null: the ad's own")
    edits: dict[str, dict[Role, TextEdit]] = Field(default={}, description="By format, then by field")
    text_color: str | None = Field(
        default=None, pattern=r"^#[0-9a-fA-F]{6}$", description="#RRGGBB; null: chosen for legibility"
    )
    font_family: str | None = Field(default=None, description="A family from GET /fonts; null: the style's own")
    text_position: Position | None = Field(default=None, description="Where the text stands; null: as it is")

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.job_id is None) == (self.layer is None):
            raise ValueError("give job_id or layer, one of the two")
        if self.files and self.layer is None:
            raise ValueError("files need layer")
        return self
