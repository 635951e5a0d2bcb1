"""Trained models and fitted fusions, with their cards."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from assay.api.guards import needs
from assay.api.kept import KeptDep
from assay.api.listed import After, Limit, Listed, page_of
from assay.api.parts import DeskDep
from assay.api.shapes.asked import SymbolAsked, TimeframeAsked
from assay.api.shapes.member import ListedModel, ModelOut
from assay.core.values.scope import Scope
from assay.workflows import versions
from assay.workflows.catalogue import model, models

router = APIRouter(
    prefix="/api/v1/members", tags=["members"], dependencies=[Depends(needs(Scope.READ))]
)


@router.get("", response_model=Listed[ListedModel], summary="List models")
def members(
    desk: DeskDep,
    kept: KeptDep,
    symbol: SymbolAsked = None,
    timeframe: TimeframeAsked = None,
    limit: Limit = 50,
    after: After = None,
) -> Response:
    """List every trained model and fitted fusion, the newest first, with the gate's verdict."""
    return kept.answer(
        ("members", symbol, timeframe, limit, after),
        versions.of_models(desk),
        lambda: page_of(
            models(desk, symbol=symbol, timeframe=timeframe),
            ListedModel.of,
            lambda one: one["artefact"],
            limit,
            after,
        ),
    )


@router.get("/{artefact}", response_model=ModelOut, summary="Show a model's card")
def member(
    artefact: Annotated[
        str,
        Path(
            max_length=80,
            pattern=r"^[0-9A-Za-z-]+$",
            description="The id of a model, or how only one begins.",
            examples=["39e38f244c55"],
        ),
    ],
    desk: DeskDep,
) -> ModelOut:
    """Return the card of one model; its every hash and golden answer is checked now.

    One that does not hold is a 409 that says what is wrong, and nothing of it is shown.
    """
    return ModelOut.of(model(desk, artefact))
