"""Stores that answer from memory what was read before, until something is written.

What is kept is keyed by the stamps of files and the hashes of parts: whoever writes is noticed.
"""

import contextlib
import hashlib
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from assay.core.ids import digest
from assay.core.values.bars import BAR_SCHEMA, Bars
from assay.core.values.instrument import Instrument
from assay.core.values.timeframe import Timeframe
from assay.store.bars import BarStore
from assay.store.documents import (
    RELEASE_SCHEMA,
    STORY_SCHEMA,
    DocumentStore,
    in_force,
    releases_by_currency,
    stories_by_symbol,
)
from assay.store.open_series import OpenSeries, Stamps
from assay.store.seen import BySubject, Mark, seen_between
from assay.store.series import Change, Manifest, SeriesInfo
from assay.store.stamps import Version, bars_version
from assay.workflows.gather import micros

ROWS = 16_384
"""So many of a series' newest bars are kept; more are read from its files. Those of 45 days, which
the rules for bad bars look back, from five minutes on."""


class Glance:
    """One look at the files of all series, for as long as nothing is written: `trusting` it or not.

    `made_of` is for whoever puts together what it saw.
    """

    def __init__(self) -> None:
        self.trusting = False
        self.made_of: dict[tuple[Any, ...], tuple[Any, tuple[Any, ...] | None]] = {}
        self._version: Version = ()
        self._stamps: dict[OpenSeries, Stamps] = {}

    def take(self, version: Version) -> None:
        """Trust it from now on; what was seen of another version is let go."""
        if version != self._version:
            self._version, self._stamps, self.made_of = version, {}, {}
        self.trusting = True

    def stamps(self, series: OpenSeries, look: Callable[[], Stamps]) -> Stamps:
        """Return what `look` does, which is called once while it is trusted."""
        if not self.trusting:
            return look()
        if series not in self._stamps:
            self._stamps[series] = look()
        return self._stamps[series]


class _Glanced(OpenSeries):
    """A series whose files are looked at through a glance."""

    def __init__(self, path: Path, way_out: str, glance: Glance) -> None:
        super().__init__(path, way_out)
        self._glance = glance

    def stamps(self) -> Stamps:
        """See `OpenSeries.stamps`."""
        return self._glance.stamps(self, super().stamps)


class WarmBars(BarStore):
    """A store of bars that answers what is asked of the newest ones from memory."""

    @cached_property
    def glance(self) -> Glance:
        """Return what is trusted inside `looked_at_once`."""
        return Glance()

    @contextlib.contextmanager
    def looked_at_once(self) -> Iterator[None]:
        """Look at all files now, and take them for what they are now while inside.

        One signal asks dozens of times whether anything was written. What is written meanwhile is
        seen the next time.
        """
        self.glance.take(bars_version(self.root))
        try:
            yield
        finally:
            self.glance.trusting = False

    def _opened(self, path: Path, way_out: str) -> OpenSeries:
        """See `BarStore._opened`."""
        return _Glanced(path, way_out, self.glance)

    @cached_property
    def _manifests(self) -> dict[OpenSeries, tuple[Stamps, Manifest]]:
        return {}

    @cached_property
    def _infos(self) -> dict[OpenSeries, tuple[Manifest, SeriesInfo]]:
        return {}

    @cached_property
    def _changes(self) -> dict[OpenSeries, tuple[Manifest, tuple[Change, ...]]]:
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
                return digest([symbol, timeframe, _year_hashes(rows)])
        return super().fingerprint(symbol, timeframe, start, end)

    def info(self, symbol: str, timeframe: Timeframe) -> SeriesInfo:
        """See `BarStore.info`."""
        series = self._series(symbol, timeframe)
        manifest = self._existing(series, symbol, timeframe)
        kept = self._infos.get(series)
        if kept is None or kept[0] is not manifest:
            kept = self._infos[series] = manifest, manifest.info(series.folder.path)
        return kept[1]

    def changes(self, symbol: str, timeframe: Timeframe) -> tuple[Change, ...]:
        """See `BarStore.changes`."""
        series = self._series(symbol, timeframe)
        manifest = self._existing(series, symbol, timeframe)
        kept = self._changes.get(series)
        if kept is None or kept[0] is not manifest:
            kept = self._changes[series] = manifest, manifest.all_changes
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
            known = self._closes[series] = newest, newest.micros
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


def _year_hashes(rows: pl.DataFrame) -> list[tuple[int, str]]:
    """Return the `content_hash` of each year of bars, without a frame for each.

    Bars are in order of time, so only the turns of the years are looked for.
    """
    times = rows["time"].to_numpy()
    if not times.size:
        return []
    values = [
        times.view(np.int64) if name == "time" else rows[name].to_numpy() for name in BAR_SCHEMA
    ]
    columns = [value.astype(value.dtype.newbyteorder("<"), copy=False) for value in values]
    first, last = times[[0, -1]].astype("datetime64[Y]").astype(int).tolist()
    turns = np.arange(first + 1, last + 1).astype("datetime64[Y]").astype(times.dtype)
    found, start = [], 0
    for year, end in enumerate([*times.searchsorted(turns).tolist(), times.size], 1970 + first):
        if end > start:
            sha = hashlib.sha256()
            for column in columns:
                sha.update(column[start:end].data)
            found.append((year, sha.hexdigest()))
        start = end
    return found


class WarmDocuments(DocumentStore):
    """A store that keeps the stories about a symbol, and the releases on a currency, in memory.

    Asked for one of them it answers with the very same frame until something about it is stored.
    """

    @cached_property
    def _by_symbol(self) -> dict[bool, BySubject]:
        none = STORY_SCHEMA.to_frame()
        return {
            world: BySubject(self._stories, partial(stories_by_symbol, simulated=world), none)
            for world in (False, True)
        }

    @cached_property
    def _by_currency(self) -> dict[bool, BySubject]:
        none = RELEASE_SCHEMA.to_frame()
        return {
            world: BySubject(
                self._releases, partial(releases_by_currency, simulated=world), none, in_force
            )
            for world in (False, True)
        }

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
        if stored_by is not None or symbols is None or len(symbols) != 1:
            return super().stories(
                symbols, seen_until, seen_from, simulated=simulated, stored_by=stored_by
            )
        (symbol,) = symbols
        return seen_between(self._by_symbol[simulated].about(symbol), seen_from, seen_until)

    def releases(
        self,
        currencies: Collection[str] | None,
        seen_until: datetime,
        seen_from: datetime | None = None,
        *,
        simulated: bool,
        stored_by: datetime | None = None,
    ) -> pl.DataFrame:
        """See `DocumentStore.releases`."""
        if stored_by is not None or currencies is None or len(currencies) != 1:
            return super().releases(
                currencies, seen_until, seen_from, simulated=simulated, stored_by=stored_by
            )
        (currency,) = currencies
        return seen_between(self._by_currency[simulated].about(currency), seen_from, seen_until)

    def mark(self, symbol: str, *, simulated: bool) -> Mark:
        """Return what is another once the stories about a symbol are."""
        return self._by_symbol[simulated].marks([symbol])[0]

    def marks_until(
        self, moment: datetime, symbol: str, currencies: Sequence[str], *, simulated: bool
    ) -> list[Mark]:
        """Return what is another once what was known of these at `moment` is."""
        stories = self._by_symbol[simulated].marks([symbol], moment)
        return stories + self._by_currency[simulated].marks(currencies, moment)
