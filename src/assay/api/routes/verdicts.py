"""The gate: what it asks, and what it said of a run, line by line."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query

from assay.api.guards import needs
from assay.api.listed import After, Limit, Listed, page_of
from assay.api.parts import DeskDep
from assay.api.shapes.experiment import RunInPath
from assay.api.shapes.verdict import CheckOut, VerdictOut
from assay.core.values.scope import Scope
from assay.workflows.verdicts import asked_by, verdict_on

router = APIRouter(prefix="/api/v1", tags=["gate"], dependencies=[Depends(needs(Scope.READ))])


@router.get("/gate/checks")
def gate_checks(
    profile: Annotated[
        Literal["standard", "strict"], Query(description="How hard it is.")
    ] = "standard",
    limit: Limit = 50,
    after: After = None,
) -> Listed[CheckOut]:
    """List what the gate asks, in the order in which it is asked, each with its thresholds."""
    return page_of(asked_by(profile), CheckOut.of, lambda one: str(one["check"]), limit, after)


@router.get("/experiments/{id}/verdict")
def verdict(id: RunInPath, desk: DeskDep) -> VerdictOut:
    """Return the newest verdict on a run, line by line; 404 where the gate said nothing yet."""
    return VerdictOut.of(verdict_on(desk, id))
