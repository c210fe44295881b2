"""``nanococoa cutout``: products cut out of their photos, one RGBA picture and one JSON line each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from nanococoa_aiserver.cli.terminal import BAD_INPUT, friendly_errors, parse_box, terminal_locale, write_file

if TYPE_CHECKING:
    from nanococoa_aiserver.settings import Settings

PhotoBox: TypeAlias = tuple[int, int, int, int] | None


def cutout(
    photo: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, readable=True, help="Photos")],
    out_dir: Annotated[Path, typer.Option(file_okay=False, help="Where NAME.png goes for each photo")],
    box: Annotated[str | None, typer.Option(help="The product in the photo: x,y,w,h in pixels")] = None,
) -> None:
    """Cut products out of their photos: NAME.png (RGBA) each, and one JSON line with confidence and verdict."""
    from nanococoa_aiserver.settings import load_settings

    with friendly_errors():
        settings, drawn = load_settings(), parse_box(box)
        lines = [
            _report(source, target, drawn, settings)
            for source, target in zip(photo, target_names(photo, out_dir), strict=True)
        ]
    if any("error" in line for line in lines):
        raise typer.Exit(BAD_INPUT)


def target_names(photos: list[Path], out_dir: Path) -> list[Path]:
    """``NAME.png`` per photo; photos of the same name get ``NAME-2.png`` and so on."""
    seen: dict[str, int] = {}
    names = []
    for photo in photos:
        seen[photo.stem] = count = seen.get(photo.stem, 0) + 1
        names.append(out_dir / (f"{photo.stem}.png" if count == 1 else f"{photo.stem}-{count}.png"))
    return names


def _report(source: Path, target: Path, box: PhotoBox, settings: Settings) -> dict[str, Any]:
    line = {"photo": str(source)} | _cut(source, target, box, settings)
    typer.echo(json.dumps(line, ensure_ascii=False))
    return line


def _cut(source: Path, target: Path, box: PhotoBox, settings: Settings) -> dict[str, Any]:
    """One bad photo is told on its own line and leaves the others to be done."""
    from nanococoa_aiserver.ads.local import cut_out
    from nanococoa_aiserver.errors import ServiceError

    try:
        done = cut_out(source.read_bytes(), box, settings)
    except ServiceError as error:
        return {"error": {"code": error.code, "message": error.message(terminal_locale())}}
    write_file(target, done.png)
    return {
        "file": str(target),
        "confidence": round(done.confidence, 3),
        "verdict": done.verdict,
        "seconds": done.seconds,
    }
