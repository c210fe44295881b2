"""What a job's row keeps of what was asked, and how it becomes the graph's work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from homepage_generator.jobs.models import Job
from homepage_generator.publish.sites import SiteStore
from homepage_generator.spec.brief import Brief
from homepage_generator.spec.site import SiteSpec
from homepage_generator.spec.work import Approval, EditAsked, Work


def making(brief: Brief, warnings: list[str], *, publish: bool, approve: bool, remake: bool = False) -> dict[str, Any]:
    """The row's request for a new site, or (``remake``) for a version of one that is there."""
    told = {"publish": publish, "approve": approve, "remake": remake}
    return {"brief": brief.model_dump(mode="json"), "warnings": warnings, **told}


def editing(base: str, edit: EditAsked, *, publish: bool) -> dict[str, Any]:
    asked = {"section": edit.section, "instruction": edit.instruction, "patch": edit.patch}
    return {"base": base, "edit": asked, "publish": publish}


def work_of(job: Job, url: str, folder: Path, sites: SiteStore) -> Work:
    """Raises NotFound when the version to edit is gone."""
    asked = job.request
    base = sites.spec(job.slug, asked["base"]) if job.kind == "edit" else None
    return Work(
        job_id=job.id,
        kind="edit" if job.kind == "edit" else "make",
        locale="en" if job.locale == "en" else "ko",
        url=url,
        folder=folder,
        brief=Brief.model_validate(asked["brief"]) if "brief" in asked else None,
        base=SiteSpec.model_validate(base) if base else None,
        edit=EditAsked(**asked["edit"]) if "edit" in asked else None,
        approve=bool(asked.get("approve")),
        answer=Approval(**asked["answer"]) if asked.get("answer") else None,
    )
