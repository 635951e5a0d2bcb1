"""A stream that nobody has tried is believed when its bars are those of the source's history."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

import polars as pl

from assay.core.errors import RefusedError, TransientError
from assay.core.values.bars import Bars
from assay.core.values.instrument import Instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.provider import LiveBars, Page, Stream, no_rows
from assay.sources.wire.live import Series

ENOUGH = 3
"""So many bars of a series that were traded decide: that many alike, or that many unlike."""
TOLERANCES: Mapping[str, float] = MappingProxyType(
    {"open": 0.001, "high": 0.001, "low": 0.001, "close": 0.001, "volume": 0.01}
)
"""How far, as a share of the history's, a live value may lie off.

A trade of a bar's last moment may be told too late for the stream. Another unit is farther off: a
volume in dollars by the price of the coin, one of contracts by their size. Only of a coin that
costs a dollar to the cent the two are alike, and then it does not matter which one it is.
"""

History = Callable[[Instrument, Timeframe, datetime, datetime], Page]
"""Asks for the bars after a time and by another: `Provider.page`."""


@dataclass
class _Record:
    alike: int = 0
    unlike: int = 0


class ProvingStream(Stream):
    """The bars of `stream`, of which each series must first prove itself against `history`.

    Until `ENOUGH` bars of a series were alike, what is given is the history's, and a bar that the
    history does not hold yet is left out: who follows the stream asks for it as for any that lacks.
    A series of which `ENOUGH` bars were unlike ends the stream with a `RefusedError` that says what
    differed. A bar in which nothing was traded proves nothing.
    """

    def __init__(
        self, title: str, stream: Stream, series: Sequence[Series], history: History
    ) -> None:
        self._title, self._stream, self._history = title, stream, history
        self._records = {(one.symbol, length): _Record() for one, length in series}

    def next(self, timeout: float) -> LiveBars | None:
        """See `Stream.next`."""
        heard = self._stream.next(timeout)
        if heard is None or not len(heard.bars):
            return heard
        record = self._records[heard.bars.instrument.symbol, heard.bars.timeframe]
        if record.alike >= ENOUGH:
            return heard
        try:
            return LiveBars(self._proved(heard.bars, record), heard.corrected)
        except RefusedError:
            self.close()
            raise

    def close(self) -> None:
        """See `Stream.close`."""
        self._stream.close()

    def _proved(self, live: Bars, record: _Record) -> Bars:
        """Return the history's bars in place of the live ones, which are judged by them."""
        known = self._known(live)
        pairs = live.frame.join(known.frame, on="time", suffix="_known", maintain_order="left")
        for pair in pairs.filter(pl.col("volume_known") > 0).iter_rows(named=True):
            wrong = [name for name, share in TOLERANCES.items() if _is_off(pair, name, share)]
            record.alike += not wrong
            record.unlike += bool(wrong)
            if record.unlike >= ENOUGH:
                raise RefusedError(self._unlike(live, pair, wrong[-1]))
        return Bars(
            live.instrument,
            live.timeframe,
            known.frame.join(live.frame.select("time"), on="time", how="semi"),
        )

    def _known(self, live: Bars) -> Bars:
        """Return what the history holds of the time of `live`, nothing while it is out of order."""
        first, length = live.first_time, live.timeframe.length
        try:
            asked = (live.instrument, live.timeframe, first - length, live.last_time)
            return self._history(*asked).bars
        except TransientError:
            return Bars(live.instrument, live.timeframe, no_rows())

    def _unlike(self, live: Bars, pair: Mapping[str, float], name: str) -> str:
        return (
            f"{self._title} streams other bars of {live.instrument.symbol} {live.timeframe} than "
            f"those of its history: a {name} of {pair[name]:,.10g}, where the history says "
            f"{pair[f'{name}_known']:,.10g}"
        )


def _is_off(pair: Mapping[str, float], name: str, share: float) -> bool:
    known = pair[f"{name}_known"]
    return abs(pair[name] - known) > share * abs(known)
