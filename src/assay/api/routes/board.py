"""The conviction board: symbol x timeframe."""

from fastapi import APIRouter, Depends, Response

from assay.api.guards import needs
from assay.api.kept import KeptDep
from assay.api.parts import DeskDep
from assay.api.shapes.board import BoardOut
from assay.core.values.scope import Scope
from assay.workflows import versions
from assay.workflows.standing_board import standing_board

router = APIRouter(
    prefix="/api/v1/board", tags=["board"], dependencies=[Depends(needs(Scope.READ))]
)


@router.get("", response_model=BoardOut, summary="Read the board")
def board(desk: DeskDep, kept: KeptDep) -> Response:
    """Return the newest stored signal of every series, its age and the one before it.

    Nothing is computed: POST /api/v1/signals issues a signal, the jobs do at every bar's close.
    """
    return kept.answer("board", versions.of_board(desk), lambda: BoardOut.of(standing_board(desk)))
