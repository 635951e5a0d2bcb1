"""What came of issued signals: each part once, a later version beside it, in the journal too."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

import sqlalchemy as sa

from assay.core.clock import utc
from assay.core.errors import JournalError
from assay.core.values.timeframe import Timeframe
from assay.store.journal import Journal
from assay.store.tables import JOURNAL, RESOLUTIONS, SIGNALS

Kept = TypeVar("Kept")
OUTCOME_STAGE = "outcome"
AT_ONCE = 500
"""So many signals are read, and so many outcomes written, at a time."""
_KEYS = ("part", "revision", "parts")
_REMEDY = "run assay journal verify, and restore assay.db from a copy"


class Part(StrEnum):
    """What of a signal comes true at a time of its own."""

    HORIZON = "horizon"
    """The return over the horizon, held against what was said."""
    TRADE = "trade"
    """The end of the trade, by stop, target or time."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A part's outcome, ready to be written down.

    `revision` counts from 1; `parts` is how many parts the signal has; `due` (UTC) is the close of
    the bar with which it could first be known; `found` is JSON data.
    """

    signal_id: str
    part: Part
    revision: int
    parts: int
    due: datetime
    found: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Resolution:
    """One version of what came of one part, written down `at` (UTC) as journal entry `entry`."""

    signal_id: str
    part: Part
    revision: int
    parts: int
    due: datetime
    at: datetime
    found: Mapping[str, Any]
    entry: int


@dataclass(frozen=True, slots=True)
class Open:
    """A signal of which some part has not come true yet; `has` are those that have."""

    id: str
    symbol: str
    timeframe: Timeframe
    as_of: datetime
    horizon_bars: int
    has: frozenset[Part]


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which signals are asked for; None is any. `since` and `until` are of the bar's close."""

    symbol: str | None = None
    timeframe: Timeframe | None = None
    tier: str | None = None
    decision: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def clauses(self) -> Iterator[sa.ColumnElement[bool]]:
        """Yield what must hold of a row of signals."""
        columns = SIGNALS.c
        if self.symbol is not None:
            yield columns.symbol == self.symbol
        if self.timeframe is not None:
            yield columns.timeframe == self.timeframe.value
        if self.tier is not None:
            yield columns.tier == self.tier
        if self.decision is not None:
            yield columns.decision == self.decision
        if self.since is not None:
            yield columns.as_of >= utc(self.since)
        if self.until is not None:
            yield columns.as_of <= utc(self.until)


@dataclass(frozen=True, slots=True)
class Traced:
    """An issued signal, what it said in short, and the newest version of each part's outcome."""

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
    direction: str
    probability: float
    horizon_bars: int
    in_sample: bool
    outcomes: Mapping[Part, Resolution]


_SAID = {
    "direction": SIGNALS.c.payload["direction"].as_string(),
    "probability": SIGNALS.c.payload["probability"].as_float(),
    "horizon_bars": SIGNALS.c.payload["horizon_bars"].as_integer(),
    "in_sample": SIGNALS.c.payload["in_sample"].as_boolean(),
}
_ISSUED = (
    *("id", "symbol", "timeframe", "as_of", "made_at", "conviction", "tier", "evidence"),
    *("decision", "simulated", "entry"),
)


