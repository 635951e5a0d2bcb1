"""What all exchanges have in common that are reached through ccxt."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from assay.core.errors import NotFoundError
from assay.core.symbols import PERPETUAL
from assay.core.values.instrument import Instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.contract import Note
from assay.sources.provider import Access, Page, Provider
from assay.sources.wire.rows import Asked, candles, page_of
from assay.sources.wire.venue import FEW, Candles, Listing, Venue

SILENCE = timedelta(days=1)
"""Longer than this is no outage and no quiet hour."""
MINUTE = 60_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Exchange(Provider):
    """An exchange of coins, asked for public bars alone, without a key.

    Of its own account it has a spot market, BTCUSDT, and perhaps one of perpetual futures,
    BTCUSDT.P, which is another instrument. A gap in which nothing was traded stays one.

    `opened` (UTC) is before its first trade. `is_ascending` says that its answer begins with the
    first bar it has since the time that was asked for: then an empty one means that there are no
    more. Of others that is believed of as long a time as a full answer covers.
    """

    opened: ClassVar[datetime] = datetime(2010, 7, 1, tzinfo=UTC)
    is_ascending: ClassVar[bool] = False

    def __init__(self, access: Access) -> None:
        super().__init__(access)
        self._venues: dict[bool, Venue] = {}

    @abstractmethod
    def market(self, *, perpetual: bool) -> Venue:
        """Return its spot market or that of its perpetual futures, not asked anything yet."""

    def venue(self, instrument: Instrument) -> Venue:
        """Return the market that `instrument` is traded on, always the same."""
        perpetual = is_perpetual(instrument)
        if perpetual not in self._venues:
            self._venues[perpetual] = self.market(perpetual=perpetual)
        return self._venues[perpetual]

    def listing(self, instrument: Instrument) -> Listing:
        """Return what `instrument` is called; a `NotFoundError` where there is none such."""
        found = self.venue(instrument).listing(self.symbol(instrument))
        if found is None:
            raise self.unknown(instrument)
        return found

    def close(self) -> None:
        """See `Provider.close`."""
        for venue in self._venues.values():
            venue.close()

    def named(self, instrument: Instrument) -> str:
        """See `Provider.named`: as ccxt calls it, `BTC/USDT`, a perpetual one `BTC/USDT:USDT`."""
        pair = f"{instrument.base}/{instrument.quote}"
        return f"{pair}:{instrument.quote}" if is_perpetual(instrument) else pair

    def earliest(self, timeframe: Timeframe) -> datetime:
        """See `Provider.earliest`."""
        return max(super().earliest(timeframe), self.opened)

    def refuse_mixed(self, series: Sequence[tuple[Instrument, Timeframe]]) -> bool:
        """Stop where one line does not carry all of `series`; say if they are perpetual futures."""
        for instrument, timeframe in series:
            self.refuse_unoffered(instrument, timeframe)
        kinds = {is_perpetual(instrument) for instrument, _ in series}
        if len(kinds) != 1:
            raise NotFoundError(
                f"{self.abilities.title} has spot and perpetual futures on two streams; take one"
            )
        return kinds.pop()

    def page(
        self, instrument: Instrument, timeframe: Timeframe, start: datetime, end: datetime
    ) -> Page:
        """See `Provider.page`."""
        self.refuse_unoffered(instrument, timeframe)
        found = self._answer(instrument, timeframe, start)
        opens = _opens(found.rows, start - timeframe.length)
        seen = [one for one in opens if one <= _millis(found.at)]
        notes: tuple[Note, ...] = ()
        if seen:
            notes = self._missing(instrument, timeframe, start, _moment(min(seen)))
            holds = _moment(max(seen)) + timeframe.length
        else:
            holds = self._silent_until(instrument, timeframe, start, end)
        title = self.abilities.title
        asked = Asked(title, instrument, timeframe, start, min(end, holds), found.at)
        return page_of(candles(found.rows), asked, more=False, notes=notes)

    def _answer(self, instrument: Instrument, timeframe: Timeframe, start: datetime) -> Candles:
        """Return the bars since `start` that one answer holds.

        An exchange may give the newest bars of a stretch, and fewer than ccxt believes. So what
        is missing at the beginning is asked for again, until no more comes.
        """
        venue, symbol = self.venue(instrument), self.listing(instrument).symbol
        length = timeframe.length
        first = start - (start - _EPOCH) % length
        found = venue.candles(symbol, timeframe, first, venue.most)
        while not self.is_ascending and (opens := _opens(found.rows, start - length)):
            began = min(opens)
            lacking = (began - _millis(first)) // (timeframe.minutes * MINUTE)
            if not 0 < lacking < (venue.most or FEW):
                break
            older = venue.candles(symbol, timeframe, first, lacking).rows
            if not any(one < began for one in _opens(older, start - length)):
                break
            earlier = [row for row in older if row[0] is None or row[0] < began]
            found = replace(found, rows=[*earlier, *found.rows])
        return found

    def _missing(
        self, instrument: Instrument, timeframe: Timeframe, start: datetime, first: datetime
    ) -> tuple[Note, ...]:
        """Return a note if the answer begins later than it was asked for.

        Whether nothing was traded before, or the exchange gives nothing so old, nobody can tell.
        """
        begins = max(start, self.earliest(timeframe)) if self.is_ascending else start
        reach = self.abilities.reach.get(timeframe)
        slack = timeframe.length if reach else max(SILENCE, 3 * timeframe.length)
        if first - begins <= slack:
            return ()
        return (
            Note(
                "history_short",
                f"{self.abilities.title} was asked for {instrument.symbol} {timeframe} after "
                f"{start:%Y-%m-%d %H:%M} UTC and gave nothing before {first:%Y-%m-%d %H:%M} UTC; "
                "whether anything was traded until then is not known",
            ),
        )

    def _silent_until(
        self, instrument: Instrument, timeframe: Timeframe, start: datetime, end: datetime
    ) -> datetime:
        """Return until when an answer without bars means that there are none.

        A long silence is crossed with the help of day bars, which cover more in one answer.
        """
        if self.is_ascending:
            return end
        most = self.venue(instrument).most or FEW
        covered = start + (most - 1) * timeframe.length
        if covered >= end or not self._has_shorter_than_days(instrument, timeframe):
            return covered
        day = Timeframe.D1.length
        days = self._answer(instrument, Timeframe.D1, covered)
        opens = [one for one in _opens(days.rows, covered - day) if one <= _millis(days.at)]
        return max(covered, _moment(min(opens))) if opens else covered + (most - 1) * day

    def _has_shorter_than_days(self, instrument: Instrument, timeframe: Timeframe) -> bool:
        return timeframe.is_intraday and self.offers(instrument, Timeframe.D1)


def is_perpetual(instrument: Instrument) -> bool:
    """Say whether it is a perpetual future."""
    return instrument.symbol.endswith(PERPETUAL)


def _opens(rows: Sequence[Sequence[Any]], after: datetime) -> list[int]:
    """Return when bars opened after `after`, in milliseconds since 1970."""
    since = _millis(after)
    return [row[0] for row in rows if row[0] is not None and row[0] > since]


def _millis(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def _moment(millis: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=millis)
