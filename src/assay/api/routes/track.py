"""The track record: what issued signals said, what came of them, and how good that is."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import StreamingResponse

from assay.api.guards import needs
from assay.api.kept import KeptDep
from assay.api.listed import After, Limit, Listed, page_of
from assay.api.parts import DeskDep
from assay.api.shapes.asked import LETTERS, Moment, SymbolAsked, TimeframeAsked
from assay.api.shapes.paged import AfterNumber, listed
from assay.api.shapes.track import KIND, Calibration, GapOut, TrackOut, TrackSignal
from assay.core.values.conviction import Tier
from assay.core.values.decision import Side
from assay.core.values.scope import Scope
from assay.workflows import versions
from assay.workflows.track import By, calibration, signals, track
from assay.workflows.track_csv import csv_lines
from assay.workflows.track_gap import gaps
from assay.workflows.track_rows import Asked, Kind, Sample, asked_for

router = APIRouter(
    prefix="/api/v1/track", tags=["track record"], dependencies=[Depends(needs(Scope.READ))]
)
Member = Annotated[
    str | None,
    Query(max_length=64, pattern=LETTERS, description="Judge this member's own probabilities."),
]
Since = Annotated[
    Moment | None,
    Query(alias="from", description="Signals of bars that closed from then on."),
]
Until = Annotated[
    Moment | None, Query(alias="to", description="Signals of bars that closed by then.")
]
SAMPLE = (
    "`out`: the fusion had not learnt from what came of them. `in`: it had, so they prove "
    "nothing. `all`: both."
)


class Wanted:
    """The signals a question is about."""

    def __init__(
        self,
        symbol: SymbolAsked = None,
        timeframe: TimeframeAsked = None,
        tier: Tier | None = None,
        decision: Side | None = None,
        member: Member = None,
        kind: Annotated[Kind | None, Query(description=KIND)] = None,
        since: Since = None,
        until: Until = None,
    ) -> None:
        self.named = (symbol, timeframe, tier, decision, member, kind, since, until)

    def of(self, sample: Sample) -> Asked:
        """Return what is asked of the record."""
        return asked_for(*self.named, sample)


WantedDep = Annotated[Wanted, Depends()]
OutSample = Annotated[Sample, Query(description=SAMPLE)]


@router.get("", response_model=TrackOut)
def summary(
    desk: DeskDep,
    kept: KeptDep,
    wanted: WantedDep,
    by: By = By.ALL,
    sample: OutSample = Sample.OUT,
) -> Response:
    """Return the record by one grouping: every figure with its interval, or marked as too few."""
    asked = wanted.of(sample)
    return kept.answer(
        ("track", asked, by),
        versions.of_signals(desk),
        lambda: TrackOut.of(track(desk, asked, by)),
    )


@router.get("/signals")
def followed(
    desk: DeskDep,
    wanted: WantedDep,
    limit: Limit = 50,
    after: AfterNumber = None,
    sample: OutSample = Sample.ALL,
) -> Listed[TrackSignal]:
    """List signals with their outcomes, the last issued first; losing and withheld ones too."""
    found = signals(desk, wanted.of(sample), below=after, limit=limit)
    return listed(found, TrackSignal.of, lambda one: str(one.signal.entry))


@router.get(
    "/signals.csv",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
def exported(desk: DeskDep, wanted: WantedDep, sample: OutSample = Sample.ALL) -> StreamingResponse:
    """Return the same signals, all of them, as a file for a spreadsheet."""
    return StreamingResponse(
        csv_lines(desk, wanted.of(sample)),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": 'attachment; filename="assay-signals.csv"'},
    )


@router.get("/calibration")
def calibrated(
    desk: DeskDep,
    wanted: WantedDep,
    by: By = By.ALL,
    sample: OutSample = Sample.OUT,
    limit: Limit = 50,
    after: After = None,
) -> Listed[Calibration]:
    """List what was said against what came true, by group and kind."""
    found = calibration(desk, wanted.of(sample), by)
    return page_of(found, Calibration.of, lambda one: f"{one.name} {one.kind}", limit, after)


@router.get("/gap")
def gap(
    desk: DeskDep,
    wanted: WantedDep,
    sample: OutSample = Sample.OUT,
    limit: Limit = 50,
    after: After = None,
) -> Listed[GapOut]:
    """List each series' record beside what its newest backtest found out of sample."""
    found = gaps(desk, wanted.of(sample))
    return page_of(
        found, GapOut.of, lambda one: f"{one.symbol} {one.timeframe} {one.kind}", limit, after
    )
