"""The audit log: who did what, when, from where, with what outcome."""

from fastapi import APIRouter, Depends

from assay.api.guards import DoorDep, needs
from assay.api.listed import After, Limit, Listed, marked, unmarked
from assay.api.shown_access import DeedOut
from assay.core.errors import SettingsError
from assay.core.values.scope import Scope
from assay.workflows.access.people import deeds

MOST_DIGITS = 9

router = APIRouter(
    prefix="/api/v1/audit", tags=["access"], dependencies=[Depends(needs(Scope.ADMIN))]
)


@router.get("")
def list_deeds(door: DoorDep, limit: Limit = 50, after: After = None) -> Listed[DeedOut]:
    """List what was done, the newest first; lines are never changed or deleted."""
    found = deeds(door, limit, _number(after))
    more = len(found) == limit
    return Listed(
        items=[DeedOut.of(deed) for deed in found],
        next=marked(str(found[-1].no)) if more else None,
    )


def _number(mark: str | None) -> int | None:
    """Return the number of the line that a mark names."""
    if mark is None:
        return None
    found = unmarked(mark)
    if not (found.isascii() and found.isdigit() and len(found) <= MOST_DIGITS):
        raise SettingsError("The mark 'after' is of no page of this list; begin without it")
    return int(found)
