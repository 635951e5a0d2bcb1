"""Issued signals, each with the journal entry that recorded it."""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from assay.core.clock import utc
from assay.core.errors import DataError, NotFoundError
from assay.core.ids import plain
from assay.core.names import listed
from assay.core.values.timeframe import Timeframe
from assay.store.journal import Journal, Writing
from assay.store.statements import Statement
from assay.store.tables import SIGNALS
from assay.store.verify import SIGNAL_STAGE, issued

_BY_ID = sa.select(SIGNALS).where(SIGNALS.c.id == sa.bindparam("signal_id"))
_IS_THERE = Statement(_BY_ID.with_only_columns(SIGNALS.c.entry))
_ADD = Statement(SIGNALS.insert())


@dataclass(frozen=True, slots=True)
class SignalRow:
    """One issued signal as it is kept.

    `as_of` is the close of the last bar it saw, `made_at` when it was made, both UTC;
    `conviction` 0..100, None where nothing could be pooled; `payload` everything else, as JSON
    data; `entry` the number of its journal entry, None before it is issued.
    """

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
    payload: Mapping[str, Any]
    entry: int | None = None


class Signals:
    """The table of issued signals; nothing enters it but through the journal."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._database = journal.database

    def issue(
        self,
        signal: SignalRow,
        stages: Sequence[tuple[str, Mapping[str, Any]]] = (),
        within: Writing | None = None,
    ) -> SignalRow:
        """Store the signal and its journal entries, all or none; return it with its own entry.

        `stages` are entries that led to it, name and JSON data, written before it; `within` is a
        write of the journal under way that they are part of. The same signal again is returned as
        stored; another one under its id is a `DataError`.
        """
        row = _as_row(signal)
        writing = contextlib.nullcontext(within) if within else self._journal.writing()
        with writing as (connection, append):
            if not _IS_THERE.rows(connection, signal_id=signal.id):
                entry = append.all([*stages, (SIGNAL_STAGE, issued(row))], signal.id).no
                _ADD.run(connection, [{**row, "entry": entry}])
                return replace(signal, entry=entry)
            stored = connection.execute(_BY_ID, {"signal_id": signal.id}).mappings().one()
        if issued(stored) != issued(row):
            raise DataError(
                f"Signal {signal.id} was issued already with another content (journal entry "
                f"{stored['entry']}); an issued signal is never changed"
            )
        return _as_signal(stored)

    def get(self, signal_id: str) -> SignalRow | None:
        """Return the signal with exactly this id, None if it was not issued."""
        if not self._database.ask(_IS_THERE, signal_id=signal_id):
            return None
        with self._database.read() as connection:
            row = connection.execute(_BY_ID, {"signal_id": signal_id}).mappings().one_or_none()
        return None if row is None else _as_signal(row)

    def latest(
        self, symbol: str | None = None, timeframe: Timeframe | None = None
    ) -> SignalRow | None:
        """Return the newest signal (by the time it was made), of one series if named."""
        found = self.list(symbol, timeframe, limit=1)
        return found[0] if found else None

    def newest(self, symbol: str, timeframe: Timeframe) -> SignalRow | None:
        """Return the signal of the newest bar of a series, of several the one issued last."""
        query = (
            sa.select(SIGNALS)
            .where(SIGNALS.c.symbol == symbol, SIGNALS.c.timeframe == timeframe.value)
            .order_by(SIGNALS.c.as_of.desc(), SIGNALS.c.entry.desc())
            .limit(1)
        )
        with self._database.read() as connection:
            row = connection.execute(query).mappings().one_or_none()
        return None if row is None else _as_signal(row)

    def find(self, text: str) -> SignalRow:
        """Return the signal whose id is `text`, or begins with it, with or without its prefix.

        None, or more than one, is a `NotFoundError` that names what there is.
        """
        asked = text.strip()
        begins = sa.or_(
            SIGNALS.c.id.startswith(asked, autoescape=True),
            SIGNALS.c.id.contains(f"-{asked}", autoescape=True),
        )
        query = sa.select(SIGNALS).where(begins).order_by(SIGNALS.c.entry.desc()).limit(6)
        with self._database.read() as connection:
            found = [_as_signal(row) for row in connection.execute(query).mappings()]
        exact = [signal for signal in found if signal.id == asked]
        if exact or (len(found) == 1 and asked):
            return (exact or found)[0]
        if found:
            names = ", ".join(signal.id for signal in found[:5])
            raise NotFoundError(f"Several signals begin with {text!r}: {names}; give more of one")
        newest = self.list(limit=3)
        if not newest:
            raise NotFoundError(
                f"No signal begins with {text!r}; none is issued yet (assay signal issues one)"
            )
        names = listed([signal.id for signal in newest], "and")
        raise NotFoundError(
            f"No signal begins with {text!r}; the newest {'are' if len(newest) > 1 else 'is'} "
            f"{names} (assay journal list shows more)"
        )

    def list(
        self,
        symbol: str | None = None,
        timeframe: Timeframe | None = None,
        *,
        limit: int | None = None,
    ) -> list[SignalRow]:
        """Return signals, the newest first."""
        query = sa.select(SIGNALS).order_by(SIGNALS.c.made_at.desc(), SIGNALS.c.entry.desc())
        if symbol is not None:
            query = query.where(SIGNALS.c.symbol == symbol)
        if timeframe is not None:
            query = query.where(SIGNALS.c.timeframe == timeframe.value)
        if limit is not None:
            query = query.limit(limit)
        with self._database.read() as connection:
            return [_as_signal(row) for row in connection.execute(query).mappings()]


def _as_row(signal: SignalRow) -> dict[str, Any]:
    return {
        "id": signal.id,
        "symbol": signal.symbol,
        "timeframe": signal.timeframe.value,
        "as_of": utc(signal.as_of),
        "made_at": utc(signal.made_at),
        "conviction": None if signal.conviction is None else float(signal.conviction),
        "tier": None if signal.tier is None else str(signal.tier),
        "evidence": str(signal.evidence),
        "decision": str(signal.decision),
        "simulated": signal.simulated,
        "payload": plain(signal.payload),
    }


def _as_signal(row: Mapping[Any, Any]) -> SignalRow:
    values = {str(key): item for key, item in row.items()}
    return SignalRow(**{**values, "timeframe": Timeframe(values["timeframe"])})
