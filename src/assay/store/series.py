"""What the manifest of one series of bars says."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay.core.values.timeframe import Timeframe
from assay.store.parts import Part

if TYPE_CHECKING:
    from assay.store.recent import Recent


@dataclass(frozen=True, slots=True)
class SeriesInfo:
    """One stored series; all times UTC.

    `first` and `last` are closes of bars, `known_at` when its newest row was stored; `corrections`
    counts the calls of `correct`, `superseded` the rows they replaced, `bytes` the size on disk.
    """

    symbol: str
    timeframe: Timeframe
    rows: int
    first: datetime
    last: datetime
    source: str
    simulated: bool
    known_at: datetime
    corrections: int
    superseded: int
    bytes: int
    folder: Path


@dataclass(frozen=True, slots=True)
class Change:
    """One write: `kind` is append or correct, `rows` how many, from `first` to `last`.

    Appends from one source in a row are kept as one change; its `known_at` is the newest.
    """

    kind: str
    rows: int
    first: datetime
    last: datetime
    known_at: datetime
    source: str | None
    reason: str | None

    def followed_by(self, other: "Change") -> "tuple[Change, ...]":
        """Return both, as one where they are appends from one source."""
        if self.kind == other.kind == "append" and self.source == other.source:
            rows = self.rows + other.rows
            return (replace(other, rows=rows, first=self.first),)
        return (self, other)


@dataclass(frozen=True, slots=True)
class Year:
    """The bars of one calendar year (UTC, by close).

    `current` holds the newest version of every bar, `history` the versions they replaced;
    `content` is the SHA-256 of the current columns' values, whatever the file's format.
    """

    year: int
    first: datetime
    last: datetime
    content: str
    current: Part
    history: Part | None


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything known about a series without opening a Parquet file; `years` ascend.

    `recent` are the bars after those of the years, which are in the log.
    """

    symbol: str
    timeframe: Timeframe
    simulated: bool
    years: tuple[Year, ...] = ()
    changes: tuple[Change, ...] = ()
    recent: "Recent | None" = None

    @property
    def rows(self) -> int:
        """Return the number of bars in their newest version."""
        recent = self.recent.rows.height if self.recent else 0
        return sum(year.current.rows for year in self.years) + recent

    @property
    def name(self) -> str:
        """Return symbol and timeframe, for sentences."""
        return f"{self.symbol} {self.timeframe}"

    @property
    def last(self) -> datetime | None:
        """Return the close of the last bar."""
        if self.recent:
            return self.recent.last
        return self.years[-1].last if self.years else None

    @property
    def known_at(self) -> datetime | None:
        """Return when the newest row was stored."""
        if self.recent:
            return self.recent.known_at
        return self.changes[-1].known_at if self.changes else None

    @property
    def all_changes(self) -> tuple[Change, ...]:
        """Return the writes that made the series, oldest first; those in the log are one."""
        return self.changed([], self.recent.as_change()).changes if self.recent else self.changes

    def year(self, number: int) -> Year | None:
        """Return the part of one calendar year, if there is one."""
        return next((year for year in self.years if year.year == number), None)

    def changed(self, years: list[Year], change: Change) -> "Manifest":
        """Return the manifest after a write that made `years` anew."""
        new = {year.year: year for year in self.years} | {year.year: year for year in years}
        log = (
            (*self.changes[:-1], *self.changes[-1].followed_by(change))
            if self.changes
            else (change,)
        )
        return replace(self, years=tuple(new[key] for key in sorted(new)), changes=log)

    def info(self, folder: Path) -> SeriesInfo:
        """Return what a person wants to know; a series without rows has no such thing."""
        sources = dict.fromkeys(c.source for c in self.all_changes if c.source)
        last, known_at = self.last, self.known_at
        assert last is not None
        assert known_at is not None
        history = [year.history for year in self.years if year.history]
        return SeriesInfo(
            symbol=self.symbol,
            timeframe=self.timeframe,
            rows=self.rows,
            first=self.years[0].first,
            last=last,
            source=", ".join(sources),
            simulated=self.simulated,
            known_at=known_at,
            corrections=sum(change.kind == "correct" for change in self.changes),
            superseded=sum(part.rows for part in history),
            bytes=sum(part.bytes for part in (*history, *(y.current for y in self.years)))
            + (self.recent.size if self.recent else 0),
            folder=folder,
        )

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON-ready data; the log is a file of its own."""
        return {k: v for k, v in asdict(replace(self, recent=None)).items() if k != "recent"}

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> "Manifest":
        """Return what `to_json` wrote."""
        return cls(
            symbol=found["symbol"],
            timeframe=Timeframe(found["timeframe"]),
            simulated=found["simulated"],
            years=tuple(_year(item) for item in found["years"]),
            changes=tuple(_change(item) for item in found["changes"]),
        )


def _year(found: dict[str, Any]) -> Year:
    return Year(
        year=found["year"],
        first=datetime.fromisoformat(found["first"]),
        last=datetime.fromisoformat(found["last"]),
        content=found["content"],
        current=Part(**found["current"]),
        history=Part(**found["history"]) if found["history"] else None,
    )


def _change(found: dict[str, Any]) -> Change:
    times = {key: datetime.fromisoformat(found[key]) for key in ("first", "last", "known_at")}
    return Change(**{**found, **times})
