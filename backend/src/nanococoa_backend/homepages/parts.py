"""What the lifespan makes for homepages, passed on as one."""

from __future__ import annotations

from dataclasses import dataclass

from nanococoa_backend.homepages.watch import HomepageWatch
from nanococoa_backend.platform.homepage_client import HomepageClient
from nanococoa_backend.platform.watch import Bell
from nanococoa_backend.settings import Settings


@dataclass(frozen=True, slots=True)
class HomepageParts:
    """``bell`` wakes the work beside the requests."""

    service: HomepageClient
    watch: HomepageWatch
    bell: Bell


def open_parts(settings: Settings) -> HomepageParts:
    """Nothing is connected before the first use."""
    token = settings.homepage_token
    service = HomepageClient(settings.homepage_url, token.get_secret_value() if token else None)
    return HomepageParts(service, HomepageWatch(service), Bell())
