"""Pages of webhooks: where they go, what was sent."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from nanococoa_backend.errors import TooManyWebhooks
from nanococoa_backend.platform.forms import Form, empty, form_of
from nanococoa_backend.platform.locale import locale_of
from nanococoa_backend.platform.pages import go_on
from nanococoa_backend.platform.paging import cursor_after, place_of
from nanococoa_backend.platform.services import Services, ServicesDep
from nanococoa_backend.webhooks.api import WebhooksDep, delivery_of
from nanococoa_backend.webhooks.schemas import EVENTS, NewWebhook, WebhookChange
from nanococoa_backend.webhooks.service import WebhookService

router = APIRouter(prefix="/business/webhooks", include_in_schema=False)

PAGE = 24
WebhookForm = Annotated[Form[NewWebhook], Depends(form_of(NewWebhook))]
SwitchForm = Annotated[Form[WebhookChange], Depends(form_of(WebhookChange))]


@router.get("")
def webhooks_page(request: Request, services: ServicesDep, webhooks: WebhooksDep) -> Response:
    return _page(services, webhooks, empty(request, url="https://"))


@router.post("")
def make(services: ServicesDep, webhooks: WebhooksDep, form: WebhookForm) -> Response:
    """Answers with the page itself: the secret is on it and nowhere else."""
    if form.given is None:
        return _page(services, webhooks, form, status=422)
    try:
        row = webhooks.make(form.given)
    except TooManyWebhooks as error:
        form.errors["url"] = error.message(locale_of(form.request))
        return _page(services, webhooks, form, status=error.status)
    return _page(services, webhooks, empty(form.request, url="https://"), row.secret)


@router.get("/{webhook_id}")
def webhook_page(
    request: Request, services: ServicesDep, webhooks: WebhooksDep, webhook_id: uuid.UUID, after: str = ""
) -> Response:
    row = webhooks.webhooks.get(webhook_id)
    found = webhooks.deliveries.of(row.id, PAGE + 1, place_of(after))
    more = cursor_after(found[PAGE - 1]) if len(found) > PAGE else None
    return services.pages.render(request, "webhooks/webhook.html", row=row, deliveries=found[:PAGE], more=more)


@router.post("/{webhook_id}/switch")
def switch(webhooks: WebhooksDep, webhook_id: uuid.UUID, form: SwitchForm) -> Response:
    row = webhooks.webhooks.get(webhook_id)
    webhooks.change(row, WebhookChange(is_active=form.model.is_active))
    return go_on(f"/business/webhooks/{row.id}", "saved")


@router.post("/{webhook_id}/ping")
def ping(webhooks: WebhooksDep, webhook_id: uuid.UUID) -> Response:
    webhooks.try_out(webhooks.webhooks.get(webhook_id))
    return go_on(f"/business/webhooks/{webhook_id}", "webhook_pinged")


@router.post("/{webhook_id}/remove")
def remove(webhooks: WebhooksDep, webhook_id: uuid.UUID) -> Response:
    webhooks.remove(webhooks.webhooks.get(webhook_id))
    return go_on("/business/webhooks", "webhook_removed")


@router.post("/{webhook_id}/deliveries/{delivery_id}/again")
def again(webhooks: WebhooksDep, webhook_id: uuid.UUID, delivery_id: uuid.UUID) -> Response:
    webhooks.again(delivery_of(webhooks, webhook_id, delivery_id))
    return go_on(f"/business/webhooks/{webhook_id}", "webhook_again")


def _page(
    services: Services, webhooks: WebhookService, form: Form[Any], secret: str = "", status: int = 200
) -> Response:
    return services.pages.render(
        form.request,
        "webhooks/webhooks.html",
        status,
        form=form,
        rows=webhooks.all(),
        events=EVENTS,
        secret=secret,
    )
