"""Who did what, when, with what outcome: lines are added, and never changed or deleted.

The database itself refuses to change a line. People are named by their ids alone; from where they
came stands beside the lines, so that it can go when a person is erased.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from assay.core.clock import utc
from assay.store.database import Database
from assay.store.tables import AUDIT, AUDIT_PLACES


@dataclass(frozen=True, slots=True)
class Deed:
    """One line; `no` counts up, `address` is None where it is not known or was erased."""

    no: int
    at: datetime
    who: str
    what: str
    about: str
    outcome: str
    address: str | None


class Audit:
    """The log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        at: datetime,
        who: str,
        what: str,
        *,
        about: str = "",
        outcome: str = "done",
        address: str | None = None,
    ) -> None:
        """Add a line."""
        row = {"at": utc(at), "who": who, "what": what, "about": about, "outcome": outcome}
        with self._database.write() as connection:
            no = connection.execute(AUDIT.insert().returning(AUDIT.c.no), row).scalar_one()
            if address:
                connection.execute(AUDIT_PLACES.insert(), {"audit_no": no, "address": address})

    def newest(
        self, most: int, *, before: int | None = None, concerning: Sequence[str] | None = None
    ) -> list[Deed]:
        """Return at most so many lines, the newest first, those numbered under `before`.

        `concerning` are ids: only the lines of what they did, or of what was done to them.
        """
        query = (
            sa.select(AUDIT, AUDIT_PLACES.c.address)
            .select_from(AUDIT.outerjoin(AUDIT_PLACES))
            .order_by(AUDIT.c.no.desc())
            .limit(most)
        )
        if before is not None:
            query = query.where(AUDIT.c.no < before)
        if concerning is not None:
            query = query.where(AUDIT.c.who.in_(concerning) | AUDIT.c.about.in_(concerning))
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return [
            Deed(row.no, row.at, row.who, row.what, row.about, row.outcome, row.address)
            for row in rows
        ]
