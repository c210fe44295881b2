"""``resume`` with changes: the changed request is checked as a whole, then only what changed goes to the fork."""

from __future__ import annotations

from typing import Any, Final

from pydantic import ValidationError

from nanococoa_aiserver.api.edit_params import edit_params
from nanococoa_aiserver.api.params import ad_params
from nanococoa_aiserver.api.pictures import Pictures
from nanococoa_aiserver.api.reasons import explain
from nanococoa_aiserver.errors import InvalidParameter, JobNotResumable
from nanococoa_aiserver.jobs.models import JobView
from nanococoa_aiserver.jobs.names import HEAVY
from nanococoa_client.messages import Locale, say
from nanococoa_client.schemas import EditRequest, GenerateRequest

_FIXED: Final = ("idempotency_key", "priority")


def changed_params(
    view: JobView, from_step: str, changes: dict[str, Any], pictures: Pictures, locale: Locale
) -> dict[str, Any]:
    """The job's params that ``changes`` alter. Raises what ``POST /generate`` would for the same values."""
    if view.kind not in HEAVY:
        raise JobNotResumable(status=view.status, job_id=view.id)
    if from_step not in HEAVY[view.kind]:
        known = ", ".join(HEAVY[view.kind])
        raise InvalidParameter(field="from_step", reason=say("reasons", "step", locale, known=known))
    if not changes:
        return {}
    after = _params(view, changes, pictures, locale)
    return {name: value for name, value in after.items() if view.params.get(name) != value and name not in _FIXED}


def _params(view: JobView, changes: dict[str, Any], pictures: Pictures, locale: Locale) -> dict[str, Any]:
    """What the job's row would keep of the changed request."""
    model = EditRequest if view.kind == "edit" else GenerateRequest
    before = {name: value for name, value in view.params.items() if name in model.model_fields}
    try:
        request = model.model_validate(before | changes)
    except ValidationError as error:
        found: list[Any] = error.errors(include_url=False, include_input=False)
        raise explain(found, locale, model) from None
    language = as_before(view, request, changes)
    if isinstance(request, EditRequest):
        return edit_params(request, {}, pictures, language)
    return ad_params(request, {}, pictures, language)


def as_before(view: JobView, request: GenerateRequest | EditRequest, changes: dict[str, Any]) -> Locale:
    """A version speaks its job's language, unless that is what is to change."""
    return request.locale if "locale" in changes else ("en" if view.locale == "en" else "ko")
