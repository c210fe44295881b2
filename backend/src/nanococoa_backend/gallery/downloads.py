"""Finished files as they were made, one or many, under names a person can read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from fastapi import Response
from fastapi.responses import StreamingResponse

from nanococoa_backend.ads.catalogue import format_title
from nanococoa_backend.ads.models import Ad, AdImage
from nanococoa_backend.ads.service import AdService
from nanococoa_backend.errors import NotFound
from nanococoa_backend.gallery.names import disposition, file_name
from nanococoa_backend.gallery.zipping import MEDIA_TYPE, Entry, zip_of
from nanococoa_backend.media.models import Asset
from nanococoa_backend.messages import Locale
from nanococoa_backend.platform.services import Services

MOST_ADS: Final = 60
"""Ads in one ZIP."""


class Downloads:
    """``shop`` begins every name."""

    def __init__(self, services: Services, ads: AdService, shop: str, locale: Locale) -> None:
        self._services, self._ads = services, ads
        self._shop, self._locale = shop, locale

    def one(self, ad: Ad, format_name: str) -> Response:
        """Raises NotFound."""
        for image, asset in self._ads.files(ad):
            if image.format == format_name:
                data = self._services.store.get(asset.original)
                name = self._name(ad, image, asset)
                headers = {"Content-Disposition": disposition(name), "Cache-Control": "private, no-cache"}
                return Response(data, media_type=_TYPES[_suffix(asset)], headers=headers)
        raise NotFound

    def all(self, ads: Sequence[Ad]) -> Response:
        """Raises NotFound when there is no finished file."""
        entries = [
            Entry(self._name(ad, image, asset), asset.original, ad.finished_at or ad.created_at)
            for ad in ads
            for image, asset in self._ads.files(ad)
        ]
        if not entries:
            raise NotFound
        name = file_name(self._shop, ads[0].title if len(ads) == 1 else "", suffix="zip")
        headers = {"Content-Disposition": disposition(name), "Cache-Control": "private, no-cache"}
        return StreamingResponse(zip_of(self._services.store, entries), media_type=MEDIA_TYPE, headers=headers)

    def _name(self, ad: Ad, image: AdImage, asset: Asset) -> str:
        title = format_title(self._services.catalogue.now, image.format, self._locale)
        return file_name(self._shop, ad.title, title, suffix=_suffix(asset))


_TYPES = {"png": "image/png", "jpg": "image/jpeg"}


def _suffix(asset: Asset) -> str:
    return asset.original.rpartition(".")[2]
