"""Bars out of one file, and everything that was odd about it."""

from pathlib import Path

from assay.core.values.instrument import Instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.contract import Fetched, Source
from assay.sources.file_bars import bars_of
from assay.sources.file_rows import rows_of
from assay.sources.layouts import layout_of
from assay.sources.reading.raw import read_raw
from assay.sources.told import Told


class File(Source):
    """One file with one table of bars of one instrument; see `file_bars.bars_of`.

    `told` is what a person says of the file; `stamp` and `overrides` are the same by themselves.
    """

    def __init__(
        self,
        path: Path | str,
        stamp: str | None = None,
        overrides: Path | None = None,
        *,
        told: Told | None = None,
    ) -> None:
        self._path = Path(path)
        self._told = told or Told.of(stamp=stamp, overrides=overrides)

    def bars(self, instrument: Instrument, timeframe: Timeframe) -> Fetched:
        """See `Source.bars`; `UserError` with one sentence for whatever the file may hold."""
        raw = read_raw(self._path)
        layout = layout_of(raw, raw.name)
        rows = rows_of(raw, layout, raw.name, self._told.dates)
        return bars_of(raw, layout, rows, instrument, timeframe, self._told)
