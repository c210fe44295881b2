"""Webhooks by API: where letters go, what was sent, what came back."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from nanococoa_backend.businesses.visits import OwnerDep
from nanococoa_backend.errors import NotFound
from nanococoa_backend.platform.database import SessionDep
from nanococoa_backend.platform.declared import errors
from nanococoa_backend.platform.paging import Cursor, Limit, cursor_after, itself, page_of, place_of
from nanococoa_backend.platform.services import ServicesDep
from nanococoa_backend.webhooks.models import Delivery
from nanococoa_backend.webhooks.schemas import (
    DeliveryPage,
    DeliveryView,
    FreshWebhook,
    NewWebhook,
    WebhookChange,
    WebhookPage,
    WebhookView,
)
from nanococoa_backend.webhooks.service import WebhookService

router = APIRouter(prefix="/api/v1/webhooks", tags=["webhooks"])


def webhook_service(session: SessionDep, services: ServicesDep, visit: OwnerDep) -> WebhookService:
    return WebhookService(session, visit.business.id, visit.user.id, services.posting)


WebhooksDep = Annotated[WebhookService, Depends(webhook_service)]


@router.get("", summary="List the webhooks of the business", responses=errors(401, 403, 422))
def list_webhooks(webhooks: WebhooksDep, limit: Limit = 24, cursor: Cursor = None) -> WebhookPage:
    """Newest first, each with its address, what it is told of, and whether it is switched on. Owners only."""
    page, more = page_of(webhooks.all(), limit, cursor, itself)
    return WebhookPage(webhooks=[WebhookView.model_validate(row) for row in page], next_cursor=more)


@router.post("", status_code=201, summary="Make a webhook for the business", responses=errors(401, 403, 409, 422))
def make_webhook(webhooks: WebhooksDep, given: NewWebhook) -> FreshWebhook:
    """Letters are signed as Standard Webhooks says, with a secret that is told in this answer alone."""
    row = webhooks.make(given)
    return FreshWebhook(**WebhookView.model_validate(row).model_dump(), secret=row.secret)


@router.patch("/{webhook_id}", summary="Change a webhook", responses=errors(401, 403, 404, 422))
def change_webhook(webhooks: WebhooksDep, webhook_id: uuid.UUID, given: WebhookChange) -> WebhookView:
    """Its address, its events, or whether it is switched on. One that nobody answered for long is switched off."""
    row = webhooks.webhooks.get(webhook_id)
    webhooks.change(row, given)
    return WebhookView.model_validate(row)


@router.delete("/{webhook_id}", status_code=204, summary="Remove a webhook", responses=errors(401, 403, 404))
def remove_webhook(webhooks: WebhooksDep, webhook_id: uuid.UUID) -> Response:
    """Its letters go with it, those that wait too."""
    webhooks.remove(webhooks.webhooks.get(webhook_id))
    return Response(status_code=204)


@router.post(
    "/{webhook_id}/ping", status_code=202, summary="Send a letter to try it out", responses=errors(401, 403, 404)
)
def try_out(webhooks: WebhooksDep, webhook_id: uuid.UUID) -> DeliveryView:
    """Its event is `ping`. Read the deliveries for what came back."""
    return DeliveryView.model_validate(webhooks.try_out(webhooks.webhooks.get(webhook_id)))


@router.get("/{webhook_id}/deliveries", summary="List what was sent", responses=errors(401, 403, 404, 422))
def list_deliveries(
    webhooks: WebhooksDep,
    webhook_id: uuid.UUID,
    limit: Limit = 24,
    cursor: Cursor = None,
) -> DeliveryPage:
    """Newest first, each with how often it was tried and the last answer."""
    row = webhooks.webhooks.get(webhook_id)
    found = webhooks.deliveries.of(row.id, limit + 1, place_of(cursor))
    more = cursor_after(found[limit - 1]) if len(found) > limit else None
    return DeliveryPage(deliveries=[DeliveryView.model_validate(one) for one in found[:limit]], next_cursor=more)


@router.post(
    "/{webhook_id}/deliveries/{delivery_id}/again",
    status_code=202,
    summary="Send a letter once more",
    responses=errors(401, 403, 404),
)
def send_again(webhooks: WebhooksDep, webhook_id: uuid.UUID, delivery_id: uuid.UUID) -> DeliveryView:
    """The same words under the same id, so that a receiver can tell that it has had them."""
    delivery = delivery_of(webhooks, webhook_id, delivery_id)
    webhooks.again(delivery)
    return DeliveryView.model_validate(delivery)


def delivery_of(webhooks: WebhookService, webhook_id: uuid.UUID, delivery_id: uuid.UUID) -> Delivery:
    """Raises NotFound for another webhook's."""
    delivery = webhooks.deliveries.get(delivery_id)
    if delivery.webhook_id != webhook_id:
        raise NotFound
    return delivery
