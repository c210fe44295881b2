"""The command line ``nanococoa``. A command's own imports happen when it runs, so that ``serve`` is up quickly."""

from __future__ import annotations


def main() -> None:
    """Entry point of the console script."""
    from nanococoa_aiserver.cli.commands import build_app

    build_app()()
