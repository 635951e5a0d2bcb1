"""How complete and how sound the stored bars are, and where bars can come from."""

from fastapi import APIRouter, Depends

from assay.api.guards import needs
from assay.api.listed import After, Limit, Listed, page_of
from assay.api.parts import DeskDep
from assay.api.shapes.asked import SymbolInPath, TimeframeInPath
from assay.api.shapes.quality import MissingRun, MonthsOut, QualityList, SeriesQuality
from assay.api.shapes.quality_whole import GapList, LookOut
from assay.api.shapes.source import SourceOut
from assay.core.values.scope import Scope
from assay.workflows.flagged import FORMULA
from assay.workflows.syncing.offered import offered

router = APIRouter(prefix="/api/v1", tags=["quality"], dependencies=[Depends(needs(Scope.READ))])


@router.get("/quality")
def quality(desk: DeskDep, limit: Limit = 50, after: After = None) -> QualityList:
    """List how good each stored series is, from when its bars were last looked at.

    What was never looked at is looked at meanwhile; `looking` says to ask again soon.
    """
    found = desk.quality.overview()
    page = page_of(found.kept, SeriesQuality.of, lambda one: one.quality.name, limit, after)
    return QualityList(
        items=page.items,
        next=page.next,
        at=found.at,
        formula=FORMULA,
        unseen=list(found.unseen),
        problems=list(found.problems),
        looking=found.looking,
    )


@router.get("/quality/months")
def months(desk: DeskDep) -> MonthsOut:
    """Return how much of each month is there of every series, for a heatmap."""
    return MonthsOut.of(desk.quality.overview())


@router.get("/quality/{symbol}/{timeframe}")
def series(symbol: SymbolInPath, timeframe: TimeframeInPath, desk: DeskDep) -> LookOut:
    """Return one series held against its calendar; 404 where no bars of it are stored.

    Its bars are looked at once for each version of them; `looking` says to ask again soon.
    """
    return LookOut.of(desk.quality.check(symbol, timeframe))


@router.get("/quality/{symbol}/{timeframe}/gaps")
def gaps(
    symbol: SymbolInPath,
    timeframe: TimeframeInPath,
    desk: DeskDep,
    limit: Limit = 50,
    after: After = None,
) -> GapList:
    """List every run of bars that one series lacks, the newest first."""
    look = desk.quality.check(symbol, timeframe)
    page = page_of(look.gaps, MissingRun.of, lambda one: one.first.isoformat(), limit, after)
    return GapList(
        items=page.items,
        next=page.next,
        looked_at=look.looked_at,
        current=look.current,
        looking=look.looking,
        problem=look.problem,
    )


@router.get("/sources")
def sources(desk: DeskDep, limit: Limit = 50, after: After = None) -> Listed[SourceOut]:
    """List every source of bars, news and figures: what it gives, its limits, its key or not."""
    found = offered(desk)
    return page_of(found, SourceOut.of, lambda one: f"{one.gives} {one.name}", limit, after)
