"""Which spans of a series each source has answered for: what is missing there, it does not have."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from assay.core.clock import utc
from assay.core.values.timeframe import Timeframe
from assay.store.database import Database
from assay.store.tables import ANSWERED


@dataclass(frozen=True, slots=True)
class Answer:
    """A `source` was last asked `at` for all bars that closed after `start` and by `end`; UTC."""

    source: str
    start: datetime
    end: datetime
    at: datetime


class Answered:
    """The spans that were answered, by series and source; those that touch are one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, symbol: str, timeframe: Timeframe, answer: Answer) -> None:
        """Store that a span was answered; one without length is passed over."""
        start, end = utc(answer.start), utc(answer.end)
        if start >= end:
            return
        table = ANSWERED.c
        near = (
            *_of(symbol, timeframe),
            table.source == answer.source,
            table.start <= end,
            table.end >= start,
        )
        with self._database.write() as connection:
            for row in connection.execute(sa.select(ANSWERED).where(*near)).all():
                start, end = min(start, row.start), max(end, row.end)
            connection.execute(ANSWERED.delete().where(*near))
            row_ = {"symbol": symbol, "timeframe": timeframe.value, "source": answer.source}
            connection.execute(
                ANSWERED.insert(), {**row_, "start": start, "end": end, "at": utc(answer.at)}
            )

    def of(self, symbol: str, timeframe: Timeframe) -> list[Answer]:
        """Return what was answered of a series, the earliest first."""
        query = (
            sa.select(ANSWERED)
            .where(*_of(symbol, timeframe))
            .order_by(ANSWERED.c.start, ANSWERED.c.source)
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return [Answer(row.source, row.start, row.end, row.at) for row in rows]


def _of(symbol: str, timeframe: Timeframe) -> tuple[sa.ColumnElement[bool], ...]:
    return ANSWERED.c.symbol == symbol, ANSWERED.c.timeframe == timeframe.value
