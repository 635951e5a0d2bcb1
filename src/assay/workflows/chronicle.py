"""The journal as it is read page by page, and verified together with its head."""

from dataclasses import dataclass

from assay.core.errors import JournalError
from assay.store.head import Mark
from assay.store.journal import Entry
from assay.store.verify import Verification
from assay.workflows.desk import Desk
from assay.workflows.pages import Page, page


@dataclass(frozen=True, slots=True)
class Verified:
    """What a verification found; `head` is None before the first entry and where it is damaged."""

    found: Verification
    head: Mark | None


def entries(
    desk: Desk, limit: int, *, before: int | None = None, signal_id: str | None = None
) -> Page[Entry]:
    """Return a page of entries, the newest first; see `Journal.page`."""
    return page(desk.journal.page(limit + 1, before=before, signal_id=signal_id), limit)


def verified(desk: Desk) -> Verified:
    """Check every entry, the chain, its head and the signals; damage is told, not raised."""
    journal = desk.journal_as_it_is
    found = journal.verify()
    try:
        return Verified(found, journal.head())
    except JournalError:  # `found` says so
        return Verified(found, None)
