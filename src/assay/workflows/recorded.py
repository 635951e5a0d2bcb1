"""A stored signal is shown only as the journal recorded it."""

from assay.core.errors import JournalError, NotFoundError
from assay.core.flat import flat
from assay.core.ids import canonical
from assay.store.signals import SignalRow
from assay.store.verify import issued
from assay.workflows.desk import Desk


def as_recorded(desk: Desk, row: SignalRow) -> SignalRow:
    """Return the stored signal `row`; one that its journal entry does not bear out is refused.

    A changed row of the database would else pass for what was issued. The entry itself is checked
    by `Journal.verify` alone, which reads the whole chain.
    """
    assert row.entry is not None, "only a stored signal has been recorded"
    remedy = "run assay journal verify, and restore assay.db from a copy"
    try:
        entry = desk.journal.entry(row.entry)
    except NotFoundError as error:
        raise JournalError(
            f"Signal {row.id} was recorded by journal entry {row.entry}, which is missing; {remedy}"
        ) from error
    kept = issued({**flat(row), "timeframe": row.timeframe.value})
    if entry.signal_id != row.id or canonical(entry.payload) != canonical(kept):
        raise JournalError(
            f"Signal {row.id} is not what journal entry {row.entry} recorded; {remedy}"
        )
    return row
