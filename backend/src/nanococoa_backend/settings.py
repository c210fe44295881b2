"""Settings of the dashboard: environment variables read once, wrong ones refused at start by their name."""

from __future__ import annotations

from email.utils import parseaddr
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_STORES = ("file://", "s3://", "gs://", "az://", "memory://")


class SettingsError(ValueError):
    """A setting that cannot be used; the text names the variable and says what it may be."""


class Settings(BaseSettings):
    """The environment, typed. Field names are the variables' names in lower case, after ``BACKEND_`` where set."""

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True, populate_by_name=True, frozen=True)

    backend_host: str = Field("127.0.0.1", description="Address to listen on; 0.0.0.0 inside a container")
    backend_port: int = Field(8890, ge=1, le=65535)
    public_url: str = Field(
        "http://127.0.0.1:8890", description="How browsers reach the dashboard; https: Secure cookie"
    )
    trusted_proxies: str = Field("127.0.0.1", description="Addresses whose X-Forwarded-For is believed, with commas")
    backend_data_dir: Path = Field(Path("data/backend"), description="Where the default database, files and mail live")
    database_url: str = Field("", description="sqlite:///… or postgresql://…; empty: customers.db in the data folder")
    assets_url: str = Field("", description="file://… or s3://…; empty: assets in the data folder")
    aiserver_url: str = Field("http://127.0.0.1:8000", description="Where the aiserver answers")
    aiserver_token: SecretStr | None = Field(None, description="The aiserver's own token, if it has one")
    sign_up: Literal["open", "closed"] = Field("open", description="closed: accounts are made by create-admin alone")
    token_verify_secret: SecretStr | None = Field(
        None, min_length=16, description="What the MCP server shows to ask about a token; empty: nobody may ask"
    )
    metrics_token: SecretStr | None = Field(
        None, min_length=16, description="What Prometheus shows to read /metrics; empty: there is none"
    )
    webhooks_inside: Literal["refuse", "allow"] = Field(
        "refuse", description="allow: webhooks may go to private addresses, for receivers in one's own network"
    )
    smtp_url: SecretStr | None = Field(
        None, description="smtp://user:password@host:587 (STARTTLS) or smtps://…:465; empty: letters become files"
    )
    mail_from: str = Field("nanoCocoa <no-reply@localhost>", description="Who letters are from")
    homepage_url: str = Field("http://127.0.0.1:8891", description="Where the homepage service answers")
    homepage_token: SecretStr | None = Field(None, description="The homepage service's own token, if it has one")
    inbox_secret: SecretStr | None = Field(
        None, min_length=16, description="Signs messages from homepages; as the homepage service has it"
    )
    mcp_url: str = Field("http://127.0.0.1:3000/mcp", description="Where the MCP server answers")
    mcp_token: SecretStr | None = Field(None, description="Shown to the MCP server, if it asks for tokens")
    openai_api_key: SecretStr | None = Field(None, description="With it (or a base URL) the chat is a language model's")
    openai_base_url: str = Field("", description="Any OpenAI-compatible endpoint; empty: OpenAI's own")
    openai_model: str = Field("gpt-5-mini", description="The language model the chat asks")
    limit_ads_per_month: int | None = Field(None, ge=0, description="Ads a business may ask for in a month; empty: any")
    limit_products: int | None = Field(None, ge=0, description="Products a business may have; empty: any")
    limit_storage_mb: int | None = Field(None, ge=0, description="MB of pictures a business may keep; empty: any")
    limit_members: int | None = Field(None, ge=0, description="People who may work for a business; empty: any")
    session_days: int = Field(30, ge=1, le=365, description="A sign-in lasts this long without a visit")
    log: Literal["text", "json"] = "text"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, url: str) -> str:
        if url and not url.startswith(("sqlite:///", "postgresql://", "postgres://")):
            raise ValueError("must begin with sqlite:/// or postgresql://")
        return url.replace("postgres://", "postgresql://", 1)

    @field_validator("assets_url")
    @classmethod
    def _known_store(cls, url: str) -> str:
        if url and not url.startswith(_STORES):
            raise ValueError(f"must begin with one of {', '.join(_STORES)}")
        return url

    @field_validator("smtp_url")
    @classmethod
    def _mail_server(cls, url: SecretStr | None) -> SecretStr | None:
        parts = urlsplit(url.get_secret_value()) if url else None
        if parts and (parts.scheme not in ("smtp", "smtps") or not parts.hostname):
            raise ValueError("must begin with smtp:// or smtps:// and name a host")
        return url

    @field_validator("mail_from")
    @classmethod
    def _sender(cls, text: str) -> str:
        if "@" not in parseaddr(text)[1] or not text.isprintable():
            raise ValueError("must be an e-mail address, with a name or without")
        return text

    @field_validator("public_url", "aiserver_url", "mcp_url", "homepage_url")
    @classmethod
    def _web_address(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ValueError("must begin with http:// or https:// and name a host")
        return url.rstrip("/")

    @property
    def has_llm(self) -> bool:
        """Whether there is a language model to talk to; without one the chat asks questions of its own."""
        return self.openai_api_key is not None or bool(self.openai_base_url)

    @property
    def customers_url(self) -> str:
        """``DATABASE_URL``, or the SQLite file in the data folder."""
        return self.database_url or f"sqlite:///{self.backend_data_dir.absolute() / 'customers.db'}"

    @property
    def store_url(self) -> str:
        """``ASSETS_URL``, or the folder in the data folder."""
        return self.assets_url or (self.backend_data_dir.absolute() / "assets").as_uri()

    @property
    def mail_dir(self) -> Path:
        return self.backend_data_dir.absolute() / "mail"

    @property
    def is_https(self) -> bool:
        return self.public_url.startswith("https://")

    @property
    def origin(self) -> str:
        """``PUBLIC_URL`` without its path: what a browser's Origin header says."""
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{parts.netloc}"


def load_settings(**overrides: Any) -> Settings:
    """Settings from the environment, flags (``overrides`` that are not None) winning.

    Raises SettingsError naming every variable that is wrong.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        raise SettingsError(_explain(error)) from None


def _explain(error: ValidationError) -> str:
    return "; ".join(f"{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors())
