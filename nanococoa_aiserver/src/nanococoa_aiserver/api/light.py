"""Light work: answered at once when it is done within ``wait_seconds``, else by a job id."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated, Any

from fastapi import APIRouter, Body, Request, Response
from starlette.concurrency import run_in_threadpool

from nanococoa_aiserver.ads.formats import select_formats
from nanococoa_aiserver.api import examples
from nanococoa_aiserver.api.answers import light_answer
from nanococoa_aiserver.api.brought import brought_layer
from nanococoa_aiserver.api.copy_text import check_length, check_said, cleaned
from nanococoa_aiserver.api.declared import errors
from nanococoa_aiserver.api.language import locale_of, remember
from nanococoa_aiserver.api.params import box_frame, check_style
from nanococoa_aiserver.api.services import Services, ServicesDep
from nanococoa_aiserver.errors import InvalidParameter
from nanococoa_aiserver.jobs.models import JobView
from nanococoa_aiserver.jobs.names import FINISHED, Kind
from nanococoa_client.messages import say
from nanococoa_client.schemas import AnalyzeRequest, ClipScoreRequest, CutoutRequest, LightResult, RenderRequest
from nanococoa_client.schemas.requests import LightRequest

router = APIRouter(tags=["light work"])

_WAIT = (
    " Answers 200 with the `result` when it is done within `wait_seconds` (default 30), else 202 with a `job_id` for "
    "`GET /status/{job_id}`. Overtakes ads that wait."
)
_LATER: dict[int | str, dict[str, Any]] = {
    202: {"model": LightResult, "description": "Not done yet: only the job's id"}
}
_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 0.2


@router.post(
    "/cutout",
    summary="Cut a product out of its photo",
    description=(
        "Removes the background and answers with the path of an RGBA picture, a `confidence` (0 to 1) and a `verdict` "
        "(ok or uncertain). When it is uncertain, send `product_box` around the product. The result can be sent to "
        "`POST /generate` as `cutout_image`. Use this to show a preview before an ad is made." + _WAIT
    ),
    response_description="The cut-out, its confidence and verdict",
    responses=_LATER | errors(400, 404, 413, 503, 507),
)
async def cutout(
    request: Request,
    response: Response,
    services: ServicesDep,
    body: Annotated[CutoutRequest, Body(openapi_examples=examples.CUTOUT)],
) -> LightResult:
    def params() -> dict[str, Any]:
        kept = services.pictures.keep(body.image, "image", locale_of(request))
        frame = box_frame(body.product_box, kept, locale_of(request))
        return {"image": kept.artifact, "product_box": body.product_box and list(body.product_box), **frame}

    return await _answer(request, response, services, "cutout", body, params)


@router.post(
    "/render",
    summary="Change the words or the style of a finished ad",
    description=(
        "Renders the text layer of a finished ad again: other words (`fields`), another `style`, moved, recoloured or "
        "hidden texts (`edits`), other formats. Background and product stay exactly as they are, so it takes less than "
        "a second. Give the ad's `job_id`, or a `layer` you kept (when the job is gone, with its cut-out and scenes in "
        "`files`); the ad itself is not altered, a new layer and new pictures are answered. What breaks legibility is "
        "mended, unless `as_shown` says that the picture is to be exactly what was asked for." + _WAIT
    ),
    response_description="Paths of the new pictures by format, and the new layer",
    responses=_LATER | errors(400, 404, 413, 503, 507),
)
async def render(
    request: Request,
    response: Response,
    services: ServicesDep,
    body: Annotated[RenderRequest, Body(openapi_examples=examples.RENDER)],
) -> LightResult:
    def params() -> dict[str, Any]:
        return _render_params(request, services, body)

    return await _answer(request, response, services, "render", body, params)


@router.post(
    "/analyze",
    summary="Describe a picture: colours, brightness, free space",
    description=(
        "Answers what is in a picture as a sentence and as numbers (palette, brightness, how busy it is, free space on "
        "each side). A free `question` needs a vision-language model; without one the answer is MODEL_UNAVAILABLE, "
        "which says what to install." + _WAIT
    ),
    response_description="What was seen",
    responses=_LATER | errors(400, 404, 413, 503, 507),
)
async def analyze(
    request: Request,
    response: Response,
    services: ServicesDep,
    body: Annotated[AnalyzeRequest, Body(openapi_examples=examples.ANALYZE)],
) -> LightResult:
    def params() -> dict[str, Any]:
        question = cleaned(body.question)
        kept = services.pictures.keep(body.image, "image", locale_of(request))
        return {"image": kept.artifact, "question": question}

    return await _answer(request, response, services, "analyze", body, params)


@router.post(
    "/clip-score",
    summary="Measure how well a picture fits a text",
    description=(
        "The CLIP similarity of a picture and a prompt (`model_type` koclip for Korean). Needs a CLIP model; without "
        "one the answer is MODEL_UNAVAILABLE, which says what to install." + _WAIT
    ),
    response_description="The score",
    responses=_LATER | errors(400, 404, 413, 503, 507),
)
async def clip_score(
    request: Request,
    response: Response,
    services: ServicesDep,
    body: Annotated[ClipScoreRequest, Body(openapi_examples=examples.CLIP_SCORE)],
) -> LightResult:
    def params() -> dict[str, Any]:
        prompt = cleaned(body.prompt)
        check_said(prompt)
        kept = services.pictures.keep(body.image_base64, "image_base64", locale_of(request))
        return {"image": kept.artifact, "prompt": prompt, "model_type": body.model_type}

    return await _answer(request, response, services, "clip_score", body, params)


async def _answer(
    request: Request, response: Response, services: Services, kind: Kind, body: LightRequest, params: Any
) -> LightResult:
    """Submit, wait without holding a thread, and answer. A failed task's error is the request's."""
    if "locale" in body.model_fields_set:
        remember(request, body.locale)
    locale = locale_of(request)

    def submitted() -> str:
        return services.jobs.submit(kind, {**params(), "locale": locale}, locale=locale).id

    job_id = await services.take_in(submitted)
    view = await _finished(services, job_id, body.wait_seconds)
    if view.error is not None:
        raise view.error
    response.status_code = 200 if view.status in FINISHED else 202
    return light_answer(view, locale)


async def _finished(services: Services, job_id: str, seconds: float) -> JobView:
    """The job's state when it is finished, or after ``seconds``."""
    deadline, pause = time.monotonic() + seconds, _FIRST_PAUSE
    while True:
        view = await run_in_threadpool(services.jobs.status, job_id)
        left = deadline - time.monotonic()
        if view.status in FINISHED or left <= 0:
            return view
        await asyncio.sleep(min(pause, left))
        pause = min(_LONGEST_PAUSE, pause * 1.2)


def _render_params(request: Request, services: Services, body: RenderRequest) -> dict[str, Any]:
    changed = cleaned(body.model_dump(mode="json", exclude={"wait_seconds", "locale", "job_id", "layer", "files"}))
    if body.fields is not None:
        check_length("".join(body.fields.given().values()))
    if body.formats:
        changed["formats"] = [spec.name for spec in select_formats(body.formats)]
    check_style(body.style)
    if body.layer is not None:
        return {**changed, "layer": brought_layer(services.artifacts, body.layer, body.files, locale_of(request))}
    assert body.job_id is not None
    view = services.jobs.status(body.job_id)
    if not view.layer:
        raise InvalidParameter(field="job_id", reason=say("reasons", "no_layer", locale_of(request)))
    fidelity = view.checks.get("fidelity") or {}
    return {
        **changed,
        "source_job": body.job_id,
        "layer": view.layer,
        "confidence": fidelity.get("cutout_confidence", 1.0),
        "verdict": fidelity.get("cutout_verdict", "given"),
    }
