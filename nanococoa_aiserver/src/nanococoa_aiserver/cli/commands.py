"""All commands put together: one module per group, none of which imports pictures, browser or server at import."""

from __future__ import annotations

import typer

from nanococoa_aiserver.cli.ad import ad
from nanococoa_aiserver.cli.bench import bench
from nanococoa_aiserver.cli.catalogue import fonts, formats
from nanococoa_aiserver.cli.cutout import cutout
from nanococoa_aiserver.cli.doctor import doctor
from nanococoa_aiserver.cli.jobs import jobs
from nanococoa_aiserver.cli.models import models
from nanococoa_aiserver.cli.server import serve, worker

PASSES_ON = {"bench": {"ignore_unknown_options": True}}
"""Commands whose arguments may be another program's options."""
COMMANDS = (ad, cutout, serve, worker, jobs, formats, fonts, bench, doctor)


def build_app() -> typer.Typer:
    """The whole command line; each function's docstring is its help."""
    app = typer.Typer(
        name="nanococoa",
        help="One product photo and a line of copy become finished ad images.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_show_locals=False,
    )
    for command in COMMANDS:
        app.command(command.__name__, context_settings=PASSES_ON.get(command.__name__))(command)
    app.add_typer(models)
    return app
