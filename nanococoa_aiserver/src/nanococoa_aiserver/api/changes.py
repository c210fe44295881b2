"""``resume`` with changes: the changed request is checked as a whole, then only what changed goes to the fork."""

from __future__ import annotations

from typing import Any, Final

from pydantic import ValidationError

from nanococoa_aiserver.api.params import ad_params
from nanococoa_aiserver.api.pictures import Pictures
from nanococoa_aiserver.api.reasons import explain
from nanococoa_aiserver.errors import InvalidParameter, JobNotResumable
from nanococoa_aiserver.jobs.models import JobView
from nanococoa_aiserver.jobs.names import AD_STEPS
from nanococoa_client.messages import Locale, say
from nanococoa_client.schemas import GenerateRequest

_FIXED: Final = ("idempotency_key", "priority")


def changed_params(
    view: JobView, from_step: str, changes: dict[str, Any], pictures: Pictures, locale: Locale
) -> dict[str, Any]:
    """The job's params that ``changes`` alter. Raises what ``POST /generate`` would for the same values."""
    if view.kind != "ad":
        raise JobNotResumable(status=view.status, job_id=view.id)
    if from_step not in AD_STEPS:
        raise InvalidParameter(field="from_step", reason=say("reasons", "step", locale, known=", ".join(AD_STEPS)))
    if not changes:
        return {}
    before = {name: value for name, value in view.params.items() if name in GenerateRequest.model_fields}
    try:
        request = GenerateRequest.model_validate(before | changes)
    except ValidationError as error:
        found: list[Any] = error.errors(include_url=False, include_input=False)
        raise explain(found, locale, GenerateRequest) from None
    after = ad_params(request, {}, pictures, as_before(view, request, changes))
    return {name: value for name, value in after.items() if view.params.get(name) != value and name not in _FIXED}


def as_before(view: JobView, request: GenerateRequest, changes: dict[str, Any]) -> Locale:
    """A version speaks its ad's language, unless that is what is to change."""
    return request.locale if "locale" in changes else ("en" if view.locale == "en" else "ko")
