"""Bars for charts."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from assay.api.guards import needs
from assay.api.kept import KeptDep
from assay.api.parts import DeskDep
from assay.api.shapes.asked import Moment, SymbolInPath, TimeframeInPath
from assay.api.shapes.bars import BarsOut
from assay.core.values.scope import Scope
from assay.workflows import versions
from assay.workflows.drawn import drawn

USUAL = 500
MOST = 20_000

router = APIRouter(prefix="/api/v1/bars", tags=["bars"], dependencies=[Depends(needs(Scope.READ))])


@router.get("/{symbol}/{timeframe}", response_model=BarsOut, summary="Read bars")
def bars(
    symbol: SymbolInPath,
    timeframe: TimeframeInPath,
    desk: DeskDep,
    kept: KeptDep,
    start: Annotated[
        Moment | None,
        Query(
            description="Only bars that closed then or later.", examples=["2026-11-02T00:00:00Z"]
        ),
    ] = None,
    end: Annotated[
        Moment | None,
        Query(
            description="Only bars that closed by then; `earlier` pages back.",
            examples=["2026-11-27T22:00:00Z"],
        ),
    ] = None,
    limit: Annotated[
        int, Query(ge=1, le=MOST, description="The newest so many of the stretch.", examples=[500])
    ] = USUAL,
    as_of: Annotated[
        Moment | None,
        Query(
            description="As the bars were known then, corrections undone.",
            examples=["2026-11-20T12:00:00Z"],
        ),
    ] = None,
) -> Response:
    """Return bars as columns, with what is missing between them and what is flagged.

    The newest ones if no time is named. Times are closes. A missing bar is no row.
    """
    return kept.answer(
        ("bars", symbol, timeframe, start, end, limit, as_of),
        versions.of_series(desk, symbol, timeframe),
        lambda: BarsOut.of(
            drawn(desk, symbol, timeframe, start=start, end=end, limit=limit, as_of=as_of), as_of
        ),
    )
