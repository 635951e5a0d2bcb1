"""What was here at a time: bars, stories, figures and universes as the stores held them then."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from assay.core.clock import utc
from assay.core.values.bars import Bars
from assay.core.values.instrument import Instrument
from assay.core.values.timeframe import Timeframe
from assay.store.bars import BarStore
from assay.store.documents import DocumentStore
from assay.store.universes import Universes


@dataclass(frozen=True, slots=True)
class SeriesThen:
    """One series as it was known at a time: how many bars, and the closes of its first and last."""

    symbol: str
    timeframe: Timeframe
    rows: int
    first: datetime
    last: datetime


class Snapshot:
    """Answers exactly as the stores would have at the moment `at` (UTC).

    Bars in the version of then, without those that came or were corrected later; stories and
    releases that had been seen *and* stored by then, whatever their own time says; universes as
    they were known. Asked again later it answers the same, whatever was stored since. What was
    stored before stores wrote down when (`stored_at`) counts from its first-seen time on.
    """

    def __init__(
        self, at: datetime, bars: BarStore, documents: DocumentStore, universes: Universes
    ) -> None:
        self.at = utc(at, "time at which something was known")
        self._bars, self._documents, self._universes = bars, documents, universes

    def series(self) -> list[SeriesThen]:
        """Return the series that had bars, by symbol and length of bar."""
        found = []
        for info in self._bars.series([]):
            frame = self._bars.frame_at(info.symbol, info.timeframe, self.at)
            if frame.height:
                times = frame["time"]
                found.append(
                    SeriesThen(info.symbol, info.timeframe, frame.height, times[0], times[-1])
                )
        return found

    def bars(
        self,
        instrument: Instrument,
        timeframe: Timeframe,
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> Bars:
        """Return the bars that closed from `start` to `end`; see `BarStore.read`."""
        return self._bars.read(instrument, timeframe, start, end, known_at=self.at)

    def stories(
        self,
        symbols: Collection[str] | None,
        seen_from: datetime | None = None,
        *,
        simulated: bool = False,
    ) -> pl.DataFrame:
        """Return the stories about `symbols`; see `DocumentStore.stories`."""
        return self._documents.stories(
            symbols, self.at, seen_from, simulated=simulated, stored_by=self.at
        )

    def releases(
        self,
        currencies: Collection[str] | None,
        seen_from: datetime | None = None,
        *,
        simulated: bool = False,
    ) -> pl.DataFrame:
        """Return the releases on `currencies`; see `DocumentStore.releases`."""
        return self._documents.releases(
            currencies, self.at, seen_from, simulated=simulated, stored_by=self.at
        )

    def members(self, universe: str, on: date | None = None) -> list[str]:
        """Return who belonged to a universe on a day, that of the moment if None."""
        return self._universes.members(universe, on or self.at.date(), self.at)
