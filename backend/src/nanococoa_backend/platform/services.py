"""What routes work with, made once in the lifespan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request

from nanococoa_backend.platform.database import Database
from nanococoa_backend.platform.idempotency import KeptAnswers
from nanococoa_backend.platform.pages import Pages
from nanococoa_backend.platform.passwords import Passwords
from nanococoa_backend.platform.rates import Rates
from nanococoa_backend.platform.store import AssetStore
from nanococoa_backend.platform.watch import AiserverWatch, Bell
from nanococoa_backend.platform.watchers import Watchers
from nanococoa_backend.settings import Settings
from nanococoa_client.api import Aiserver

if TYPE_CHECKING:
    from nanococoa_backend.ads.catalogue import CatalogueWatch
    from nanococoa_backend.ads.writer import Writer
    from nanococoa_backend.chat.live import ChatParts
    from nanococoa_backend.homepages.parts import HomepageParts
    from nanococoa_backend.system.watch import MachineWatch


@dataclass(frozen=True, slots=True)
class Services:
    settings: Settings
    database: Database
    store: AssetStore
    passwords: Passwords
    mailing: Bell
    exporting: Bell
    machine: MachineWatch
    rates: Rates
    kept: KeptAnswers
    pages: Pages
    aiserver: Aiserver
    watch: AiserverWatch
    catalogue: CatalogueWatch
    writer: Writer
    cutting: Bell
    making: Bell
    batching: Bell
    rendering: Bell
    asking: Bell
    posting: Bell
    watchers: Watchers
    chat: ChatParts
    homepages: HomepageParts


def services_of(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


ServicesDep = Annotated[Services, Depends(services_of)]


def address_of(request: Request) -> str:
    """The caller's network address, as far as trusted proxies tell it."""
    return request.client.host if request.client else "unknown"
