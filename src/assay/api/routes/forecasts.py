"""What each member foretells of a series."""

from fastapi import APIRouter, Depends, Response

from assay.api.guards import needs
from assay.api.kept import KeptDep
from assay.api.parts import DeskDep
from assay.api.shapes.asked import SymbolInPath, TimeframeInPath
from assay.api.shapes.forecast import ForecastsOut
from assay.core.values.scope import Scope
from assay.workflows import versions
from assay.workflows.foreseen import foreseen

router = APIRouter(
    prefix="/api/v1/forecasts", tags=["forecasts"], dependencies=[Depends(needs(Scope.READ))]
)


@router.get("/{symbol}/{timeframe}", response_model=ForecastsOut, summary="Read forecasts")
def forecasts(
    symbol: SymbolInPath, timeframe: TimeframeInPath, desk: DeskDep, kept: KeptDep
) -> Response:
    """Return the forecasts kept with the newest signal of a series, a fan of prices each.

    Nothing is computed: what a member said then is what is shown, and a silent one says why.
    """
    return kept.answer(
        ("forecasts", symbol, timeframe),
        versions.of_forecasts(desk, symbol, timeframe),
        lambda: ForecastsOut.of(foreseen(desk, symbol, timeframe)),
    )
