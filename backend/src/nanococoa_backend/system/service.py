"""The state of the system as one person may see it."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from nanococoa_backend.ads.models import Ad
from nanococoa_backend.messages import Locale, say
from nanococoa_backend.platform.tables import now
from nanococoa_backend.system.machine import Machine
from nanococoa_backend.system.schemas import (
    FailureView,
    LaneView,
    MachineView,
    QualityView,
    Said,
    ServiceView,
    SystemView,
)
from nanococoa_backend.system.summary import summary_of

RECENT: Final = 10


def system_view(session: Session, machine: Machine, locale: Locale, *, is_admin: bool) -> SystemView:
    """Failures are the session's business' own; how the machine is built is for administrators."""
    summary, readings = summary_of(machine), machine.readings
    text = say(locale, f"system.say.{summary.key}", minutes=summary.minutes)
    view = SystemView(
        said=Said(key=summary.key, state=summary.state, text=text),
        looked_at=machine.looked_at,
        engine=machine.engine,
        services=[
            ServiceView(name=one.name, state=one.state, ms=one.ms if is_admin else None) for one in machine.answers
        ],
        lanes=[
            LaneView(name=lane.name, waiting=lane.waiting, running=lane.running, wait_seconds=lane.wait)
            for lane in readings.lanes
        ],
        quality=QualityView(self_check=readings.self_check, legible=readings.legible, confidence=readings.confidence),
        failures=recent_failures(session, locale),
        machine=_told(machine) if is_admin else None,
        version="",
    )
    return view.model_copy(update={"version": _version(view)})


def recent_failures(session: Session, locale: Locale) -> list[FailureView]:
    """Of the session's business, with the reason in words."""
    query = sa.select(Ad).where(Ad.status == "failed", Ad.deleted_at.is_(None))
    query = query.order_by(Ad.finished_at.desc().nulls_last(), Ad.id).limit(RECENT)
    return [_failure(ad, locale) for ad in session.scalars(query)]


def _failure(ad: Ad, locale: Locale) -> FailureView:
    problem: dict[str, Any] = ad.problem or {}
    told = problem.get("message_en") if locale == "en" else None
    reason = told or problem.get("message") or say(locale, "system.failure_unknown")
    return FailureView(
        ad_id=ad.id,
        title=ad.title,
        at=ad.finished_at or ad.created_at or now(),
        code=str(problem.get("code", "")),
        reason=str(reason),
    )


def _told(machine: Machine) -> MachineView:
    readings = machine.readings
    return MachineView(
        engine_note=machine.engine_note,
        workers=readings.workers,
        jobs=readings.jobs,
        out_of_memory=readings.out_of_memory,
        free=machine.free,
        gpus=[asdict(gpu) for gpu in readings.gpus],
    )


def _version(view: SystemView) -> str:
    """Times and milliseconds change always; a page need not be made anew for them."""
    shown = view.model_dump_json(exclude={"looked_at": True, "services": {"__all__": {"ms"}}})
    return hashlib.sha256(shown.encode()).hexdigest()[:16]
