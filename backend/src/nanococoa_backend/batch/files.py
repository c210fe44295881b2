"""What a run gives to take along: all pictures as one ZIP, the results as a table, an empty list to fill in."""

from __future__ import annotations

from typing import Final

from fastapi import Response
from fastapi.responses import StreamingResponse

from nanococoa_backend.ads.catalogue import format_title
from nanococoa_backend.batch.models import BatchRun
from nanococoa_backend.batch.results import results_table
from nanococoa_backend.batch.service import BatchService
from nanococoa_backend.gallery.names import disposition, file_name
from nanococoa_backend.gallery.zipping import MEDIA_TYPE, Entry, zip_of
from nanococoa_backend.messages import Locale, say
from nanococoa_backend.platform.services import Services

CSV: Final = "text/csv; charset=utf-8"
FINISHED: Final = ("passed", "look")


def files_answer(services: Services, runs: BatchService, run: BatchRun, locale: Locale) -> Response | None:
    """None while no ad is finished."""
    known, entries = services.catalogue.now, []
    for result in runs.results(run):
        ad = result.shown.ad
        if ad is None or result.state not in FINISHED:
            continue
        for image, asset in runs.files(ad):
            suffix = asset.original.rpartition(".")[2]
            title = format_title(known, image.format, locale)
            number = f"{result.shown.item.position + 1:03}"
            name = file_name(number, result.shown.item.name, title, suffix=suffix)
            entries.append(Entry(name, asset.original, ad.finished_at or ad.created_at))
    if not entries:
        return None
    headers = {"Content-Disposition": disposition(file_name(run.name, suffix="zip"))}
    return StreamingResponse(zip_of(services.store, entries), media_type=MEDIA_TYPE, headers=headers)


def results_answer(services: Services, runs: BatchService, run: BatchRun, locale: Locale) -> Response:
    table = results_table(runs.results(run), services.settings.public_url.rstrip("/"), locale)
    return _csv(table, file_name(run.name, suffix="csv"))


def empty_list(locale: Locale) -> Response:
    """Two rows that show how it is meant; with the mark that tells Excel the encoding."""
    content = say(locale, "batch.template").strip().replace("\n", "\r\n") + "\r\n"
    return _csv(b"\xef\xbb\xbf" + content.encode(), say(locale, "batch.template_name"))


def _csv(content: bytes, name: str) -> Response:
    return Response(content, media_type=CSV, headers={"Content-Disposition": disposition(name)})