class Resolutions:
    """The table of outcomes; nothing enters it but through the journal, and nothing leaves it.

    A row only says where in the journal an outcome stands: what it was is read there.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._database = journal.database

    def add(self, drafts: Sequence[Draft]) -> list[Resolution]:
        """Write down those of `drafts` that nobody has written yet; all or none; return them.

        A draft that does not follow the newest version of its part is passed over, so that two who
        resolve at once write one outcome. A row that was taken away is a `JournalError`.
        """
        written: list[Resolution] = []
        for start in range(0, len(drafts), AT_ONCE):
            written += self._added(drafts[start : start + AT_ONCE])
        return written

    def _added(self, drafts: Sequence[Draft]) -> list[Resolution]:
        made, rows = [], []
        with self._journal.writing() as (connection, append):
            known = _revisions(connection, [draft.signal_id for draft in drafts])
            for draft in drafts:
                key = draft.signal_id, draft.part
                if known.get(key, 0) != draft.revision - 1:
                    continue
                known[key] = draft.revision
                told = {
                    "part": draft.part.value,
                    "revision": draft.revision,
                    "parts": draft.parts,
                    "due": utc(draft.due),
                }
                entry = append(OUTCOME_STAGE, {**told, "found": draft.found}, draft.signal_id)
                rows.append({**told, "signal_id": draft.signal_id, "entry": entry.no})
                made.append(
                    Resolution(
                        *(draft.signal_id, draft.part, draft.revision, draft.parts, utc(draft.due)),
                        *(entry.at, entry.payload["found"], entry.no),
                    )
                )
            if rows:
                connection.execute(RESOLUTIONS.insert(), rows)
        return made

    def open(self) -> list[Open]:
        """Return the signals with a part to come, in the order they were issued."""
        complete = _complete()
        waiting = (
            sa.select(
                *(SIGNALS.c.id, SIGNALS.c.symbol, SIGNALS.c.timeframe, SIGNALS.c.as_of),
                _SAID["horizon_bars"],
            )
            .where(SIGNALS.c.id.not_in(complete))
            .order_by(SIGNALS.c.entry)
        )
        begun = (
            sa.select(RESOLUTIONS.c.signal_id, RESOLUTIONS.c.part)
            .where(RESOLUTIONS.c.signal_id.not_in(complete))
            .distinct()
        )
        with self._database.read() as connection:
            has: dict[str, set[Part]] = {}
            for signal_id, part in connection.execute(begun):
                has.setdefault(signal_id, set()).add(Part(part))
            return [
                Open(name, symbol, Timeframe(frame), as_of, bars, frozenset(has.get(name, ())))
                for name, symbol, frame, as_of, bars in connection.execute(waiting)
            ]

    def count_open(self, chosen: Chosen) -> int:
        """Return how many of the `chosen` signals have a part to come."""
        query = (
            sa.select(sa.func.count())
            .select_from(SIGNALS)
            .where(SIGNALS.c.id.not_in(_complete()), *chosen.clauses())
        )
        with self._database.read() as connection:
            return int(connection.execute(query).scalar_one())

    def payloads(
        self, ids: Sequence[str], needed: Callable[[Mapping[str, Any]], Kept]
    ) -> dict[str, Kept]:
        """Return what is `needed` of all that was said of the signals `ids`, at most `AT_ONCE`.

        The rest is let go row by row: hundreds of payloads at once are slow to hold.
        """
        query = sa.select(SIGNALS.c.id, SIGNALS.c.payload).where(SIGNALS.c.id.in_(ids))
        with self._database.read() as connection:
            return {row.id: needed(row.payload) for row in connection.execute(query)}

    def series(self) -> list[tuple[str, Timeframe]]:
        """Return the series of which something was resolved, by symbol and length of bar."""
        query = (
            sa.select(SIGNALS.c.symbol, SIGNALS.c.timeframe)
            .where(SIGNALS.c.id.in_(sa.select(RESOLUTIONS.c.signal_id)))
            .distinct()
        )
        with self._database.read() as connection:
            found = [(symbol, Timeframe(frame)) for symbol, frame in connection.execute(query)]
        return sorted(found, key=lambda each: (each[0], each[1].minutes))

    def touched(
        self, symbol: str, timeframe: Timeframe, first: datetime, last: datetime, known: datetime
    ) -> list[Resolution]:
        """Return newest outcomes that rest on bars from `first` to `last` as they were by `known`.

        All times are UTC; these are the outcomes that a correction known at `known` may change.
        """
        query = _resolved().where(
            SIGNALS.c.symbol == symbol,
            SIGNALS.c.timeframe == timeframe.value,
            SIGNALS.c.as_of <= utc(last),
            RESOLUTIONS.c.due >= utc(first),
        )
        with self._database.read() as connection:
            found = _newest(connection.execute(query).mappings())
        by = utc(known)
        return [each for parts in found.values() for each in parts.values() if each.at <= by]

    def of(self, ids: Sequence[str]) -> dict[str, dict[Part, Resolution]]:
        """Return the newest outcomes of the signals `ids`, those that have some."""
        found: dict[str, dict[Part, Resolution]] = {}
        with self._database.read() as connection:
            for start in range(0, len(ids), AT_ONCE):
                query = _resolved().where(SIGNALS.c.id.in_(ids[start : start + AT_ONCE]))
                found |= _newest(connection.execute(query).mappings())
        return found

    def history(self, signal_id: str) -> list[Resolution]:
        """Return every version of the outcomes of one signal, in the order they were written."""
        query = _resolved().where(SIGNALS.c.id == signal_id)
        with self._database.read() as connection:
            return [_resolution(row) for row in connection.execute(query).mappings()]

    def chosen(self, chosen: Chosen) -> Iterator[Mapping[str, Any]]:
        """Yield the columns of every `chosen` signal that has an outcome, with its `outcomes`.

        In the order the signals were issued; what they said is in their outcomes.
        """
        rows = sa.select(*(SIGNALS.c[name] for name in _ISSUED))
        some = rows.where(
            SIGNALS.c.id.in_(sa.select(RESOLUTIONS.c.signal_id)), *chosen.clauses()
        ).order_by(SIGNALS.c.entry)
        with self._database.read() as connection:
            outcomes = _newest(connection.execute(_resolved().where(*chosen.clauses())).mappings())
            for row in connection.execute(some).mappings():
                if row["id"] in outcomes:
                    yield {**row, "outcomes": outcomes[row["id"]]}

    def newest_first(self, chosen: Chosen, below: int | None = None) -> Iterator[Traced]:
        """Yield the `chosen` signals, the last issued first, resolved or not.

        With `below` only those whose journal entry has a lower number.
        """
        while True:
            traced = self._before(chosen, below)
            yield from traced
            if len(traced) < AT_ONCE:
                return
            below = traced[-1].entry

    def _before(self, chosen: Chosen, below: int | None) -> list[Traced]:
        said = (column.label(name) for name, column in _SAID.items())
        query = sa.select(*(SIGNALS.c[name] for name in _ISSUED), *said).where(*chosen.clauses())
        if below is not None:
            query = query.where(SIGNALS.c.entry < below)
        query = query.order_by(SIGNALS.c.entry.desc()).limit(AT_ONCE)
        with self._database.read() as connection:
            rows = connection.execute(query).mappings().all()
        outcomes = self.of([row["id"] for row in rows])
        return [
            Traced(
                **{**row, "timeframe": Timeframe(row["timeframe"])},
                outcomes=outcomes.get(row["id"], {}),
            )
            for row in rows
        ]


def _complete() -> sa.Select[tuple[str]]:
    """Return the ids of the signals of which every part has come true."""
    parts = sa.func.count(RESOLUTIONS.c.part.distinct())
    return (
        sa.select(RESOLUTIONS.c.signal_id)
        .group_by(RESOLUTIONS.c.signal_id)
        .having(parts >= sa.func.max(RESOLUTIONS.c.parts))
    )


def _resolved() -> sa.Select[Any]:
    """Return every outcome with the journal entry it stands in, in order."""
    return (
        sa.select(
            RESOLUTIONS,
            JOURNAL.c.at,
            JOURNAL.c.stage,
            JOURNAL.c.payload,
            JOURNAL.c.signal_id.label("of_signal"),
        )
        .select_from(RESOLUTIONS)
        .join(SIGNALS, SIGNALS.c.id == RESOLUTIONS.c.signal_id)
        .join(JOURNAL, JOURNAL.c.no == RESOLUTIONS.c.entry)
        .order_by(RESOLUTIONS.c.entry)
    )


def _newest(rows: Iterable[Mapping[Any, Any]]) -> dict[str, dict[Part, Resolution]]:
    found: dict[str, dict[Part, Resolution]] = {}
    for row in rows:
        each = _resolution(row)
        found.setdefault(each.signal_id, {})[each.part] = each
    return found


def _resolution(row: Mapping[Any, Any]) -> Resolution:
    """Return an outcome as its journal entry has it; a row that says otherwise is refused."""
    try:
        told = json.loads(row["payload"])
        same = all(told[name] == row[name] for name in _KEYS)
        due = datetime.fromisoformat(told["due"])
        same &= due == row["due"] and row["of_signal"] == row["signal_id"]
        at, found = datetime.fromisoformat(row["at"]), told["found"]
    except (KeyError, TypeError, ValueError):
        same = False
    if not same or row["stage"] != OUTCOME_STAGE:
        raise JournalError(
            f"The outcome of signal {row['signal_id']} is not what journal entry {row['entry']} "
            f"recorded; {_REMEDY}"
        )
    return Resolution(
        *(row["signal_id"], Part(row["part"]), row["revision"], row["parts"]),
        *(due, at, found, row["entry"]),
    )


def _revisions(connection: sa.Connection, ids: Sequence[str]) -> dict[tuple[str, Part], int]:
    """Return the newest revision of each part of the signals `ids`; the journal must agree."""
    wanted = sorted(set(ids))
    rows = connection.execute(
        sa.select(
            RESOLUTIONS.c.signal_id,
            RESOLUTIONS.c.part,
            sa.func.max(RESOLUTIONS.c.revision),
            sa.func.count(),
        )
        .where(RESOLUTIONS.c.signal_id.in_(wanted))
        .group_by(RESOLUTIONS.c.signal_id, RESOLUTIONS.c.part)
    ).all()
    counted: dict[str, int] = {}
    for signal_id, _, _, count in rows:
        counted[signal_id] = counted.get(signal_id, 0) + count
    written = connection.execute(
        sa.select(JOURNAL.c.signal_id, sa.func.count())
        .where(JOURNAL.c.signal_id.in_(wanted), JOURNAL.c.stage == OUTCOME_STAGE)
        .group_by(JOURNAL.c.signal_id)
    )
    for signal_id, count in written:
        if counted.get(signal_id, 0) != count:
            raise JournalError(
                f"An outcome of signal {signal_id} that the journal recorded was deleted; {_REMEDY}"
            )
    return {(signal_id, Part(part)): revision for signal_id, part, revision, _ in rows}
