"""The signals that were issued, page by page."""

from assay.core.values.timeframe import Timeframe
from assay.store.briefs import Brief, Wanted, briefs
from assay.workflows.desk import Desk
from assay.workflows.pages import Page, page
from assay.workflows.stored_instruments import known


def issued(
    desk: Desk,
    limit: int,
    before: int | None = None,
    symbol: str | None = None,
    timeframe: Timeframe | None = None,
    tier: str | None = None,
    decision: str | None = None,
) -> Page[Brief]:
    """Return up to `limit` signals, the one issued last first, from before entry `before`.

    A symbol nobody knows is a `NotFoundError`, so that a slip does not look like silence.
    """
    name = known(desk, symbol).symbol if symbol else None
    wanted = Wanted(name, timeframe, tier, decision)
    return page(briefs(desk.database, wanted, limit=limit + 1, before=before), limit)
