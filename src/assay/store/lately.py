"""What the database was told last, found without reading what came before."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from assay.core.values.timeframe import Timeframe
from assay.store.database import Database
from assay.store.tables import JOBS, SIGNALS

COLUMNS = (
    "id",
    "symbol",
    "timeframe",
    "as_of",
    "made_at",
    "conviction",
    "tier",
    "evidence",
    "decision",
    "simulated",
    "entry",
)


@dataclass(frozen=True, slots=True)
class Marks:
    """How far the database has come: the newest signal's journal entry, the newest job's change."""

    signal: int
    job: int


@dataclass(frozen=True, slots=True)
class IssuedSignal:
    """One issued signal without its payload; see `SignalRow`."""

    id: str
    symbol: str
    timeframe: Timeframe
    as_of: datetime
    made_at: datetime
    conviction: float | None
    tier: str | None
    evidence: str
    decision: str
    simulated: bool
    entry: int


def marks(database: Database) -> Marks:
    """Return how far the database has come; 0 where there is nothing yet."""
    newest_signal = sa.select(sa.func.max(SIGNALS.c.entry)).scalar_subquery()
    newest_job = sa.select(sa.func.max(JOBS.c.change)).scalar_subquery()
    with database.read() as connection:
        signal, job = connection.execute(sa.select(newest_signal, newest_job)).one()
    return Marks(signal or 0, job or 0)


def signals_after(database: Database, entry: int, limit: int = 1_000) -> list[IssuedSignal]:
    """Return the signals issued after a journal entry, in their order."""
    query = (
        sa.select(*(SIGNALS.c[name] for name in COLUMNS))
        .where(SIGNALS.c.entry > entry)
        .order_by(SIGNALS.c.entry)
        .limit(limit)
    )
    with database.read() as connection:
        rows = [dict(row) for row in connection.execute(query).mappings()]
    return [IssuedSignal(**{**row, "timeframe": Timeframe(row["timeframe"])}) for row in rows]


def tier_before(database: Database, symbol: str, timeframe: Timeframe, entry: int) -> str | None:
    """Return the tier of the series' signal before the one with a journal entry, None without."""
    query = (
        sa.select(SIGNALS.c.tier)
        .where(
            SIGNALS.c.symbol == symbol,
            SIGNALS.c.timeframe == timeframe.value,
            SIGNALS.c.entry < entry,
        )
        .order_by(SIGNALS.c.entry.desc())
        .limit(1)
    )
    with database.read() as connection:
        return connection.execute(query).scalar_one_or_none()
