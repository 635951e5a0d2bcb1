"""Issued signals: which there are, what each says, and how it is explained."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from assay.api.guards import needs
from assay.api.kept import KeptDep
from assay.api.listed import Limit, Listed
from assay.api.parts import DeskDep
from assay.api.shapes.asked import SignalInPath, SymbolAsked, TimeframeAsked
from assay.api.shapes.explanation import ExplanationOut
from assay.api.shapes.generated import SignalIn
from assay.api.shapes.paged import AfterNumber, listed
from assay.api.shapes.signal import SignalLine, SignalOut
from assay.core.values.conviction import Tier
from assay.core.values.decision import Side
from assay.core.values.scope import Scope
from assay.workflows import versions
from assay.workflows.explained import explained, recorded
from assay.workflows.issue import issue
from assay.workflows.issued import issued

READ = [Depends(needs(Scope.READ))]
RESEARCH = [Depends(needs(Scope.RESEARCH))]

router = APIRouter(prefix="/api/v1/signals", tags=["signals"])


@router.get("", response_model=Listed[SignalLine], summary="List signals", dependencies=READ)
def signals(
    desk: DeskDep,
    kept: KeptDep,
    after: AfterNumber,
    symbol: SymbolAsked = None,
    timeframe: TimeframeAsked = None,
    tier: Annotated[Tier | None, Query(description="Only of this tier.", examples=["HIGH"])] = None,
    decision: Annotated[
        Side | None, Query(description="Only with this decision.", examples=["LONG"])
    ] = None,
    limit: Limit = 50,
) -> Response:
    """List issued signals, the one issued last first, each in a line."""
    return kept.answer(
        ("signals", symbol, timeframe, tier, decision, limit, after),
        versions.of_signals(desk),
        lambda: listed(
            issued(desk, limit, after, symbol, timeframe, tier, decision),
            SignalLine.model_validate,
            lambda one: str(one.entry),
        ),
    )


@router.post("", summary="Issue a signal", dependencies=RESEARCH)
def ask(asked: SignalIn, desk: DeskDep) -> SignalOut:
    """Issue the signal of the newest stored bar of a series now, and return it.

    Fetches nothing. The same bar and the same models give the same signal: asked again, the stored
    one is returned under the same id.
    """
    return SignalOut.of(issue(desk, asked.symbol, asked.timeframe))


@router.get("/{signal}", summary="Show a signal", dependencies=READ)
def signal(signal: SignalInPath, desk: DeskDep) -> SignalOut:
    """Return all of one signal, held against its journal entry.

    One that is not what the journal recorded is a 409.
    """
    return SignalOut.of(recorded(desk, signal))


@router.get("/{signal}/explanation", summary="Explain a signal", dependencies=READ)
def explanation(signal: SignalInPath, desk: DeskDep) -> ExplanationOut:
    """Return why, how it is known, what would change it, and what came of earlier ones like it.

    Models, bars and the journal are checked now, so this takes some tenths of a second.
    """
    return ExplanationOut.of(explained(desk, signal))
