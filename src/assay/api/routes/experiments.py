"""Runs of experiments: what was tried, what came of it; running one is a job."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from assay.api.guards import needs
from assay.api.listed import After, Limit, Listed, page_of
from assay.api.parts import DeskDep
from assay.api.shapes.experiment import Comparison, CountedRun, RunInPath, RunOut
from assay.core.values.scope import Scope
from assay.workflows.experiments.comparing import compare
from assay.workflows.experiments.counted import counted_runs
from assay.workflows.experiments.looking import one_run

MOST_COMPARED = 20

router = APIRouter(
    prefix="/api/v1/experiments", tags=["experiments"], dependencies=[Depends(needs(Scope.READ))]
)


@router.get("")
def experiments(
    desk: DeskDep,
    family: Annotated[str | None, Query(description="Of this family alone.")] = None,
    name: Annotated[str | None, Query(description="Of this experiment alone.")] = None,
    status: Annotated[
        str | None, Query(description="finished, failed, running or aborted alone.")
    ] = None,
    limit: Limit = 50,
    after: After = None,
) -> Listed[CountedRun]:
    """List the runs of experiments, the newest first, failed ones too."""
    found = counted_runs(desk, family=family, name=name, status=status)
    return page_of(found, CountedRun.of, lambda one: str(one["id"]), limit, after)


@router.get("/compare")
def comparison(
    desk: DeskDep,
    ids: Annotated[
        list[str] | None,
        Query(
            max_length=MOST_COMPARED,
            description="Two runs or more, by id or how it begins: ids=…&ids=…",
            examples=[["trial-e38a", "trial-b45c"]],
        ),
    ] = None,
    family: Annotated[
        str | None,
        Query(description="Instead: the newest finished run of every configuration of a family."),
    ] = None,
) -> Comparison:
    """Put runs side by side: what differs in them, their figures, and pair by pair their days."""
    return Comparison.of(compare(desk, ids or (), family))


@router.get("/{id}")
def experiment(id: RunInPath, desk: DeskDep) -> RunOut:
    """Return everything about one run, called by its id or how only that begins."""
    return RunOut.of(one_run(desk, id))
