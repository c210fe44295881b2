"""The ad's self-check: a vision-language model looks at the picture of stage 1 before any text is set on it.

On FAIL the background's prompt is revised with the reason and background, composite and refinement are made again; the
best attempt is what the following steps see (``ads/outcome.py``).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from nanococoa_aiserver.ads.context import Results, StepContext
from nanococoa_aiserver.ads.outcome import picture_of
from nanococoa_aiserver.ads.pictures import get_picture, get_sprite
from nanococoa_aiserver.ads.refining import composed, kept, refined
from nanococoa_aiserver.ads.self_check import self_check
from nanococoa_aiserver.ads.stage1 import painted, refine_prompt, scene_prompt
from nanococoa_aiserver.engines.ports import ClipModel, Judgement, ScenePrompt, VisionLanguageModel
from nanococoa_aiserver.imaging.types import Rgb, Sprite

_HANGUL = re.compile(r"[가-힣]")


def check(ctx: StepContext, results: Results) -> dict[str, Any]:
    """Judge the picture, make it again where it fails; nothing where no model could judge it."""
    vlm = ctx.engines.vlm
    prompt = scene_prompt(ctx)
    if vlm is None or not ctx.settings.self_check or not prompt.text.strip():
        return {}
    ctx.progress("self_check", 0)
    sprite = get_sprite(ctx.artifacts, results["segment"]["cutout"])
    checked = self_check(
        dict(picture_of(results)),
        prompt.text,
        attempt=lambda words, number: _made_again(ctx, prompt, words, number, sprite),
        judge=lambda made: _judged(ctx, vlm, made, prompt),
        score=lambda made: score(ctx, _picture(ctx, made), prompt.text),
        revise=lambda words, reason: vlm.revised(words, reason, ctx.check_stop),
    )
    ctx.preview("step1_result", checked.best.result["image"])
    return {**checked.best.result, "record": checked.record(), "warnings": _warnings(checked.best.judgement, checked)}


def score(ctx: StepContext, picture: Rgb, prompt: str) -> float | None:
    """CLIPScore by the model that knows the prompt's language; None without a scorer."""
    if ctx.engines.scorer is None:
        return None
    return ctx.engines.scorer.score(picture, prompt, clip_model_for(prompt), ctx.check_stop)


def clip_model_for(prompt: str) -> ClipModel:
    """The Korean model where the prompt has Hangul."""
    return "koclip" if _HANGUL.search(prompt) else "openai"


def _made_again(ctx: StepContext, prompt: ScenePrompt, words: str, number: int, sprite: Sprite) -> dict[str, Any]:
    """Background, composite and refinement from other words and the next seed."""
    again = replace(prompt, text=words, seed=(prompt.seed + number) % 2**32)
    scenes = painted(ctx, again, sprite)
    picture = composed(ctx, scenes["scenes"], sprite)
    if ctx.engines.refiner is None:
        return {**scenes, **kept(ctx, picture)}
    made = refined(ctx, ctx.engines.refiner, picture, refine_prompt(ctx))
    return {**scenes, **made, "warnings": [*scenes["warnings"], *made["warnings"]]}


def _judged(ctx: StepContext, vlm: VisionLanguageModel, made: dict[str, Any], prompt: ScenePrompt) -> Judgement:
    return vlm.judge(_picture(ctx, made), prompt.text, prompt.negative, ctx.check_stop)


def _picture(ctx: StepContext, made: dict[str, Any]) -> Rgb:
    return get_picture(ctx.artifacts, made["image"])[0]


def _warnings(judgement: Judgement, checked: Any) -> list[Any]:
    """The kept attempt's own warnings, and that it is not what was asked for where that is so."""
    found = list(checked.best.result.get("warnings", []))
    if judgement.verdict == "fail":
        found.append(["self_check_failed", {"reason": judgement.reason[:200]}])
    return found
