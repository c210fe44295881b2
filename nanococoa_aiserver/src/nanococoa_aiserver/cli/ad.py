"""``nanococoa ad``: one ad in this process, without server or database."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

import typer

from nanococoa_aiserver.cli.terminal import friendly_errors, messages, parse_box, terminal_locale, write_file

if TYPE_CHECKING:
    from nanococoa_aiserver.ads.local import LocalAd
    from nanococoa_client.schemas import GenerateRequest


Position: TypeAlias = Literal["auto", "top", "center", "bottom", "left", "right"]


def ad(
    photo: Annotated[Path, typer.Option(exists=True, dir_okay=False, readable=True, help="The product's photo")],
    text: Annotated[str, typer.Option(help="The copy, Korean or English")],
    background: Annotated[str, typer.Option(help="What the background should show, in words")],
    out: Annotated[Path, typer.Option(help="A folder, or a file for the first format")],
    style: Annotated[str | None, typer.Option(help="A text style by name or in words")] = None,
    format: Annotated[str, typer.Option(help="Formats, comma-separated, or 'all'")] = "square",  # noqa: A002
    position: Annotated[Position, typer.Option(help="Where the text stands")] = "auto",
    box: Annotated[str | None, typer.Option(help="The product in the photo: x,y,w,h in pixels")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="The same seed makes the same ad")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table")] = False,
) -> None:
    """Make an ad of a photo and a line of copy."""
    with friendly_errors():
        request = {
            "text_content": text,
            "bg_prompt": background,
            "html_style_prompt": style or "",
            "formats": format,
            "text_position": position,
            "product_box": parse_box(box),
            "seed": seed,
            "locale": language_of(text),
        }
        started = time.perf_counter()
        made = _make(request, photo)
        seconds = round(time.perf_counter() - started, 2)
        paths = {name: write_file(path, made.files[name][0]) for name, path in places(made, out).items()}
        (_print_json if as_json else _print_table)(made, paths, seconds)


def language_of(copy: str) -> str:
    """Korean when the copy holds Hangul: built-in words on the picture speak the copy's language."""
    return "ko" if re.search(r"[\uac00-\ud7a3\u3131-\u318e]", copy) else "en"


def places(made: LocalAd, out: Path) -> dict[str, Path]:
    """Path by format: ``FORMAT.png`` in a folder, or ``FILE`` for the first format and ``FILE-FORMAT`` beside it."""
    if not out.suffix or out.is_dir():
        return {name: out / f"{name}{suffix}" for name, (_, suffix) in made.files.items()}
    first = next(iter(made.files))
    stem = out.with_suffix("")
    return {
        name: Path(f"{stem}{suffix}" if name == first else f"{stem}-{name}{suffix}")
        for name, (_, suffix) in made.files.items()
    }


def _make(fields: dict[str, Any], photo: Path) -> LocalAd:
    from nanococoa_aiserver.ads.local import make_ad
    from nanococoa_aiserver.cli.progress import step_progress
    from nanococoa_aiserver.settings import load_settings
    from nanococoa_client.schemas import GenerateRequest

    request: GenerateRequest = GenerateRequest.model_validate(fields)
    with step_progress(request) as on_progress:
        return make_ad(request, photo=photo.read_bytes(), settings=load_settings(), on_progress=on_progress)


def _sentences(made: LocalAd) -> list[str]:
    from nanococoa_client.messages import say

    return [say("warnings", key, terminal_locale(), **details) for key, details in made.warnings]


def _print_json(made: LocalAd, paths: dict[str, Path], seconds: float) -> None:
    answer = {
        "files": {name: str(path) for name, path in paths.items()},
        "seconds": seconds,
        "step_seconds": made.step_seconds,
        "checks": made.checks,
        "warnings": _sentences(made),
    }
    typer.echo(json.dumps(answer, ensure_ascii=False))


def _print_table(made: LocalAd, paths: dict[str, Path], seconds: float) -> None:
    from rich.table import Table

    steps = Table("step", "seconds", box=None, header_style="dim")
    for name, spent in made.step_seconds.items():
        steps.add_row(name, f"{spent:.2f}")
    steps.add_row("all, with start-up", f"{seconds:.2f}", style="bold")
    console = messages()
    console.print(steps)
    for sentence in _sentences(made):
        console.print(f"! {sentence}", style="yellow", markup=False)
    for name, path in paths.items():
        typer.echo(f"{name:<20} {path}")
