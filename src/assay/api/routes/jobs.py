"""Jobs: whatever takes long is one; they are listed, asked for, cancelled and asked for again."""

from fastapi import APIRouter, Depends, Response

from assay.api.guards import PrincipalDep, needs
from assay.api.listed import After, Limit, Listed, unmarked
from assay.api.parts import DeskDep, OfficeDep
from assay.api.shapes.job import (
    AskedOut,
    ComingOut,
    JobId,
    JobOut,
    JobRequest,
    JobStoryOut,
    KindName,
    KindOut,
    ScheduleOut,
    job_page,
    kinds,
)
from assay.core.values.scope import Scope
from assay.store.job_rows import JobState
from assay.workflows.jobs.asking import cancel, past, story

PLACE = "/api/v1/jobs"
looking = APIRouter(prefix="/api/v1", tags=["jobs"], dependencies=[Depends(needs(Scope.READ))])
asking = APIRouter(prefix=PLACE, tags=["jobs"], dependencies=[Depends(needs(Scope.RESEARCH))])


@looking.get("/jobs")
def jobs(
    desk: DeskDep,
    state: JobState | None = None,
    kind: KindName = None,
    limit: Limit = 50,
    after: After = None,
) -> Listed[JobOut]:
    """List jobs, the newest first; without their results."""
    mark = unmarked(after) if after else None
    return job_page(past(desk, state=state, kind=kind, after=mark, limit=limit + 1), limit)


@looking.get("/jobs/kinds")
def kinds_of_jobs() -> list[KindOut]:
    """List the kinds of jobs there are, and the arguments of each."""
    return kinds()


@looking.get("/jobs/{job_id}")
def job(job_id: JobId, desk: DeskDep) -> JobStoryOut:
    """Return one job with its result, what it said lately, and how its trainings go."""
    return JobStoryOut.of_story(story(desk, job_id))


@looking.get("/schedule")
def schedule(office: OfficeDep) -> ScheduleOut:
    """Return what is due next by itself, the soonest first."""
    return ScheduleOut(items=[ComingOut.of(one) for one in office.coming()])


@asking.post("", status_code=202)
def start(
    asked: JobRequest, office: OfficeDep, principal: PrincipalDep, response: Response
) -> AskedOut:
    """Ask for a job; `Location` is where to look how it goes."""
    found = office.ask(asked.kind, asked.arguments, by=principal.who, key=asked.key)
    response.headers["location"] = f"{PLACE}/{found.row.id}"
    return AskedOut.of_asked(found)


@asking.post("/{job_id}/cancel", status_code=202)
def stop(job_id: JobId, desk: DeskDep) -> JobOut:
    """Cancel a job: one that waits at once, one that runs as soon as it has stopped."""
    return JobOut.of(cancel(desk, job_id))


@asking.post("/{job_id}/retry", status_code=202)
def again(job_id: JobId, office: OfficeDep) -> AskedOut:
    """Queue a job again that failed or was cancelled."""
    return AskedOut.of_asked(office.retry(job_id))


router = APIRouter()
router.include_router(looking)
router.include_router(asking)
