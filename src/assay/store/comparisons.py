"""What was found where two sources tell of the same bars; only ever added."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from assay.core.clock import utc
from assay.core.values.timeframe import Timeframe
from assay.store.database import Database
from assay.store.tables import COMPARISONS


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """The stored bars of `source` against those of `other`, from `start` to `end`, `at` (UTC).

    `volume_share` is ours as a share of theirs, None where one publishes none; `findings` is what
    else was measured and said.
    """

    symbol: str
    timeframe: Timeframe
    source: str
    other: str
    start: datetime
    end: datetime
    at: datetime
    volume_share: float | None
    findings: Mapping[str, Any]


class Comparisons:
    """The comparisons of sources."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, row: ComparisonRow) -> None:
        """Store a comparison."""
        values = {name: getattr(row, name) for name in row.__dataclass_fields__}
        values |= {"timeframe": row.timeframe.value, "findings": dict(row.findings)}
        values |= {name: utc(values[name]) for name in ("start", "end", "at")}
        with self._database.write() as connection:
            connection.execute(COMPARISONS.insert(), values)

    def newest(self, symbol: str, timeframe: Timeframe) -> list[ComparisonRow]:
        """Return the newest comparison of a series with each other source, by its name."""
        query = (
            sa.select(COMPARISONS)
            .where(COMPARISONS.c.symbol == symbol, COMPARISONS.c.timeframe == timeframe.value)
            .order_by(COMPARISONS.c.no)
        )
        with self._database.read() as connection:
            rows = connection.execute(query).mappings().all()
        found = {
            (row["source"], row["other"]): ComparisonRow(
                **{
                    **{name: row[name] for name in ComparisonRow.__dataclass_fields__},
                    "timeframe": Timeframe(row["timeframe"]),
                }
            )
            for row in rows
        }
        return [found[key] for key in sorted(found)]
