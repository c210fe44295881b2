"""Settings of the MCP server: environment variables read once, wrong ones refused at start by their name."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Any, Final, Literal, TypeAlias
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

Names: TypeAlias = Annotated[tuple[str, ...], NoDecode]
LOOPBACK: Final = ("127.0.0.1", "localhost", "[::1]")
MIN_SECRET: Final = 16
"""Characters under which a token or a key can be guessed."""


class SettingsError(ValueError):
    """A setting that cannot be used; the text names the variable and says what it may be."""


class Settings(BaseSettings):
    """The environment, typed. Field names are the variables' names in lower case."""

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True, populate_by_name=True, frozen=True)

    mcp_host: str = Field("127.0.0.1", description="Address to listen on; 0.0.0.0 inside a container")
    mcp_port: int = Field(3000, ge=1, le=65535)
    mcp_allowed_hosts: Names = Field((), description="Host headers that are answered, with commas; loopback always is")
    mcp_allowed_origins: Names = Field((), description="Origins of web pages that may call, with commas")
    mcp_tokens: SecretStr = Field(SecretStr(""), description="Bearer tokens that are let in, with commas")
    mcp_token_url: str = Field("", description="Asked about other tokens; the dashboard's /api/v1/tokens/verify")
    mcp_token_secret: SecretStr = Field(SecretStr(""), description="Shown there; the dashboard's TOKEN_VERIFY_SECRET")
    mcp_allow_anonymous: bool = Field(False, description="1: listen beyond loopback without any token")
    mcp_link_key: SecretStr = Field(SecretStr(""), description="Signs image addresses; one for all replicas")
    mcp_link_hours: float = Field(24, gt=0, le=24 * 30, description="Image addresses are good for this long")
    public_url: str = Field("", description="How clients reach this server's /images; empty: its own address")
    aiserver_url: str = Field("http://127.0.0.1:8000", description="Where the aiserver answers")
    aiserver_token: SecretStr | None = Field(None, description="The aiserver's own token, if it has one")
    homepage_url: str = Field("http://127.0.0.1:8891", description="Where the homepage generator answers")
    homepage_token: SecretStr | None = Field(None, description="The homepage generator's own token, if it has one")
    metrics_token: SecretStr | None = Field(
        None, min_length=16, description="What Prometheus shows to read /metrics; empty: there is none"
    )
    log: Literal["text", "json"] = Field("text", description="Log format")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("mcp_allowed_hosts", "mcp_allowed_origins", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("mcp_allowed_hosts", "mcp_allowed_origins")
    @classmethod
    def _no_wildcard(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if any(name.startswith("*") for name in names):
            raise ValueError("name each one; * would let every web page in")
        return names

    @field_validator("public_url", "aiserver_url", "homepage_url", "mcp_token_url")
    @classmethod
    def _web_address(cls, url: str) -> str:
        parts = urlsplit(url)
        if url and (parts.scheme not in ("http", "https") or not parts.netloc):
            raise ValueError("must begin with http:// or https:// and name a host")
        return url.rstrip("/")

    @field_validator("mcp_tokens", "mcp_token_secret", "mcp_link_key")
    @classmethod
    def _long_enough(cls, secret: SecretStr) -> SecretStr:
        if any(len(part) < MIN_SECRET for part in _parts(secret)):
            raise ValueError(f"must have {MIN_SECRET} characters at least: openssl rand -hex 32 makes a good one")
        return secret

    @property
    def tokens(self) -> tuple[str, ...]:
        return _parts(self.mcp_tokens)

    @property
    def asks_for_token(self) -> bool:
        return bool(self.tokens or self.mcp_token_url)

    @property
    def hosts(self) -> tuple[str, ...]:
        """Host headers that are answered besides loopback's: those that are named, and the public address's own."""
        public = urlsplit(self.public_url).netloc
        return (*self.mcp_allowed_hosts, *((public,) if public else ()))

    @property
    def public_address(self) -> str:
        """``PUBLIC_URL``, or this server's own address as a client on this machine reaches it."""
        host = self.mcp_host if is_loopback(self.mcp_host) else "127.0.0.1"
        return self.public_url or f"http://{host}:{self.mcp_port}"

    def check_exposure(self) -> None:
        """Refuse to be open to the network by oversight. Raises SettingsError."""
        if self.mcp_token_url and not self.mcp_token_secret.get_secret_value():
            raise SettingsError("MCP_TOKEN_SECRET: must be the secret that MCP_TOKEN_URL asks its callers for")
        if is_loopback(self.mcp_host):
            return
        if not self.hosts:
            raise SettingsError(
                f"MCP_ALLOWED_HOSTS: must name the hosts clients use when MCP_HOST is {self.mcp_host} (or PUBLIC_URL)"
            )
        if not self.asks_for_token and not self.mcp_allow_anonymous:
            raise SettingsError(
                "MCP_TOKENS: set tokens (or MCP_TOKEN_URL) when MCP_HOST is not loopback; "
                "MCP_ALLOW_ANONYMOUS=1 lets anyone in who reaches the port"
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
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _parts(secret: SecretStr) -> tuple[str, ...]:
    return tuple(part.strip() for part in secret.get_secret_value().split(",") if part.strip())


def _explain(error: ValidationError) -> str:
    return "; ".join(f"{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors())
