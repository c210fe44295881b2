"""``serve``, ``create-admin`` and ``migrate``."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated

import typer

from nanococoa_backend.errors import InvalidField
from nanococoa_backend.messages import Locale
from nanococoa_backend.settings import SettingsError, load_settings
from nanococoa_client.errors import ServiceError

DatabaseUrl = Annotated[str | None, typer.Option(help="sqlite:///… or postgresql://…")]

GRACE_SECONDS = 5
"""Requests under way get this long to end."""

IDLE_SECONDS = 75
"""Connections that rest are kept longer than any caller keeps them (nginx 60, aiohttp 15, httpx 5), so that no request
is sent on one that is just being closed: a lost answer to a POST can't be asked for again."""


def build_app() -> typer.Typer:
    """The whole command line; each function's docstring is its help."""
    app = typer.Typer(
        name="nanococoa-backend",
        help="The web dashboard: a shop's products, ads and brand.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_show_locals=False,
    )
    app.command("serve")(serve)
    app.command("create-admin")(create_admin)
    app.command("migrate")(migrate)
    return app


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on")] = None,
    port: Annotated[int | None, typer.Option(help="8890 by default")] = None,
    database_url: DatabaseUrl = None,
    aiserver_url: Annotated[str | None, typer.Option(help="Where the aiserver answers")] = None,
) -> None:
    """Start the dashboard; its tables are brought up to date first.

    Each flag wins over its environment variable (--host over BACKEND_HOST).
    """
    import uvicorn

    from nanococoa_backend.app import create_app
    from nanococoa_client import tracing

    with friendly_errors():
        settings = load_settings(
            backend_host=host, backend_port=port, database_url=database_url, aiserver_url=aiserver_url
        )
        tracing.start("nanococoa-dashboard")
        uvicorn.run(
            create_app(settings),
            host=settings.backend_host,
            port=settings.backend_port,
            log_config=None,
            access_log=False,
            proxy_headers=True,
            forwarded_allow_ips=settings.trusted_proxies,
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
            timeout_keep_alive=IDLE_SECONDS,
        )


def create_admin(
    email: Annotated[str, typer.Option(prompt=True, help="The administrator's e-mail address")],
    name: Annotated[str, typer.Option(prompt=True, help="What to call the person")],
    password: Annotated[
        str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True, help="Better left to the prompt")
    ],
    database_url: DatabaseUrl = None,
) -> None:
    """Make an account that runs the installation. No account exists before the first one is made."""
    from pydantic import ValidationError

    from nanococoa_backend.accounts.schemas import SignUp
    from nanococoa_backend.accounts.service import AccountService
    from nanococoa_backend.platform.database import Database
    from nanococoa_backend.platform.migrating import upgrade
    from nanococoa_backend.platform.passwords import Passwords
    from nanococoa_backend.platform.problems import invalid_fields

    with friendly_errors():
        settings = load_settings(database_url=database_url)
        database = Database(settings.customers_url)
        try:
            upgrade(database)
            given = SignUp(email=email, name=name, password=password)
            with database.begin() as session:
                AccountService(session, Passwords(), settings.session_days).sign_up(given, is_admin=True)
        except ValidationError as error:
            raise invalid_fields(error.errors()) from None
        finally:
            database.close()
        typer.echo(given.email)


def migrate(
    revision: Annotated[str, typer.Argument(help="An Alembic revision")] = "head", database_url: DatabaseUrl = None
) -> None:
    """Bring the database's tables up to date, or to a revision."""
    from nanococoa_backend.platform.database import Database
    from nanococoa_backend.platform.migrating import upgrade

    with friendly_errors():
        database = Database(load_settings(database_url=database_url).customers_url)
        try:
            upgrade(database, revision)
        finally:
            database.close()


def terminal_locale(environ: Mapping[str, str] = os.environ) -> Locale:
    """Korean where the environment's language is Korean, else English."""
    named = (environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return "ko" if next((value for value in named if value), "").startswith("ko") else "en"


@contextmanager
def friendly_errors() -> Iterator[None]:
    """Expected failures become one line and an exit code: 2 for bad input, 1 for what went wrong here."""
    try:
        yield
    except SettingsError as error:
        typer.secho(str(error), err=True, fg=typer.colors.RED)
        raise typer.Exit(2) from None
    except InvalidField as error:
        typer.secho(" ".join(error.sentences(terminal_locale()).values()), err=True, fg=typer.colors.RED)
        raise typer.Exit(2) from None
    except ServiceError as error:
        typer.secho(error.message(terminal_locale()), err=True, fg=typer.colors.RED)
        raise typer.Exit(1) from None
