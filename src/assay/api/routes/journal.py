"""The journal: what was written of every issued signal, and whether it still is what was."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from assay.api.guards import needs
from assay.api.listed import Limit, Listed
from assay.api.parts import DeskDep
from assay.api.shapes.asked import LETTERS
from assay.api.shapes.journal import EntryOut, EntryRow, HeadOut, VerificationOut
from assay.api.shapes.paged import AfterNumber, listed
from assay.core.values.scope import Scope
from assay.workflows.chronicle import entries, verified

MOST_ENTRY = 2**53 - 1
"""The largest whole number that every reader of JSON can hold."""

router = APIRouter(
    prefix="/api/v1/journal", tags=["journal"], dependencies=[Depends(needs(Scope.READ))]
)


@router.get("")
def journal(
    desk: DeskDep,
    after: AfterNumber,
    signal_id: Annotated[
        str | None,
        Query(max_length=80, pattern=LETTERS, description="The entries of this signal alone."),
    ] = None,
    limit: Limit = 50,
) -> Listed[EntryRow]:
    """List the entries, the newest first, without what they hold."""
    found = entries(desk, limit, before=after, signal_id=signal_id)
    return listed(found, EntryRow.of, lambda one: str(one.no))


@router.get("/head")
def head(desk: DeskDep) -> HeadOut:
    """Return where the chain ends; keep a copy elsewhere against who rewrites it whole."""
    return HeadOut.of(desk.journal.head())


@router.post("/verify")
def verify(desk: DeskDep) -> VerificationOut:
    """Check every entry, the chain, its head and the signals; writers wait meanwhile."""
    return VerificationOut.of(verified(desk))


@router.get("/{no}")
def entry(
    no: Annotated[int, Path(ge=1, le=MOST_ENTRY, description="The number of an entry.")],
    desk: DeskDep,
) -> EntryOut:
    """Return one entry by its number, with what it holds."""
    return EntryOut.of(desk.journal.entry(no))
