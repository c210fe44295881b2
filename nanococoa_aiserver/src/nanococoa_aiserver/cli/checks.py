"""The doctor's checks: each tries one thing for real and says what it found and what to do."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Final, Literal, NamedTuple, TypeAlias
from urllib.parse import urlsplit

from nanococoa_aiserver.cli.terminal import terminal_locale
from nanococoa_aiserver.errors import ServiceError
from nanococoa_aiserver.settings import Settings

Verdict: TypeAlias = Literal["ok", "warn", "bad"]
GIGABYTE: Final = 10**9


class Finding(NamedTuple):
    """``warn`` is something one can do without; with ``bad`` no ad can be made."""

    verdict: Verdict
    name: str
    found: str
    advice: str = ""


def python(settings: Settings) -> Finding:
    return Finding("ok", "Python", f"{platform.python_version()} at {sys.executable}")


def chromium(settings: Settings) -> Finding:
    """Draw one word: a browser that is installed and can't start is as good as none."""
    from nanococoa_aiserver.render import LayerRenderer
    from nanococoa_aiserver.render.chromium import find_chromium, keeps_sandbox

    renderer, started = LayerRenderer(settings.chromium_path), time.perf_counter()
    try:
        renderer.draw("<!doctype html><meta charset=utf-8><p>가나다 ABC</p>", (320, 120), measure=False)
    except ServiceError as error:
        return Finding("bad", "Chromium", error.message(terminal_locale()), "make setup, or: apt install chromium")
    finally:
        renderer.close()
    path = settings.chromium_path or find_chromium() or "Playwright's own"
    sandbox = "with its sandbox" if keeps_sandbox() else "without its sandbox"
    return Finding("ok", "Chromium", f"{path}, {sandbox}, first picture in {time.perf_counter() - started:.1f} s")


def fonts(settings: Settings) -> Finding:
    from nanococoa_aiserver.layout.fonts import available

    families = available()
    missing = [family for family in families if not family.available]
    if not missing:
        return Finding("ok", "Fonts", f"all {len(families)} families")
    packages = " ".join(sorted({family.source for family in missing if family.source}))
    verdict: Verdict = "bad" if len(missing) == len(families) else "warn"
    names = ", ".join(family.family for family in missing)
    return Finding(verdict, "Fonts", f"missing: {names}", f"apt install {packages}")


def gpu(settings: Settings) -> Finding:
    import pynvml

    try:
        pynvml.nvmlInit()
        names = [str(pynvml.nvmlDeviceGetName(_device(index))) for index in range(pynvml.nvmlDeviceGetCount())]
    except pynvml.NVMLError:
        names = []
    if names:
        return Finding("ok", "GPU", ", ".join(names))
    if settings.engine == "diffusion":
        return Finding("bad", "GPU", "no NVIDIA driver answers", "install the driver, or set ENGINE=studio")
    return Finding("ok", "GPU", "none; the studio engine needs none")


def _device(index: int) -> object:
    import pynvml

    return pynvml.nvmlDeviceGetHandleByIndex(index)


def llm(settings: Settings) -> Finding:
    """Ask the endpoint for its list of models; a key is never shown."""
    if settings.openai_api_key is None and settings.openai_base_url is None:
        return Finding("ok", "LLM", "none set; the built-in designer serves", "optional: OPENAI_API_KEY")
    import openai

    key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else "none"
    client = openai.OpenAI(api_key=key, base_url=settings.openai_base_url, timeout=5, max_retries=0)
    try:
        known = {model.id for model in client.models.list()}
    except openai.OpenAIError as error:
        return Finding("warn", "LLM", f"no answer: {error}", "check OPENAI_BASE_URL and OPENAI_API_KEY")
    if settings.openai_model not in known:
        return Finding("warn", "LLM", f"it has no model {settings.openai_model}", "set OPENAI_MODEL")
    return Finding("ok", "LLM", f"{settings.openai_model} at {client.base_url.host}")


def database(settings: Settings) -> Finding:
    from nanococoa_aiserver.artifacts.store import open_store
    from nanococoa_aiserver.jobs.service import JobService

    kind = urlsplit(settings.database_url).scheme
    service = JobService(settings, open_store(settings.store_url))
    try:
        service.ping()
    except ServiceError as error:
        return Finding("bad", "Database", f"{kind}: {error.message(terminal_locale())}", "check JOBS_URL and DATA_DIR")
    finally:
        service.close()
    return Finding("ok", "Database", f"{kind} answers")


def disk(settings: Settings) -> Finding:
    folder = settings.data_dir.absolute()
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    found = f"{free / GIGABYTE:.0f} GB free at {folder}"
    if free < GIGABYTE:
        return Finding("bad", "Disk", found, "free some space, or set DATA_DIR to another disk")
    if free < 5 * GIGABYTE:
        return Finding("warn", "Disk", found, "an ad takes some MB: free some space, or lower KEEP_JOBS_DAYS")
    return Finding("ok", "Disk", found)


def docker(settings: Settings) -> Finding:
    """Only ``make up`` needs it."""
    engine = _first_line("docker", "version", "--format", "{{.Server.Version}}")
    if engine is None:
        return Finding("warn", "Docker", "no engine answers", "only make up needs it: install Docker, start it")
    compose = _first_line("docker", "compose", "version", "--short") or _first_line(
        "docker-compose", "version", "--short"
    )
    if compose is None:
        return Finding("warn", "Docker", f"engine {engine}, no Compose", "only make up needs it: install Compose")
    return Finding("ok", "Docker", f"engine {engine}, Compose {compose}")


def _first_line(*command: str) -> str | None:
    """What the command says, or None when it is missing, fails or takes longer than ten seconds."""
    program = shutil.which(command[0])
    if program is None:
        return None
    try:
        done = subprocess.run([program, *command[1:]], capture_output=True, text=True, timeout=10, check=True)  # noqa: S603 fixed words
    except (subprocess.SubprocessError, OSError):
        return None
    return next(iter(done.stdout.splitlines()), None)


Check: TypeAlias = Callable[[Settings], Finding]
CHECKS: Final[tuple[Check, ...]] = (python, chromium, fonts, gpu, llm, database, disk, docker)
