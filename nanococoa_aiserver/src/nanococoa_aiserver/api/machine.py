"""What can be chosen, and whether the server is well."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib import resources
from importlib.metadata import version
from typing import Literal

import structlog
from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from nanococoa_aiserver.ads.formats import load_formats
from nanococoa_aiserver.api.declared import errors
from nanococoa_aiserver.api.engine_watch import ALIVE_SECONDS, EngineSeen
from nanococoa_aiserver.api.services import Services, ServicesDep
from nanococoa_aiserver.errors import ServiceError
from nanococoa_aiserver.jobs.models import WorkerState
from nanococoa_aiserver.layout.fonts import available
from nanococoa_aiserver.layout.styles.model import STYLES
from nanococoa_client.schemas import FontFamily, FormatSpec, Resources

router = APIRouter(tags=["machine"])


class Health(BaseModel):
    status: Literal["ok"] = Field(description="Always ok when there is an answer")
    version: str = Field(description="The server's version")
    engine: str | None = Field(default=None, description="studio or diffusion; null while no worker was seen")
    engine_note: str = Field(default="", description="Why it is that engine, where ENGINE=auto had to fall back")


class Readiness(BaseModel):
    ready: bool = Field(description="True when jobs will be worked on")
    database: bool = Field(description="The jobs' database answers")
    store: bool = Field(description="Files can be written and read")
    workers: int = Field(description="Workers that are alive")


@router.get(
    "/formats",
    summary="List the ad formats (placements) and their exact sizes",
    description=(
        "Every placement an ad can be made for: its `name` for the `formats` field, title, pixels, byte limit, safe "
        "zone and where the numbers come from."
    ),
    response_description="The formats, the common ones first",
    responses=errors(),
)
def formats() -> list[FormatSpec]:
    return list(load_formats().values())


@router.get(
    "/fonts",
    summary="List the font families for ad texts",
    description=(
        "The families `font_family` takes, with weights, kind and how many of the 11,172 Hangul syllables each draws. "
        "Families that are not installed are listed with `available: false` and the package that brings them."
    ),
    response_description="The font families",
    responses=errors(),
)
def fonts() -> list[FontFamily]:
    return list(available())


@router.get(
    "/resources",
    summary="List everything that can be chosen, by name only",
    description=(
        "Names of formats, installed fonts, text styles and background scenes, the engine at work and which "
        "model-backed abilities are there. Read this first to know what this server can do; `GET /formats` and "
        "`GET /fonts` tell the details."
    ),
    response_description="Names by kind",
    responses=errors(),
)
def resources_(services: ServicesDep) -> Resources:
    engine = _engine(services)
    return Resources(
        formats=list(load_formats()),
        fonts=[font.family for font in available() if font.available],
        styles=list(STYLES),
        scenes=list(_scenes()),
        engine=engine,
        models={
            "llm_designer": bool(services.settings.openai_api_key or services.settings.openai_base_url),
            "vision_language": engine == "diffusion",
            "clip": engine == "diffusion",
            "editing": engine == "diffusion",
        },
    )


@router.get(
    "/health",
    summary="Is the API process alive?",
    description=(
        "Answers at once while the process runs and asks for no token. `engine` is what the workers ran a moment ago; "
        "`engine_note` says why where ENGINE=auto fell back to the studio."
    ),
    response_description="It is",
)
async def health(services: ServicesDep) -> Health:
    seen = services.engine.latest()
    return Health(
        status="ok", version=version("nanococoa-aiserver"), engine=seen.engine, engine_note=_note(seen, services)
    )


@router.get(
    "/ready",
    summary="Will jobs be worked on now?",
    description="200 when the database answers, files can be stored and at least one worker is alive; 503 else.",
    response_description="All is well",
    response_model=Readiness,
    responses={503: {"model": Readiness, "description": "Something is missing; the answer says what"}, **errors()},
)
def ready(services: ServicesDep) -> JSONResponse:
    workers = alive_workers(services)
    database, store = workers is not None, _store_works(services)
    state = Readiness(ready=bool(workers) and store, database=database, store=store, workers=len(workers or ()))
    return JSONResponse(state.model_dump(), 200 if state.ready else 503)


def alive_workers(services: Services) -> list[WorkerState] | None:
    """Workers whose heart beats; None when the database does not answer."""
    try:
        return [worker for worker in services.jobs.stats().workers if worker.age <= ALIVE_SECONDS]
    except ServiceError:
        return None


def _engine(services: Services) -> str:
    """What the workers run; what was asked for while none does."""
    if workers := alive_workers(services):
        return workers[0].engine
    return "studio" if services.settings.engine == "auto" else services.settings.engine


def _note(seen: EngineSeen, services: Services) -> str:
    """Only a server that asks nobody for a token tells strangers what is not installed."""
    return seen.why if services.settings.aiserver_token is None else ""


def _store_works(services: Services) -> bool:
    try:
        artifact = services.artifacts.put(b"{}", "application/json")
        return services.artifacts.get(artifact) == b"{}"
    except (ServiceError, OSError) as error:
        structlog.get_logger().warning("the store does not work", error=str(error))
        return False


@lru_cache(1)
def _scenes() -> tuple[str, ...]:
    """The scenes by name, from the painter's data alone: its code would bring OpenCV into this process."""
    data = resources.files("nanococoa_aiserver").joinpath("engines", "studio", "scenes", "keywords.toml")
    return tuple(tomllib.loads(data.read_text("utf-8"))["scenes"])
