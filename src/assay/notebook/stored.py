"""The verbs on stored bars: simulate, import, check, mend, resample, read."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TypedDict

import polars as pl

from assay.core.errors import SettingsError
from assay.core.values.instrument import AssetClass
from assay.core.values.timeframe import Timeframe
from assay.notebook.asked import Moment, Names, lengths_of, moment, names_of
from assay.notebook.findings import Checked, Imports, Rows
from assay.notebook.progress import Asked, shown
from assay.notebook.results import seen_as
from assay.sources.told import Told
from assay.workflows.check import check_series
from assay.workflows.data import Resampled, list_series, resample_series
from assay.workflows.desk import Desk
from assay.workflows.imported import Wanted
from assay.workflows.imports import import_files
from assay.workflows.mend import Plan, mend, plan_mending
from assay.workflows.simulate import MarketPlan, simulate

START = datetime(2016, 1, 4, tzinfo=UTC)
LISTED = ("symbol", "timeframe", "rows", "first", "last", "source", "simulated", "corrections")


class Said(TypedDict, total=False):
    """What may be said of files that do not say it; the options of `assay data import`.

    `clock` is a time zone such as America/New_York, `stamp` open or close, `dates` day-first or
    month-first, `price_unit` what a price of 1 is worth, `asset_class` what an unknown symbol is
    (equity, index …) or one for each symbol, `calendar` its exchange's, `adjust_splits` divides
    prices before each split.
    """

    clock: str
    stamp: str
    dates: str
    price_unit: float
    asset_class: str | Mapping[str, str]
    calendar: str
    adjust_splits: bool


class Stored:
    """The bars of a workspace; see `Workspace`."""

    def __init__(self, desk: Desk, *, progress: Asked = True) -> None:
        self._desk = desk
        self._progress = progress

    @property
    def home(self) -> Path:
        """Return the workspace's folder."""
        return self._desk.home

    def series(self) -> Rows:
        """Return what is stored, a row a series; `first` and `last` are closes, UTC.

        A damaged series is a `StoreError`.
        """
        rows = [{name: getattr(info, name) for name in LISTED} for info in list_series(self._desk)]
        return Rows(rows, LISTED)

    def simulate(
        self,
        symbols: Names = (),
        timeframes: Names = ("1h", "4h"),
        *,
        years: float = 3.0,
        start: Moment = START,
        seed: int | None = None,
        progress: Asked | None = None,
    ) -> Rows:
        """Store a simulated market: bars, stories and releases, all marked as simulated.

        `symbols` are known ones, all 21 if none is named; half of them carry a small planted edge.
        The shortest timeframe can be 5m to 1h. `seed` is the workspace's if left out; the same one
        gives the same bytes, and running it again adds nothing. Times are UTC.
        """
        self._desk.refuse_loss()
        began = moment(start, "start")
        assert began is not None
        seeded = self._desk.seed if seed is None else seed
        plan = MarketPlan(seeded, years, lengths_of(timeframes), began, names_of(symbols))
        with shown(self._asked(progress)) as tick:
            simulate(self._desk, plan, tick=tick)
        return self.series()

    def import_files(
        self,
        paths: str | Path | list[str | Path],
        symbol: str | None = None,
        timeframe: str | None = None,
        *,
        progress: Asked | None = None,
        said: Said | None = None,
    ) -> Imports:
        """Store the bars that files, folders or globs hold; safe to repeat, only new ones are kept.

        Layout, symbol, timeframe, time zone, stamp and unit are found out, each with the evidence;
        `said` tells what a file does not. What cannot be known refuses a file: it is in `refused`
        with its reason, and the others are stored. One file alone that is refused raises that
        reason, a `DataError`, `SettingsError` or `NotFoundError`.
        """
        every = paths if isinstance(paths, list) else [paths]
        with shown(self._asked(progress)) as tick:
            done = import_files(
                self._desk,
                [Path(path).expanduser() for path in every],
                _wanted(symbol, timeframe, said or {}),
                tick=tick,
            )
        if len(done.refused) == 1 and not done.imported:
            raise done.refused[0].error
        return seen_as(Imports, done)

    def check(self, symbol: str, timeframe: str) -> Checked:
        """Return how a series stands against its calendar, and its bad bars; changes nothing.

        Times are closes in UTC, coverage is 0 to 1. Nothing stored is a `NotFoundError`.
        """
        found = check_series(self._desk, symbol, Timeframe.parse(timeframe))
        return seen_as(Checked, found)

    def mend(self, symbol: str, timeframe: str, *, store: bool = True) -> Plan:
        """Store a newer version without spikes and standing closes, moved weeks put back.

        It is `assay data check --fix`: the version before stays readable. With `store=False` the
        plan is returned and nothing is written. What is left as it is stands in `left`.
        """
        plan = plan_mending(self._desk, symbol, Timeframe.parse(timeframe))
        if store:
            mend(self._desk, plan)
        return plan

    def resample(self, symbol: str, source: str, to: str) -> Resampled:
        """Make longer bars, such as 4h, out of stored shorter ones, such as 1h, and store them."""
        return resample_series(self._desk, symbol, Timeframe.parse(source), Timeframe.parse(to))

    def bars(
        self,
        symbol: str,
        timeframe: str,
        start: Moment | None = None,
        end: Moment | None = None,
    ) -> pl.DataFrame:
        """Return `time` (close, UTC), `open`, `high`, `low`, `close` and `volume`, oldest first.

        `start` and `end` are closes, both included; none is all that is stored. Prices are in the
        quote currency. A gap is a missing row. An unknown series is a `NotFoundError`.
        """
        instrument = self._desk.instrument(symbol)
        first, last = moment(start, "start"), moment(end, "end")
        return self._desk.bars.read(instrument, Timeframe.parse(timeframe), first, last).frame

    def _asked(self, progress: Asked | None) -> Asked:
        return self._progress if progress is None else progress


def _wanted(symbol: str | None, timeframe: str | None, said: Said) -> Wanted:
    kinds = said.get("asset_class")
    single = kinds if isinstance(kinds, Mapping) else {}
    told = Told.of(
        stamp=said.get("stamp"),
        clock=said.get("clock"),
        dates=said.get("dates"),
        price_unit=said.get("price_unit"),
    )
    return Wanted(
        symbol,
        None if timeframe is None else Timeframe.parse(timeframe),
        told,
        _kind(kinds) if isinstance(kinds, str) else None,
        {name.upper(): _kind(kind) for name, kind in single.items()},
        said.get("calendar"),
        said.get("adjust_splits", False),
    )


def _kind(name: str) -> AssetClass:
    if name not in set(AssetClass):
        raise SettingsError(f"asset_class is one of {', '.join(AssetClass)}; found {name!r}")
    return AssetClass(name)
