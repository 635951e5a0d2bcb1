"""Whether the models in service still do what they were let in for."""

from fastapi import APIRouter, Depends

from assay.api.guards import needs
from assay.api.listed import After, Limit, page_of
from assay.api.parts import DeskDep
from assay.api.shapes.monitor import MonitorAsked, MonitorList, MonitorOut
from assay.core.values.scope import Scope
from assay.workflows.monitors_kept import Monitors, Said, keep_monitors, kept_monitors

router = APIRouter(prefix="/api/v1/monitors", tags=["monitors"])


@router.get("", dependencies=[Depends(needs(Scope.READ))])
def monitors(desk: DeskDep, limit: Limit = 50, after: After = None) -> MonitorList:
    """List what the drift monitors said last of each series, the worst first, and when."""
    return _page(kept_monitors(desk), limit, after)


@router.post("", dependencies=[Depends(needs(Scope.RESEARCH))])
def ask_monitors(asked: MonitorAsked, desk: DeskDep) -> MonitorList:
    """Ask the monitors of one series now, and keep what they say; takes a second or two."""
    found = keep_monitors(desk, [asked.symbol], [asked.timeframe])
    return _page(found, len(found.said) + 1, None)


def _page(found: Monitors, limit: int, after: str | None) -> MonitorList:
    page = page_of(found.said, MonitorOut.of, _name, limit, after)
    return MonitorList(
        items=page.items,
        next=page.next,
        meaning=found.meaning,
        unread=list(found.unread),
        problems=list(found.problems),
    )


def _name(said: Said) -> str:
    return f"{said.symbol} {said.timeframe}"
