"""When markets trade, and which economic events are due."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from assay.api.guards import needs
from assay.api.listed import Limit, Listed
from assay.api.parts import DeskDep
from assay.api.shapes.asked import FIRST, LAST, Moment
from assay.api.shapes.calendar import EventOut, SessionsOut
from assay.api.shapes.paged import AfterPlace, listed, place
from assay.core.values.scope import Scope
from assay.workflows.macro.events import events, name_of
from assay.workflows.sessions import sessions_around

MOST_CURRENCIES = 40

router = APIRouter(
    prefix="/api/v1/calendar", tags=["calendar"], dependencies=[Depends(needs(Scope.READ))]
)

Currency = Annotated[str, Query(pattern=r"^[A-Z]{3}$")]


@router.get("/sessions")
def sessions(
    desk: DeskDep,
    at: Annotated[
        Moment | None,
        Query(description="In the middle of the 24 hours; now if left out."),
    ] = None,
    day: Annotated[
        date | None,
        Query(
            ge=FIRST.date(),
            le=LAST.date(),
            description="Instead: this day (UTC), from midnight to midnight.",
        ),
    ] = None,
) -> SessionsOut:
    """Return when each market of the workspace trades: open, closed or holiday, and what is next.

    Exchanges are known from 2007 to 2027, FX, metals and crypto from 1990 to 2049.
    """
    return SessionsOut.of(sessions_around(desk, at, day))


@router.get("/events")
def economic_events(
    desk: DeskDep,
    after: AfterPlace,
    start: Annotated[Moment | None, Query(description="Today, UTC, if left out.")] = None,
    end: Annotated[Moment | None, Query(description="A week later if left out.")] = None,
    currency: Annotated[
        list[Currency] | None,
        Query(max_length=MOST_CURRENCIES, description="Of these alone: currency=USD&currency=EUR"),
    ] = None,
    limit: Limit = 50,
) -> Listed[EventOut]:
    """List what is due and what came of what was, in order of time, as it is known now."""
    found = events(desk, limit, start=start, end=end, currencies=currency, after=after)
    return listed(found, EventOut.of, lambda one: place(one["event_at"], name_of(one)))
