"""The page of a finished ad: its pictures as they hang, what was measured on them, what one can do with it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request, Response
from sqlalchemy.orm import Session

from nanococoa_backend.ads.catalogue import format_title, outline
from nanococoa_backend.ads.models import Ad, AdImage, AdVersion
from nanococoa_backend.ads.repository import AdImages, AdVersions
from nanococoa_backend.businesses.visits import ShopDep
from nanococoa_backend.gallery.reading import Finding, findings_of
from nanococoa_backend.gallery.sharing import ShareService
from nanococoa_backend.media.models import Asset
from nanococoa_backend.messages import Locale
from nanococoa_backend.platform.database import SessionDep
from nanococoa_backend.platform.locale import locale_of
from nanococoa_backend.platform.services import Services, ServicesDep
from nanococoa_client.schemas import Checks


@dataclass(frozen=True, slots=True)
class Hung:
    """One finished file as the page shows it."""

    image: AdImage
    asset: Asset
    title: str
    shape: dict[str, float]
    findings: list[Finding]


class FinishedPage:
    def __init__(self, services: Services, session: Session, business_id: uuid.UUID) -> None:
        self._services = services
        self._images, self._versions = AdImages(session), AdVersions(session)
        self._shares = ShareService(session, business_id)

    def render(self, request: Request, ad: Ad, shown: str) -> Response:
        """``shown``: the format to begin with; the first one when there is none of that name."""
        assert ad.version_id is not None
        locale, version = locale_of(request), self._versions.get(ad.version_id)
        hung = self._hung(version, locale)
        return self._services.pages.render(
            request,
            "gallery/ad.html",
            ad=ad,
            version=version,
            hung=hung,
            shown=next((one for one in hung if one.image.format == shown), hung[0]),
            overall=findings_of(Checks.model_validate(version.checks), version.warnings, locale),
            versions=self._versions.of(ad.id),
            before=self._before(ad),
            shares=self._shares.of(ad),
            origin=self._services.settings.public_url,
        )

    def _hung(self, version: AdVersion, locale: Locale) -> list[Hung]:
        known = self._services.catalogue.now
        by_format = Checks.model_validate(version.checks).legibility_by_format
        return [
            Hung(
                image,
                asset,
                format_title(known, image.format, locale),
                outline(image.width, image.height),
                findings_of(Checks(legibility=by_format.get(image.format)), [], locale),
            )
            for image, asset in self._images.of(version.id)
        ]

    def _before(self, ad: Ad) -> uuid.UUID | None:
        """Of an edit the picture it began with."""
        return uuid.UUID(str(ad.request["asset_id"])) if ad.kind == "edit" and ad.request else None


def finished_page(session: SessionDep, services: ServicesDep, visit: ShopDep) -> FinishedPage:
    return FinishedPage(services, session, visit.business.id)


FinishedDep = Annotated[FinishedPage, Depends(finished_page)]
