"""From the messages of a WebSocket to closed bars: in order, each once, corrections marked."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from assay.core.errors import AssayError, DataError, TransientError
from assay.core.values.bars import Bars
from assay.core.values.instrument import Instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.provider import EARLIEST, Access, LiveBars, Stream, no_rows
from assay.sources.wire.rows import Asked, Rows, page_of
from assay.sources.wire.socket import AGAIN, Socket

AHEAD = timedelta(seconds=30)
"""So much later than our clock says a bar may close: clocks differ, and the provider's counts."""
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
"""No bar is refused for its time before the clocks are compared."""
REMEMBERED = 256
"""Bars of a series that a copy or a correction is told by."""
EXPECTED = frozenset({"outside_hours", "copies", "reordered"})
"""What may be noticed about a row while nothing that was asked for is lost."""

Series = tuple[Instrument, Timeframe]
Values = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """Rows of closed bars of one series in a message; `corrected` says that they come again."""

    series: Series
    rows: Rows
    corrected: bool = False


Reading = Callable[[Any], Sequence[Told]]
"""Finds the closed bars of the series in the body of a message, none in one of another kind.

What it raises goes on as it is: a provider that says in a message what is wrong is to be heard.
"""


class LiveStream(Stream):
    """The closed bars of `series` that come over `socket`; after an error it is closed.

    Each bar comes once, in order of time. One that comes later than a younger one, or again with
    other values, is a correction, whether the provider says so or not. Bars of hours in which the
    market is closed are left out as in `page_of`. A row that cannot be a bar ends the stream, for
    a bar may be lost with it: who connects again and asks for those since the last has them all.
    """

    def __init__(
        self, access: Access, socket: Socket, series: Sequence[Series], reading: Reading
    ) -> None:
        self._clock, self._socket, self._reading = access.clock, socket, reading
        self._courses = {one: _Course(one) for one in series}
        self._ready: deque[LiveBars] = deque()
        self._heartbeat = LiveBars(Bars(*series[0], no_rows()))

    def next(self, timeout: float) -> LiveBars | None:
        """See `Stream.next`."""
        try:
            if not self._ready:
                heard = self._socket.receive(timeout)
                if heard is None:
                    return None
                self._take(self._reading(heard.body))
        except AssayError:
            self.close()
            raise
        return self._ready.popleft() if self._ready else self._heartbeat

    def close(self) -> None:
        """See `Stream.close`; from any thread."""
        self._socket.close()

    def _take(self, all_told: Sequence[Told]) -> None:
        for told in all_told:
            self._ready += self._courses[told.series].news(self._closed(told), told)

    def _closed(self, told: Told) -> pl.DataFrame:
        """Return the bars that rows are, all of which have closed."""
        bars, now = self._bars(told), self._clock.now()
        if len(bars) and bars.last_time > now + AHEAD:
            raise self._ahead(told.series, f"closes {bars.last_time:%Y-%m-%d %H:%M:%S}")
        return bars.frame

    def _bars(self, told: Told) -> Bars:
        """Return the bars that rows are; a row that cannot be one ends the stream."""
        who = self._socket.title
        asked = Asked(who, *told.series, EARLIEST, LATEST, LATEST)
        try:
            page = page_of(told.rows, asked, more=False)
        except DataError as error:
            raise self._socket.unreadable(str(error)) from None
        lost = next((note for note in page.notes if note.code not in EXPECTED), None)
        if lost is not None:
            raise self._socket.unreadable(lost.sentence)
        return page.bars

    def _ahead(self, series: Series, when: str) -> TransientError:
        """Return the error for a bar of a time that has not come yet; `when` says which."""
        return TransientError(
            f"{self._socket.title} sent a bar of {series[0].symbol} {series[1]} that {when} UTC, "
            f"and the clock here says {self._clock.now():%Y-%m-%d %H:%M:%S}; set it right",
            AGAIN,
        )


class _Course:
    """What was told of one series of late."""

    def __init__(self, series: Series) -> None:
        self._series = series
        self._known: dict[datetime, Values] = {}

    def news(self, frame: pl.DataFrame, told: Told) -> list[LiveBars]:
        """Return what of `frame` was not told before, and apart from it what was told otherwise."""
        fresh: list[bool] = []
        late: list[bool] = []
        for time, *values in frame.iter_rows():
            is_copy = self._known.get(time) == tuple(values)
            is_late = told.corrected or time <= max(self._known, default=EARLIEST)
            fresh.append(not is_late)
            late.append(is_late and not is_copy)
            self._known[time] = tuple(values)
        while len(self._known) > REMEMBERED:
            del self._known[min(self._known)]
        return [
            LiveBars(Bars(*self._series, frame.filter(pl.Series(chosen))), corrected)
            for chosen, corrected in ((fresh, False), (late, True))
            if any(chosen)
        ]
