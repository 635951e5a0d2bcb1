"""Instruments: what is stored of them, and whether their markets are open."""

from fastapi import APIRouter, Depends, Response

from assay.api.guards import needs
from assay.api.kept import KeptDep
from assay.api.listed import After, Limit, Listed, page_of
from assay.api.parts import DeskDep
from assay.api.shapes.asked import SymbolInPath
from assay.api.shapes.instrument import InstrumentOut
from assay.core.values.scope import Scope
from assay.workflows import versions
from assay.workflows.stored_instruments import stored_instrument, stored_instruments

router = APIRouter(
    prefix="/api/v1/instruments", tags=["instruments"], dependencies=[Depends(needs(Scope.READ))]
)


@router.get("", response_model=Listed[InstrumentOut], summary="List instruments")
def instruments(desk: DeskDep, kept: KeptDep, limit: Limit = 50, after: After = None) -> Response:
    """List the instruments of which bars are stored, by symbol, with their series and sessions."""
    return kept.answer(
        ("instruments", limit, after),
        versions.of_bars(desk),
        lambda: page_of(
            stored_instruments(desk),
            InstrumentOut.of,
            lambda one: one.instrument.symbol,
            limit,
            after,
        ),
    )


@router.get("/{symbol}", response_model=InstrumentOut, summary="Show an instrument")
def instrument(symbol: SymbolInPath, desk: DeskDep, kept: KeptDep) -> Response:
    """Return one instrument, also one that is known and has no bars yet."""
    return kept.answer(
        ("instrument", symbol),
        versions.of_bars(desk),
        lambda: InstrumentOut.of(stored_instrument(desk, symbol)),
    )
