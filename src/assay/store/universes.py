"""Who belonged to a universe of instruments when; who left, and who was delisted, stays in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from assay.core.clock import utc
from assay.core.errors import DataError, NotFoundError
from assay.core.names import unknown
from assay.store.database import Database
from assay.store.tables import MEMBERSHIPS


@dataclass(frozen=True, slots=True)
class Membership:
    """`symbol` belonged to a universe from the day `first` to the day `last`, both included.

    `last` is None while nobody knows that it left.
    """

    symbol: str
    first: date
    last: date | None = None

    def __post_init__(self) -> None:
        if self.last is not None and self.last < self.first:
            raise DataError(
                f"{self.symbol} cannot have left on {self.last}, before it came on {self.first}"
            )

    def holds_on(self, day: date) -> bool:
        """Say whether it belonged on `day`."""
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class UniverseInfo:
    """One universe: how many instruments it ever held, and how many it holds by now.

    `first` is its first day; it was first told of at `first_known_at` and last at `known_at` (UTC).
    """

    name: str
    ever: int
    now: int
    first: date
    first_known_at: datetime
    known_at: datetime
    source: str


class Universes:
    """Universes by name; a membership that is told again replaces what was known of it.

    Nothing is deleted: what was known at an earlier time can still be asked for.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self, universe: str, memberships: Sequence[Membership], *, known_at: datetime, source: str
    ) -> int:
        """Store memberships known since `known_at` (UTC); return how many said something new.

        What is known already is passed over. `known_at` must be later than what is stored of the
        universe, or a `DataError`: the past is not rewritten. Two spans of one symbol that overlap
        are a `DataError`, too.
        """
        moment = utc(known_at, "time at which memberships became known")
        _refuse_overlaps(universe, memberships)
        with self._database.write() as connection:
            rows = connection.execute(_rows_of(universe)).all()
            if rows and max(row.known_at for row in rows) >= moment:
                raise DataError(
                    f"The universe {universe} was last changed at {max(r.known_at for r in rows)}; "
                    f"what is known at {moment} cannot come after it; check the clock"
                )
            held = {(one.symbol, one.first): one for one in _newest(rows)}
            fresh = [one for one in memberships if held.get((one.symbol, one.first)) != one]
            for one in fresh:
                values = {"universe": universe, "known_at": moment, "source": source}
                values |= {"symbol": one.symbol, "first": one.first, "last": one.last}
                connection.execute(MEMBERSHIPS.insert(), values)
        return len(fresh)

    def members(self, universe: str, on: date, known_at: datetime | None = None) -> list[str]:
        """Return who belonged on a day, as known by `known_at` (UTC; now if None), sorted."""
        found = {one.symbol for one in self.history(universe, known_at) if one.holds_on(on)}
        return sorted(found)

    def history(self, universe: str, known_at: datetime | None = None) -> list[Membership]:
        """Return every membership as known by `known_at`, by symbol and day.

        A universe nobody knew by then is a `NotFoundError`.
        """
        with self._database.read() as connection:
            rows = connection.execute(_rows_of(universe)).all()
        if not rows:
            raise unknown("universe", universe, [one.name for one in self.list()])
        known = [row for row in rows if known_at is None or row.known_at <= utc(known_at)]
        if not known:
            raise NotFoundError(
                f"Nothing was known here of the universe {universe} at {known_at}; it is since "
                f"{rows[0].known_at:%Y-%m-%d %H:%M} UTC"
            )
        return sorted(_newest(known), key=lambda one: (one.symbol, one.first))

    def list(self) -> list[UniverseInfo]:
        """Return the universes there are, by name."""
        with self._database.read() as connection:
            rows = connection.execute(sa.select(MEMBERSHIPS).order_by(MEMBERSHIPS.c.no)).all()
        by_name: dict[str, list[sa.Row[tuple[object, ...]]]] = {}
        for row in rows:
            by_name.setdefault(row.universe, []).append(row)
        return [_info(name, some) for name, some in sorted(by_name.items())]


def _rows_of(universe: str) -> sa.Select[tuple[object, ...]]:
    return (
        sa.select(MEMBERSHIPS)
        .where(MEMBERSHIPS.c.universe == universe)
        .order_by(MEMBERSHIPS.c.known_at, MEMBERSHIPS.c.no)
    )


def _newest(rows: Sequence[sa.Row[tuple[object, ...]]]) -> list[Membership]:
    """Return what was said last of each symbol and first day."""
    said = {(row.symbol, row.first): Membership(row.symbol, row.first, row.last) for row in rows}
    return list(said.values())


def _info(name: str, rows: Sequence[sa.Row[tuple[object, ...]]]) -> UniverseInfo:
    every = _newest(rows)
    return UniverseInfo(
        name=name,
        ever=len({one.symbol for one in every}),
        now=len({one.symbol for one in every if one.last is None}),
        first=min(one.first for one in every),
        first_known_at=min(row.known_at for row in rows),
        known_at=max(row.known_at for row in rows),
        source=rows[-1].source,
    )


def _refuse_overlaps(universe: str, memberships: Sequence[Membership]) -> None:
    last: dict[str, Membership] = {}
    for one in sorted(memberships, key=lambda m: (m.symbol, m.first)):
        before = last.get(one.symbol)
        if before is not None and before.holds_on(one.first):
            raise DataError(
                f"{universe}: {one.symbol} is told to belong from {before.first} and again from "
                f"{one.first}, before it left; give the day on which it left first"
            )
        last[one.symbol] = one
