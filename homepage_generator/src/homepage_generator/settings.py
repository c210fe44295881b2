"""Settings of the homepage generator: environment variables read once, wrong ones refused at start by their name."""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

MIN_SECRET: Final = 16
"""Characters under which a token can be guessed."""

HOST_NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")


class SettingsError(ValueError):
    """A setting that cannot be used; the text names the variable and says what it may be."""


class Settings(BaseSettings):
    """The environment, typed. Field names are the variables' names in lower case."""

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True, populate_by_name=True, frozen=True)

    homepage_host: str = Field("127.0.0.1", description="Address to listen on; 0.0.0.0 inside a container")
    homepage_port: int = Field(8891, ge=1, le=65535)
    homepage_data_dir: Path = Field(Path("data/homepages"), description="Where the database and the files live")
    sites_dir: Path | None = Field(None, description="Versions and published pages; empty: sites in HOMEPAGE_DATA_DIR")
    database_url: str = Field("", description="sqlite:///… or postgresql://…; empty: homepages.db in HOMEPAGE_DATA_DIR")
    homepage_token: SecretStr | None = Field(None, description="When set, everything but pages and /health asks for it")
    public_url: str = Field("", description="How visitors reach /sites/, as https://shop.example; empty: this server")
    sites_host: str = Field("", description="Host of pages alone, by PUBLIC_URL's scheme and port; empty: PUBLIC_URL's")
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Addresses of proxies whose X-Forwarded-For is believed, with commas; * for any"
    )

    workers: int = Field(2, ge=0, le=16, alias="homepage_workers", description="Pages made at the same time")
    queue_limit: int = Field(100, ge=1, alias="homepage_queue_limit", description="Waiting jobs before QUEUE_FULL")
    keep_jobs_days: float = Field(30, gt=0, description="Finished jobs and their screenshots are deleted after this")
    keep_versions: int = Field(100, ge=2, le=1000, description="Versions of a page that are kept")

    openai_api_key: SecretStr | None = Field(None, description="With it (or a base URL) an LLM plans and writes")
    openai_base_url: str | None = Field(None, description="Any OpenAI-compatible endpoint")
    openai_model: str = Field("gpt-5-mini", description="Plans, designs and writes")
    llm_seconds: float = Field(60, gt=0, le=600, description="For one answer of the LLM")
    llm_tokens: int = Field(60_000, ge=1000, description="For one page; past it the built-in agents finish")
    llm_sees: bool = Field(True, description="Show the reviewer screenshots, where the model takes pictures")

    aiserver_url: str = Field("http://127.0.0.1:8000", description="Where pictures named by an artifact id are fetched")
    aiserver_token: SecretStr | None = Field(None, description="The aiserver's own token, if it has one")
    inbox_url: str = Field("", description="Where contact messages are sent; empty: they are kept here alone")
    inbox_secret: SecretStr | None = Field(None, description="Signs them (Standard Webhooks); the dashboard's own")

    chromium_path: Path | None = Field(None, description="Empty: looked for on PATH, then Playwright's own")
    axe_path: Path | None = Field(None, description="Another axe.min.js for the gate; empty: the one installed with it")
    log: Literal["text", "json"] = Field("text", description="Log format")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        for one in given:
            if one != "*":
                ip_network(one, strict=False)
        return given

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, url: str) -> str:
        if url and not url.startswith(("sqlite:///", "postgresql://", "postgres://")):
            raise ValueError("must begin with sqlite:/// or postgresql://")
        return url.replace("postgres://", "postgresql://", 1)

    @field_validator("public_url", "aiserver_url", "inbox_url", "openai_base_url")
    @classmethod
    def _web_address(cls, url: str | None) -> str | None:
        parts = urlsplit(url or "")
        if url and (parts.scheme not in ("http", "https") or not parts.netloc):
            raise ValueError("must begin with http:// or https:// and name a host")
        return url.rstrip("/") if url else url

    @field_validator("sites_host")
    @classmethod
    def _host_alone(cls, host: str) -> str:
        if host and not HOST_NAME.fullmatch(host):
            raise ValueError("must be a host's name alone, as pages.example")
        return host

    @field_validator("homepage_token", "inbox_secret")
    @classmethod
    def _long_enough(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None and len(secret.get_secret_value()) < MIN_SECRET:
            raise ValueError(f"must have {MIN_SECRET} characters at least: openssl rand -hex 32 makes a good one")
        return secret

    @property
    def jobs_url(self) -> str:
        """``DATABASE_URL``, or the SQLite file in ``HOMEPAGE_DATA_DIR``."""
        return self.database_url or f"sqlite:///{self.homepage_data_dir.absolute() / 'homepages.db'}"

    @property
    def sites(self) -> Path:
        return (self.sites_dir or self.homepage_data_dir / "sites").absolute()

    @property
    def media(self) -> Path:
        return self.homepage_data_dir.absolute() / "media"

    @property
    def public_address(self) -> str:
        """``PUBLIC_URL`` or this server's own address, as a browser on this machine reaches it, with ``SITES_HOST``."""
        host = self.homepage_host if is_loopback(self.homepage_host) else "127.0.0.1"
        known = urlsplit(self.public_url or f"http://{host}:{self.homepage_port}")
        if not self.sites_host:
            return known.geturl()
        port = "" if known.port is None else f":{known.port}"
        return f"{known.scheme}://{self.sites_host}{port}"

    @property
    def has_llm(self) -> bool:
        return bool(self.openai_api_key or self.openai_base_url)

    def check_exposure(self) -> None:
        """Refuse to be open to the network, or half configured, by oversight. Raises SettingsError."""
        if self.inbox_url and self.inbox_secret is None:
            raise SettingsError("INBOX_SECRET: must be the secret by which INBOX_URL knows its senders")
        if self.homepage_token is None and not is_loopback(self.homepage_host):
            raise SettingsError(
                "HOMEPAGE_TOKEN: set a token when HOMEPAGE_HOST is not loopback; openssl rand -hex 32 makes a good one"
            )


def load_settings(**overrides: Any) -> Settings:
    """Settings from the environment, flags (``overrides`` that are not None) winning.

    Raises SettingsError naming every variable that is wrong.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        raise SettingsError(_explain(error)) from None


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _explain(error: ValidationError) -> str:
    return "; ".join(f"{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors())
