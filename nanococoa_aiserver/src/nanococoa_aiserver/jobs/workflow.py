"""The one durable workflow: a job's steps in order, each checkpointed by DBOS when it ends."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import structlog
from dbos import DBOS, StepOptions
from dbos import error as dbos_error

from nanococoa_aiserver.ads.context import Step
from nanococoa_aiserver.errors import JobStopped, ServiceError
from nanococoa_aiserver.jobs.dummy import dummy_step
from nanococoa_aiserver.jobs.enqueueing import WORKFLOW
from nanococoa_aiserver.jobs.pipeline import Pipeline
from nanococoa_aiserver.jobs.running import RunningJob, Workshop

MAX_RECOVERIES: Final = 3
"""A job that was under way when its worker died this often is not tried again: it may be what kills them. Workers that
were only silent do not count (``RunningJob.leave``)."""

_TRANSIENT: Final = (ConnectionError, TimeoutError)

logger = logging.getLogger(__name__)


def register_workflow(workshop: Workshop, pipeline: Pipeline, on_end: Callable[[], None]) -> None:
    """Make DBOS know the workflow; before ``DBOS.launch``. ``on_end`` is called when a job leaves this worker."""

    def job() -> None:
        job_id = DBOS.workflow_id
        assert job_id is not None, "called by DBOS as a workflow"
        with structlog.contextvars.bound_contextvars(job_id=job_id):
            try:
                run_job(RunningJob(workshop, job_id), pipeline)
            except JobStopped:
                raise dbos_error.DBOSWorkflowCancelledError(f"job {job_id} was stopped") from None
            finally:
                on_end()

    DBOS.workflow(name=WORKFLOW, max_recovery_attempts=MAX_RECOVERIES)(job)


def run_job(job: RunningJob, pipeline: Pipeline) -> None:
    """Run the steps that have no checkpoint yet; DBOS answers for the others."""
    caused_by = {"request_id": job.request_id} if job.request_id else {}
    started = time.perf_counter()
    with structlog.contextvars.bound_contextvars(**caused_by):
        try:
            _run_steps(job, pipeline)
            logger.info("the %s job is done in %.2f s", job.kind, time.perf_counter() - started)
        except ServiceError as error:
            logger.warning("job %s failed: %s", job.job_id, error)
            raise
        finally:
            job.leave()


def _run_steps(job: RunningJob, pipeline: Pipeline) -> None:
    results: dict[str, dict[str, Any]] = {}
    steps = pipeline.steps(job.kind, job.request)
    for number, (step, needed) in enumerate(steps):
        left = [later.name for later, wanted in steps[number:] if wanted]
        act = partial(_perform, job, step, left, results) if needed else _not_needed
        result = DBOS.run_step(_options(step), act)
        job.passed(step.name)
        if result is not None:
            results[step.name] = result


def _options(step: Step) -> StepOptions:
    return {
        "name": step.name,
        "retries_allowed": True,
        "max_attempts": 3,
        "interval_seconds": 0.5,
        "backoff_rate": 2.0,
        "should_retry": lambda error: isinstance(error, _TRANSIENT),
    }


def _not_needed() -> None:
    return None


def _perform(job: RunningJob, step: Step, left: list[str], results: dict[str, dict[str, Any]]) -> dict[str, Any]:
    act = partial(dummy_step, step.name) if job.request.get("test_mode") else step.run
    try:
        job.begin(step)
        job.look_ahead(left)
        started = time.perf_counter()
        result = act(job, results)
    except JobStopped:
        # The only error that DBOS keeps no checkpoint of: this run may have lost the job to another worker.
        raise dbos_error.DBOSWorkflowCancelledError(f"step {step.name} was stopped") from None
    except (ServiceError, *_TRANSIENT):
        raise
    except Exception:
        logger.exception("job %s, step %s", job.job_id, step.name)
        raise
    job.end(result, time.perf_counter() - started)
    return result
