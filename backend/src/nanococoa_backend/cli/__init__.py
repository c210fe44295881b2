"""The command line ``nanococoa-backend``. A command's own imports happen when it runs."""

from __future__ import annotations


def main() -> None:
    """Entry point of the console script."""
    from nanococoa_backend.cli.commands import build_app

    build_app()()
