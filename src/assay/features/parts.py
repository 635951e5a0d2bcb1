"""Rows of frames as views of their arrays: nothing is copied, and no table is made unasked."""

from typing import Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

from assay.core.calendars.table import micro
from assay.core.errors import DataError
from assay.core.values.instrument import Instrument
from assay.core.values.timeframe import Timeframe
from assay.features.contract import Frames, Input

_TIMED = (Input.BARS, Input.HIGHER)


class Holder(Protocol):
    """What a part is a view of: `Frames`, or the `Recent` rows of a stream."""

    @property
    def instrument(self) -> Instrument:
        """Return whose bars they are."""

    @property
    def timeframe(self) -> Timeframe:
        """Return the length of the bars."""

    @property
    def peer_symbols(self) -> tuple[str, ...]:
        """See `Frames.peer_symbols`."""

    def numbers(self, kind: Input, column: str) -> npt.NDArray[np.float64]:
        """See `Frames.numbers`."""

    def times(self, kind: Input) -> npt.NDArray[np.int64]:
        """See `Frames.times`."""

    def table(self, kind: Input) -> pl.DataFrame:
        """See `Frames.table`."""


def _cut(kind: Input) -> property:
    def table(part: "Part") -> pl.DataFrame:
        return part.table(kind)

    return property(table)


class Part(Frames):
    """Rows `start` to `stop` (excluded) of a holder, to be read like any frames."""

    __slots__ = ("_holder", "_start", "_stop")
    _holder: Holder
    _start: int
    _stop: int

    bars = _cut(Input.BARS)
    higher = _cut(Input.HIGHER)
    peers = _cut(Input.PEERS)
    stories = _cut(Input.STORIES)
    macro = _cut(Input.MACRO)
    calendar = _cut(Input.CALENDAR)

    def __init__(self, holder: Holder, start: int, stop: int) -> None:
        values = {
            "instrument": holder.instrument,
            "timeframe": holder.timeframe,
            "_holder": holder,
            "_start": start,
            "_stop": stop,
            "_made": {},
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)

    @property
    def rows(self) -> int:
        """See `Frames.rows`."""
        return self._stop - self._start

    @property
    def peer_symbols(self) -> tuple[str, ...]:
        """See `Frames.peer_symbols`."""
        return self._holder.peer_symbols

    def numbers(self, kind: Input, column: str) -> npt.NDArray[np.float64]:
        """See `Frames.numbers`."""
        view = self._holder.numbers(kind, column)[self._start : self._stop]
        view.flags.writeable = False
        return view

    def times(self, kind: Input) -> npt.NDArray[np.int64]:
        """See `Frames.times`."""
        return self._holder.times(kind)[self._start : self._stop]

    def table(self, kind: Input) -> pl.DataFrame:
        """See `Frames.table`."""
        return self._holder.table(kind).slice(self._start, self.rows)

    def slice(self, start: int, rows: int) -> "Part":
        """See `Frames.slice`."""
        begin = min(self._start + start, self._stop)
        return Part(self._holder, begin, min(begin + rows, self._stop))


class Recent:
    """The newest rows of a market, at least `keep` of them; one more goes in at a time."""

    def __init__(self, frames: Frames, keep: int) -> None:
        self.instrument, self.timeframe = frames.instrument, frames.timeframe
        self.peer_symbols = frames.peer_symbols
        self._keep = max(1, keep)
        newest = frames.tail(self._keep)
        self._pieces, self._end = [newest], newest.rows
        columns = [
            (kind, name) for kind in Input for name in newest.table(kind).columns if name != "time"
        ]
        self._places = {column: place for place, column in enumerate(columns)}
        self._values = np.empty((len(columns), 2 * self._keep + 1))
        self._times = np.empty((len(_TIMED), 2 * self._keep + 1), dtype=np.int64)
        for column, place in self._places.items():
            self._values[place, : self._end] = newest.numbers(*column)
        for place, kind in enumerate(_TIMED):
            self._times[place, : self._end] = newest.times(kind)

    def push(self, row: Frames) -> None:
        """Take in one more row.

        `DataError` unless it is one, of the same market, with the same peers, and later.
        """
        self._check_market(row)
        times, values = _numbers_of(row)
        self._check_time(row, times[0])
        if self._end == self._values.shape[1]:
            self._forget(self._end - self._keep)
        self._values[:, self._end] = values
        self._times[:, self._end] = times
        self._pieces.append(row)
        self._end += 1

    def last(self, rows: int) -> Part:
        """Return the last `rows` rows, or all there are; good until the next `push`."""
        return Part(self, max(0, self._end - rows), self._end)

    def numbers(self, kind: Input, column: str) -> npt.NDArray[np.float64]:
        """See `Frames.numbers`."""
        found: npt.NDArray[np.float64] = self._values[self._places[kind, column]]
        return found

    def times(self, kind: Input) -> npt.NDArray[np.int64]:
        """See `Frames.times`."""
        found: npt.NDArray[np.int64] = self._times[_TIMED.index(kind)]
        return found

    def table(self, kind: Input) -> pl.DataFrame:
        """See `Frames.table`; put together when asked for."""
        return pl.concat([piece.table(kind) for piece in self._pieces])

    def _forget(self, rows: int) -> None:
        self._values[:, : self._keep] = self._values[:, rows : self._end].copy()
        self._times[:, : self._keep] = self._times[:, rows : self._end].copy()
        self._end -= rows
        while rows and self._pieces[0].rows <= rows:
            rows -= self._pieces.pop(0).rows
        if rows:
            self._pieces[0] = self._pieces[0].slice(rows, self._pieces[0].rows - rows)

    def _check_market(self, row: Frames) -> None:
        if row.rows != 1:
            raise DataError(f"A stream takes one row at a time; found {row.rows}")
        if (row.instrument, row.timeframe) != (self.instrument, self.timeframe):
            raise DataError(
                f"A stream of {self.instrument.symbol} {self.timeframe} was given a row of "
                f"{row.instrument.symbol} {row.timeframe}"
            )
        if row.peer_symbols != self.peer_symbols:
            raise DataError(
                f"A stream with the peers {', '.join(self.peer_symbols) or 'none'} was given a row "
                f"with {', '.join(row.peer_symbols) or 'none'}"
            )

    def _check_time(self, row: Frames, time: int) -> None:
        if self._end and time <= self._times[0, self._end - 1]:
            last = self._pieces[-1].bars["time"][-1]
            raise DataError(
                f"A stream at {last} was given a row of {row.bars['time'][0]}; "
                "rows come in the order of time"
            )


def _numbers_of(row: Frames) -> tuple[list[int], list[float]]:
    """Return the times of a row in microseconds and its numbers, in the order of the columns."""
    times: list[int] = []
    found: list[float | None] = []
    for kind in Input:
        table = row.table(kind)
        if not table.width:
            continue
        values = table.row(0)
        if kind in _TIMED:  # `time` is the first column
            times.append(-1 if values[0] is None else micro(values[0]))
            values = values[1:]
        found += values
    return times, [np.nan if value is None else value for value in found]
