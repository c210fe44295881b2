"""What clients send. Images are base64, data URIs, or ids of artifacts the server already has."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from nanococoa_client.schemas.layer import AdCopy, Role, TextEdit

TEXT_LIMIT = 2000
"""Characters of copy: longer than any ad; a 5,000-character text is refused with a message that says so."""

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

    logo: ImageField = None
    colors: list[Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]] = Field([], max_length=4)
    font_family: str | None = None


class GenerateRequest(BaseModel):
    """One ad: a product photo, a line of copy, and what the background should show."""

    model_config = ConfigDict(extra="forbid")

    start_step: Literal[1, 2] = Field(1, description="1: paint background first; 2: only the text, on step1_image")
    product_image: ImageField = None
    text_content: str | None = Field(None, description="The copy. null: stage 1 only")
    bg_prompt: str = Field("", description="The background in words, Korean or English")
    bg_negative_prompt: str = ""
    bg_composition_prompt: str = ""
    bg_composition_negative_prompt: str = ""
    step1_image: ImageField = None
    html_style_prompt: str = Field("", description="The text's style in words, or a style's name")
    use_qwen_analysis: bool = True
    use_llm_html: bool = True
    font_family: str | None = None
    font_weight: int | None = Field(None, ge=100, le=900)
    text_color: str | None = Field(None, pattern=r"^#[0-9a-fA-F]{6}$")
    text_position: Position = "auto"
    text_size: float | None = Field(None, ge=0.5, le=2, description="1 is the style's own size")
    strength: float = Field(0.6, ge=0, le=1)
    guidance_scale: float = Field(3.5, ge=0, le=30)
    seed: int | None = Field(None, ge=0, le=2**32 - 1)
    test_mode: bool = Field(False, description="A dummy result in under a second through the whole job machinery")

    product_box: BoxField = None
    cutout_image: ImageField = Field(None, description="A ready cut-out (RGBA): skips the guessing")
    cutout_policy: Literal["warn", "strict"] = Field("warn", description="strict: an uncertain cut-out ends the job")
    formats: Annotated[list[str], BeforeValidator(_split_names)] = Field(
        ["square"], description="Names from GET /formats, or 'all'", max_length=64
    )
    style: str | None = Field(None, description="A text style by name; null: chosen from copy, scene and product")
    fields: AdCopy | None = Field(None, description="The copy by field, instead of text_content being parsed")
    brand: Brand | None = None
    visible_label: bool = Field(False, description="Write a small 'AI로 제작' label on the picture")
    locale: LocaleField = "ko"
    priority: int = Field(100, ge=1, le=1000, description="Lower is sooner")
    idempotency_key: str | None = Field(None, min_length=1, max_length=200)


class ResumeRequest(BaseModel):
    """Go on with a failed or stopped job, or fork a finished one from a step with changed inputs."""

    model_config = ConfigDict(extra="forbid")

    from_step: str | None = Field(None, description="A step's name: makes a new job that reuses the steps before it")
    changes: dict[str, Any] = Field({}, description="Fields of GenerateRequest to change; needs from_step")

    @model_validator(mode="after")
    def _changes_need_a_step(self) -> Self:
        if self.changes and self.from_step is None:
            raise ValueError("changes need from_step")
        return self


class LightRequest(BaseModel):
    """Work answered at once when it is done within ``wait_seconds``, else by a job id."""

    model_config = ConfigDict(extra="forbid")

    wait_seconds: float = Field(30, ge=0, le=60)
    locale: LocaleField = "ko"


class CutoutRequest(LightRequest):
    image: Annotated[str, Field(description="base64, data URI, or an artifact id")]
    product_box: BoxField = None


class AnalyzeRequest(LightRequest):
    image: Annotated[str, Field(description="base64, data URI, or an artifact id")]
    question: str | None = Field(None, max_length=TEXT_LIMIT, description="Needs a vision-language model")


class ClipScoreRequest(LightRequest):
    image_base64: str
    prompt: str = Field(min_length=1, max_length=TEXT_LIMIT)
    model_type: Literal["openai", "koclip"] = "openai"


class RenderRequest(LightRequest):
    """Render the text layer of a finished ad again: other words, another style, moved texts. Nothing is repainted."""

    job_id: str
    formats: Annotated[list[str], BeforeValidator(_split_names)] = Field([], description="Empty: the ad's own formats")
    style: str | None = None
    fields: AdCopy | None = None
    edits: dict[str, dict[Role, TextEdit]] = Field({}, description="By format, then by field")
    text_color: str | None = Field(None, pattern=r"^#[0-9a-fA-F]{6}$")
    font_family: str | None = None
    text_position: Position | None = None
