"""An ad without server or database: the same steps, run one after the other in the caller's process."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from nanococoa_aiserver.ads.context import Step
from nanococoa_aiserver.ads.light import cutout
from nanococoa_aiserver.ads.pipeline import steps_for
from nanococoa_aiserver.artifacts.store import ArtifactStore, open_store
from nanococoa_aiserver.engines.wiring import Engines, build_engines
from nanococoa_aiserver.imaging.codec import decode_upload, normalise
from nanococoa_aiserver.render import LayerRenderer
from nanococoa_aiserver.settings import Settings
from nanococoa_client.schemas import GenerateRequest

OnProgress: TypeAlias = Callable[[str, str, float], None]
"""Called with the step's name, the sub-step, and the share of the step that is done."""


@dataclass
class LocalContext:
    """The plainest ``StepContext``: a temporary store, nobody who could stop the job."""

    request: dict[str, Any]
    engines: Engines
    artifacts: ArtifactStore
    renderer: LayerRenderer
    settings: Settings
    on_progress: OnProgress
    job_id: str = "local"
    step: str = ""
    previews: dict[str, str] = field(default_factory=dict)

    def progress(self, sub_step: str, share: float) -> None:
        self.on_progress(self.step, sub_step, share)

    def preview(self, name: str, artifact: str) -> None:
        self.previews[name] = artifact

    def check_stop(self) -> None:
        """A local ad is stopped by Ctrl-C."""


@dataclass(frozen=True, slots=True)
class LocalAd:
    """Finished files by format (data, suffix), the seconds each step took, and what the job would have reported."""

    files: dict[str, tuple[bytes, str]]
    step_seconds: dict[str, float]
    warnings: list[tuple[str, dict[str, Any]]]
    layer: dict[str, Any] | None
    checks: dict[str, Any]


@dataclass(frozen=True, slots=True)
class LocalCutout:
    """A cut-out as RGBA PNG."""

    png: bytes
    confidence: float
    verdict: str
    seconds: float


def make_ad(
    request: GenerateRequest, *, photo: bytes, settings: Settings, on_progress: OnProgress | None = None
) -> LocalAd:
    """Make the ad ``request`` asks for of ``photo``. Raises the same ``ServiceError``s as the server."""
    with _studio(settings, photo, request.model_dump(mode="json"), on_progress) as ctx:
        results, seconds = _run(ctx, steps_for(ctx.request))
        return _collected(ctx, results, seconds)


def cut_out(photo: bytes, box: tuple[int, int, int, int] | None, settings: Settings) -> LocalCutout:
    """Cut the product out of ``photo``; ``box`` is x, y, width, height in its pixels."""
    request = {"product_box": None if box is None else list(box)}
    with _studio(settings, photo, request, None) as ctx:
        ctx.request["image"] = ctx.request["product_image"]
        done = cutout(ctx)
        return LocalCutout(ctx.artifacts.get(done["cutout"]), done["confidence"], done["verdict"], done["seconds"])


@contextmanager
def _studio(
    settings: Settings, photo: bytes, request: dict[str, Any], on_progress: OnProgress | None
) -> Iterator[LocalContext]:
    upload = decode_upload(photo)
    with tempfile.TemporaryDirectory(prefix="nanococoa-") as folder:
        store = open_store(Path(folder).as_uri())
        source = store.put(*normalise(upload))
        request |= {"product_image": source, "photo_width": upload.width}
        renderer = LayerRenderer(settings.chromium_path)
        try:
            yield LocalContext(request, build_engines(settings), store, renderer, settings, on_progress or _silent)
        finally:
            renderer.close()


def _silent(step: str, sub_step: str, share: float) -> None:
    pass


def _run(ctx: LocalContext, steps: tuple[Step, ...]) -> tuple[dict[str, dict[str, Any]], dict[str, float]]:
    results: dict[str, dict[str, Any]] = {}
    seconds: dict[str, float] = {}
    for step in steps:
        ctx.step = step.name
        started = time.perf_counter()
        results[step.name] = step.run(ctx, results)
        seconds[step.name] = round(time.perf_counter() - started, 3)
    return results, seconds


def _collected(ctx: LocalContext, results: dict[str, dict[str, Any]], seconds: dict[str, float]) -> LocalAd:
    done = results["export"]
    files = {
        name: (ctx.artifacts.get(artifact), "." + artifact.rsplit(".", 1)[1])
        for name, artifact in done["outputs"].items()
    }
    warnings = [(key, details) for result in results.values() for key, details in result.get("warnings", [])]
    return LocalAd(files, seconds, warnings, done.get("layer"), done["checks"])
