"""From bars that are told of while they grow to closed ones."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from assay.core.errors import AssayError
from assay.core.values.timeframe import Timeframe
from assay.sources.provider import Access, LiveBars
from assay.sources.wire.live import AHEAD, LiveStream, Series, Told
from assay.sources.wire.rows import candles
from assay.sources.wire.socket import Socket
from assay.sources.wire.talk import KEPT, Row, Talk

GRACE = timedelta(seconds=10)
"""So long after its time a bar may still grow: trades of its last moment are told late."""
STEP = 1.0
"""Seconds after which the clock is looked at while nothing is said."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class GrowingStream(LiveStream):
    """A `LiveStream` of an exchange that tells of bars while they grow, and never that one closed.

    One has closed when a younger one came; or, where nothing was traded since, `GRACE` after its
    time and when all that was said by then was read. What still comes for it is a correction. Bars
    that closed before the stream was opened are left out. `series` is what is listened to, by the
    symbols and timeframes that ccxt knows it by.
    """

    def __init__(
        self,
        access: Access,
        socket: Socket,
        talk: Talk,
        series: Mapping[tuple[str, Timeframe], Series],
    ) -> None:
        super().__init__(access, socket, list(series.values()), self._grown)
        self._talk, self._listened = talk, series
        self._since = access.clock.now()
        self._known: dict[Series, dict[int, Row]] = {one: {} for one in series.values()}
        self._seen: dict[Series, dict[int, Row]] = {one: {} for one in series.values()}

    def next(self, timeout: float) -> LiveBars | None:
        """See `Stream.next`."""
        until = time.monotonic() + timeout
        while True:
            heard = super().next(0.0) or self._timely()
            if heard is not None:
                return heard
            left = until - time.monotonic()
            if left <= 0:
                return None
            heard = super().next(min(left, STEP))
            if heard is not None:
                return heard

    def _timely(self) -> LiveBars | None:
        """Return bars that have closed by the clock; all that was said has been read."""
        try:
            self._talk.keep_alive(self._socket)
            self._take(self._news(self._clock.now() - GRACE))
        except AssayError:
            self.close()
            raise
        return self._ready.popleft() if self._ready else None

    def _grown(self, body: object) -> list[Told]:
        """Take a message in; see `Reading`."""
        self._talk.hear(self._socket, body)
        return self._news(_EPOCH)

    def _news(self, by: datetime) -> list[Told]:
        """Return what is new of the bars that have closed: by `by`, or before a younger one."""
        found: list[Told] = []
        for (symbol, timeframe), series in self._listened.items():
            rows = sorted(self._looked_at(series, self._talk.rows(symbol, timeframe)))
            known = self._known[series]
            closed = [
                row
                for row in rows
                if known.get(row[0]) != row
                and _closes(row, timeframe) > self._since
                and (row[0] < rows[-1][0] or _closes(row, timeframe) <= by)
            ]
            if not closed:
                continue
            known |= {row[0]: row for row in closed}
            for old in sorted(known)[: -2 * KEPT]:
                del known[old]
            found.append(Told(series, candles(closed)))
        return found

    def _looked_at(self, series: Series, rows: list[Row]) -> list[Row]:
        """Return `rows`, of which those that are new or changed have been checked."""
        before = self._seen[series]
        new = [row for row in rows if before.get(row[0]) != row]
        if new:
            self._check(series, new)
            self._seen[series] = {row[0]: row for row in rows}
        return rows

    def _check(self, series: Series, rows: list[Row]) -> None:
        """End the stream for a row that can be no bar, also of one that is still open."""
        self._bars(Told(series, candles(rows)))
        opened = _EPOCH + timedelta(milliseconds=max(row[0] for row in rows))
        if opened > self._clock.now() + AHEAD:
            raise self._ahead(series, f"opens {opened:%Y-%m-%d %H:%M:%S}")


def _closes(row: Row, timeframe: Timeframe) -> datetime:
    return _EPOCH + timedelta(milliseconds=row[0]) + timeframe.length
