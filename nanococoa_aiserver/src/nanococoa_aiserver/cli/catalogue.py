"""``nanococoa formats`` and ``nanococoa fonts``: what one can choose from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table")]


def formats(as_json: AsJson = False) -> None:
    """List the placements an ad can be made for: pixels, byte limit, source."""
    from nanococoa_aiserver.ads.formats import load_formats

    specs = list(load_formats().values())
    if as_json:
        _echo_json([spec.model_dump(mode="json") for spec in specs])
        return
    rows = [(spec.name, f"{spec.width}×{spec.height}", _kilobytes(spec.byte_limit), spec.title_en) for spec in specs]
    _echo_table(("name", "pixels", "limit", "placement"), rows)


def fonts(as_json: AsJson = False) -> None:
    """List the font families the text styles use, and which of them are installed here."""
    from nanococoa_aiserver.layout.fonts import available

    families = available()
    if as_json:
        _echo_json([family.model_dump(mode="json") for family in families])
        return
    rows = [
        (
            family.family,
            "yes" if family.available else f"no: {family.source}",
            family.category,
            str(family.hangul_syllables),
        )
        for family in families
    ]
    _echo_table(("family", "installed", "kind", "hangul"), rows)


def _kilobytes(limit: int | None) -> str:
    return "" if limit is None else f"{limit // 1000:,} kB"


def _echo_json(rows: Sequence[object]) -> None:
    typer.echo(json.dumps(rows, ensure_ascii=False))


def _echo_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(*head, box=None, header_style="dim")
    for row in rows:
        table.add_row(*row)
    Console(highlight=False).print(table)
