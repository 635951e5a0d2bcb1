"""Backtests that were run, and what they found; running one is a job."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from assay.api.guards import needs
from assay.api.listed import After, Limit, Listed, page_of
from assay.api.parts import DeskDep
from assay.api.shapes.backtest import BacktestOut, BacktestRow, RoundTrip
from assay.api.shapes.common import PRINTED
from assay.core.values.scope import Scope
from assay.workflows.again import kept_report, past_backtests, round_trips

router = APIRouter(
    prefix="/api/v1/backtests", tags=["backtests"], dependencies=[Depends(needs(Scope.READ))]
)

TrialInPath = Annotated[
    str,
    Path(
        max_length=80,
        pattern=PRINTED,
        description="The trial of a backtest, or how only one begins.",
        examples=["trial-df387ac3458a"],
    ),
]


@router.get("")
def backtests(desk: DeskDep, limit: Limit = 50, after: After = None) -> Listed[BacktestRow]:
    """List every backtest of the workspace, the newest first, failed ones too."""
    return page_of(past_backtests(desk), BacktestRow.of, lambda one: one.trial, limit, after)


@router.get("/{trial}")
def backtest(trial: TrialInPath, desk: DeskDep) -> BacktestOut:
    """Return the report of one backtest, called by its trial's id or how only that begins."""
    return BacktestOut.of(kept_report(desk, trial))


@router.get("/{trial}/trades")
def trades(
    trial: TrialInPath, desk: DeskDep, limit: Limit = 50, after: After = None
) -> Listed[RoundTrip]:
    """List its round trips, the first closed first."""
    found = round_trips(desk, trial)
    return page_of(found, RoundTrip.of, lambda one: str(one["number"]), limit, after)
