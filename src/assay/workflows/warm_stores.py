"""Stores that answer from memory what was read before, until something is written.

What is kept is keyed by the stamps of files and the hashes of parts: whoever writes is noticed.
"""

from collections.abc import Callable, Collection
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from assay.core.ids import digest
from assay.core.values.bars import Bars
from assay.core.values.instrument import Instrument
from assay.core.values.timeframe import Timeframe
from assay.store.bars import BarStore
from assay.store.circumstances import COUNTS
from assay.store.documents import STORY_SCHEMA, DocumentStore
from assay.store.open_series import OpenSeries, Stamps
from assay.store.rows import by_year, content_hash
from assay.store.series import Manifest, SeriesInfo
from assay.workflows.desk import FOREVER
from assay.workflows.gather import micros

ROWS = 4_096
"""So many of a series' newest bars are kept; more are read from its files."""


class WarmBars(BarStore):
    """A store of bars that answers what is asked of the newest ones from memory."""

    @cached_property
    def _manifests(self) -> dict[OpenSeries, tuple[Stamps, Manifest]]:
        return {}

    @cached_property
    def _infos(self) -> dict[OpenSeries, tuple[Manifest, SeriesInfo]]:
        return {}

    @cached_property
    def _closes(self) -> dict[OpenSeries, tuple[Bars, NDArray[np.int64]]]:
        return {}

    def read(
        self,
        instrument: Instrument,
        timeframe: Timeframe,
        start: datetime | None = None,
        end: datetime | None = None,
        known_at: datetime | None = None,
    ) -> Bars:
        """See `BarStore.read`."""
        if known_at is None and start is not None:
            newest = self.tail(instrument, timeframe, ROWS)
            rows = self._cut(self._series(instrument.symbol, timeframe), newest, start, end)
            if rows is not None:
                return Bars.again(instrument, timeframe, rows)
        return super().read(instrument, timeframe, start, end, known_at)

    def tail(self, instrument: Instrument, timeframe: Timeframe, rows: int) -> Bars:
        """See `BarStore.tail`."""
        if rows >= ROWS:
            return super().tail(instrument, timeframe, rows)
        newest = super().tail(instrument, timeframe, ROWS)
        return Bars.again(instrument, timeframe, newest.frame.tail(rows))

    def fingerprint(
        self,
        symbol: str,
        timeframe: Timeframe,
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> str:
        """See `BarStore.fingerprint`: a year's hash is that of its values, so these will do."""
        series = self._series(symbol, timeframe)
        kept = self._tails.get(series)
        if start is not None and kept is not None and kept[:2] == (series.stamps(), ROWS):
            rows = self._cut(series, kept[2], start, end)
            if rows is not None:
                hashes = [(year, content_hash(part)) for year, part in by_year(rows)]
                return digest([symbol, timeframe, hashes])
        return super().fingerprint(symbol, timeframe, start, end)

    def info(self, symbol: str, timeframe: Timeframe) -> SeriesInfo:
        """See `BarStore.info`."""
        series = self._series(symbol, timeframe)
        manifest = self._existing(series, symbol, timeframe)
        kept = self._infos.get(series)
        if kept is None or kept[0] is not manifest:
            kept = self._infos[series] = manifest, manifest.info(series.folder.path)
        return kept[1]

    def stamps(self, symbol: str, timeframe: Timeframe) -> Stamps:
        """Return what changes when anything of a series is written."""
        return self._series(symbol, timeframe).stamps()

    def _cut(
        self, series: OpenSeries, newest: Bars, start: datetime, end: datetime | None
    ) -> pl.DataFrame | None:
        """Return the rows of a span out of the newest bars; None where they begin after it."""
        known = self._closes.get(series)
        if known is None or known[0] is not newest:
            times = newest.frame["time"].to_numpy().view(np.int64)
            known = self._closes[series] = newest, times
        times = known[1]
        if not times.size or times[0] > micros(start):
            return None
        first = int(times.searchsorted(micros(start), "left"))
        last = times.size if end is None else int(times.searchsorted(micros(end), "right"))
        return newest.frame.slice(first, max(last - first, 0))

    def _existing(self, series: OpenSeries, symbol: str, timeframe: Timeframe) -> Manifest:
        """See `BarStore._existing`; parsed once for each write."""
        stamps = series.stamps()  # before it is read: what is written meanwhile is another
        kept = self._manifests.get(series)
        if kept is None or kept[0] != stamps:
            found = super()._existing(series, symbol, timeframe)
            kept = self._manifests[series] = stamps, found
        return kept[1]


class WarmDocuments(DocumentStore):
    """A store of stories and releases that keeps what was asked for until something is stored."""

    _kept: dict[tuple[Any, ...], tuple[str, pl.DataFrame]]
    _parts: dict[tuple[Any, ...], dict[str, pl.DataFrame]]

    def stories(
        self,
        symbols: Collection[str] | None,
        seen_until: datetime,
        seen_from: datetime | None = None,
        *,
        simulated: bool,
        stored_by: datetime | None = None,
    ) -> pl.DataFrame:
        """See `DocumentStore.stories`."""
        if stored_by is not None or symbols is None:
            return super().stories(
                symbols, seen_until, seen_from, simulated=simulated, stored_by=stored_by
            )
        key = ("stories", *sorted(symbols), simulated)
        found = self._whole(key, self.stories_version)
        if found is None:
            version = self.stories_version
            about = stories_about(symbols, simulated=simulated)
            parts = self.__dict__.setdefault("_parts", {}).setdefault(key, {})
            found = self._stories.read_by_parts(about, parts).select(list(STORY_SCHEMA))
            self._keep(key, version, found)
        return _between(found, seen_from, seen_until)

    def releases(
        self,
        currencies: Collection[str] | None,
        seen_until: datetime,
        seen_from: datetime | None = None,
        *,
        simulated: bool,
        stored_by: datetime | None = None,
    ) -> pl.DataFrame:
        """See `DocumentStore.releases`; assumed figures depend on the time asked for."""
        if stored_by is not None or currencies is None:
            return super().releases(
                currencies, seen_until, seen_from, simulated=simulated, stored_by=stored_by
            )
        key, version = ("releases", *sorted(currencies), simulated), self._releases.version
        found = self._whole(key, version)
        if found is None:
            found = super().releases(currencies, FOREVER, simulated=simulated)
            self._keep(key, version, found)
        return _between(found, seen_from, seen_until)

    def versions_until(self, moment: datetime) -> tuple[str, str]:
        """Return what changes when something is stored that was seen by `moment`."""
        return self._stories.version_until(moment), self._releases.version_until(moment)

    def _whole(self, key: tuple[Any, ...], version: str) -> pl.DataFrame | None:
        kept = self.__dict__.setdefault("_kept", {}).get(key)
        return kept[1] if kept is not None and kept[0] == version else None

    def _keep(self, key: tuple[Any, ...], version: str, frame: pl.DataFrame) -> None:
        self._kept[key] = (version, frame)


def stories_about(
    symbols: Collection[str], *, simulated: bool
) -> Callable[[pl.DataFrame], pl.DataFrame]:
    """Return what leaves of stored stories those that `DocumentStore.stories` gives."""
    named = sorted(symbols)
    instruments = pl.col("instruments")
    about = (instruments.list.set_intersection(named).list.len() > 0) | (
        instruments.list.len() == 0
    )
    return lambda frame: frame.filter((pl.col("simulated") == simulated) & COUNTS & about)


def _between(frame: pl.DataFrame, since: datetime | None, until: datetime) -> pl.DataFrame:
    """Return the rows of a frame in order of `seen_at` from `since` to `until`, both included."""
    seen = frame["seen_at"]
    first = 0 if since is None else seen.search_sorted(since, "left")
    last = len(frame) if until >= FOREVER else seen.search_sorted(until, "right")
    return frame.slice(first, max(last - first, 0))
