"""``nanococoa doctor``: what works on this machine, and what to do about the rest."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from nanococoa_aiserver.cli.terminal import FAILED, friendly_errors

if TYPE_CHECKING:
    from nanococoa_aiserver.cli.checks import Finding


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table")] = False,
) -> None:
    """Check Python, Chromium, fonts, GPU, LLM endpoint, database, disk, Docker and models; say what to do."""
    from nanococoa_aiserver.cli.checks import CHECKS
    from nanococoa_aiserver.cli.model_checks import MODEL_CHECKS
    from nanococoa_aiserver.settings import load_settings

    with friendly_errors():
        settings = load_settings()
    findings = [check(settings) for check in (*CHECKS, *MODEL_CHECKS)]
    if as_json:
        typer.echo(json.dumps([finding._asdict() for finding in findings], ensure_ascii=False))
    else:
        _echo_table(findings)
    if any(finding.verdict == "bad" for finding in findings):
        raise typer.Exit(FAILED)


def _echo_table(findings: list[Finding]) -> None:
    from rich.console import Console
    from rich.table import Table

    styles = {"ok": "green", "warn": "yellow", "bad": "red"}
    table = Table("", "", "found", "what to do", box=None, header_style="dim")
    for finding in findings:
        verdict = f"[{styles[finding.verdict]}]{finding.verdict}[/]"
        table.add_row(verdict, finding.name, finding.found, finding.advice)
    Console(highlight=False).print(table)
