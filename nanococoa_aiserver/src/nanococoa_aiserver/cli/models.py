"""``nanococoa models``: which models there are, whether they are whole on this machine, and fetching them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nanococoa_aiserver.cli.terminal import FAILED, friendly_errors, messages, terminal_locale

if TYPE_CHECKING:
    from nanococoa_aiserver.cli.model_checks import ModelRow
    from nanococoa_aiserver.engines.diffusion.catalogue import ModelSpec

models = typer.Typer(
    name="models",
    help="Models of the diffusion engine: list, check and fetch their weights.",
    no_args_is_help=True,
    add_completion=False,
)
Names = Annotated[list[str] | None, typer.Argument(help="Models; none: those the settings choose")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table")]


@models.command("list")
def list_models(as_json: AsJson = False) -> None:
    """List the models: what for, licence, size, whether they are here and fit this machine's card."""
    from nanococoa_aiserver.cli.model_checks import model_rows
    from nanococoa_aiserver.settings import load_settings

    with friendly_errors():
        rows = model_rows(load_settings())
    if as_json:
        typer.echo(json.dumps([row._asdict() for row in rows], ensure_ascii=False))
        return
    _echo_rows(rows)


@models.command()
def check(
    names: Annotated[list[str] | None, typer.Argument(help="Models; none: those the settings choose")] = None,
) -> None:
    """Check that every file of the models is here and whole, without loading them; exit code 1 when one is not."""
    from nanococoa_aiserver.engines.diffusion.files import ModelFiles
    from nanococoa_aiserver.settings import load_settings

    with friendly_errors():
        settings = load_settings()
        wanted, files = _chosen(names), ModelFiles(settings)
        problems = {spec.name: files.problem(spec) for spec in wanted}
    for name, problem in problems.items():
        typer.echo(f"{name}: {'ok' if problem is None else problem.message(terminal_locale())}")
    if any(problems.values()):
        raise typer.Exit(FAILED)


@models.command()
def download(names: Names = None) -> None:
    """Fetch models from the Hugging Face hub at their pinned revisions; what is here already is not fetched again."""
    from nanococoa_aiserver.engines.diffusion.files import ModelFiles
    from nanococoa_aiserver.engines.diffusion.licences import check_licence
    from nanococoa_aiserver.settings import load_settings

    with friendly_errors():
        settings = load_settings()
        wanted, files = _chosen(names), ModelFiles(settings)
        for spec in wanted:
            check_licence(spec, accept_noncommercial=settings.accept_noncommercial_models)
        for spec in wanted:
            if not files.available(spec):
                messages().print(
                    f"{spec.name} ({spec.licence}): {spec.hub_id}, about {spec.bytes('bf16') / 1e9:.1f} GB"
                )
                files.download(spec)
            typer.echo(f"{spec.name}: {files.find(spec)}")


@models.command("make-tiny")
def make_tiny_models(
    folder: Annotated[Path, typer.Argument(file_okay=False, help="MODELS_DIR of the tiny checkpoints")],
    names: Annotated[list[str] | None, typer.Argument(help="Models; none: all")] = None,
) -> None:
    """Write tiny checkpoints of the real classes with random weights: for trying and testing without a download."""
    with friendly_errors():
        _require_torch()
        from nanococoa_aiserver.engines.diffusion.tiny import ALL, make_tiny

        make_tiny(folder, names or ALL)
    typer.echo(str(folder))


def _echo_rows(rows: list[ModelRow]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table("name", "for", "licence", "here", "GiB", "on this card", box=None, header_style="dim")
    table.columns[0].no_wrap = True
    for row in rows:
        licence = escape(row.licence) if row.commercial else f"{escape(row.licence)} (not for all commercial use)"
        table.add_row(row.name, row.role, licence, "yes" if row.here else "no", f"{row.gib:.1f}", row.on_card)
    Console(highlight=False).print(table)


def _chosen(names: list[str] | None) -> list[ModelSpec]:
    """Models by name, or those that the settings choose. Raises SettingsError."""
    from nanococoa_aiserver.engines.diffusion.catalogue import find_model
    from nanococoa_aiserver.engines.diffusion.selection import select_models
    from nanococoa_aiserver.settings import load_settings

    return [find_model(name) for name in names] if names else list(select_models(load_settings()).all())


def _require_torch() -> None:
    """Raises ModelUnavailable when the diffusion engine's packages are not installed."""
    from nanococoa_aiserver.cli.model_checks import has_torch
    from nanococoa_aiserver.errors import ModelUnavailable

    if not has_torch():
        raise ModelUnavailable("diffusion_not_installed")
