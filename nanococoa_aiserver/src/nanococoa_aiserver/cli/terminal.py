"""What every command shares: the terminal, the person's language, and failures said in one line."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from nanococoa_client.messages import Locale

BAD_INPUT = 2
FAILED = 1


def terminal_locale(environ: Mapping[str, str] = os.environ) -> Locale:
    """Korean where the environment's language is Korean, else English."""
    named = (environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return "ko" if next((value for value in named if value), "").startswith("ko") else "en"


def messages() -> Console:
    """Where progress and words for a person go: stderr, so that stdout stays machine-readable."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


def fail(text: str, code: int = BAD_INPUT) -> NoReturn:
    """End the command with one line on stderr."""
    typer.secho(text, err=True, fg=typer.colors.RED)
    raise typer.Exit(code)


@contextmanager
def friendly_errors() -> Iterator[None]:
    """Expected failures become their message and an exit code: 2 for bad input, 1 for what went wrong here."""
    from pydantic import ValidationError

    from nanococoa_aiserver.errors import ServiceError
    from nanococoa_aiserver.settings import SettingsError

    try:
        yield
    except ServiceError as error:
        fail(error.message(terminal_locale()), BAD_INPUT if error.status < 500 else FAILED)
    except ValidationError as error:
        fail("; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()))
    except SettingsError as error:
        fail(str(error))
    except OSError as error:
        fail(str(error), FAILED)


def parse_box(text: str | None) -> tuple[int, int, int, int] | None:
    """``x,y,w,h`` in pixels of the photo. Raises ``typer.BadParameter``."""
    if text is None:
        return None
    try:
        x, y, width, height = (int(part) for part in text.split(","))
    except ValueError:
        raise typer.BadParameter("a box is four whole numbers: x,y,width,height") from None
    if min(x, y) < 0 or min(width, height) < 1:
        raise typer.BadParameter("a box lies inside the photo and is at least one pixel large")
    return x, y, width, height


def write_file(path: Path, data: bytes) -> Path:
    """Write ``data``, making the folders on the way."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path
