"""The verbs on features: read, plot, rank, and look for drift."""

from pathlib import Path
from typing import Any, Literal

import polars as pl

from assay.core.values.timeframe import Timeframe
from assay.features.sets import Which
from assay.notebook.asked import Moment, Names, lengths_of, moment, names_of
from assay.notebook.findings import Rows
from assay.notebook.progress import Asked, shown
from assay.notebook.stored import Stored
from assay.workflows.catalogue import group_called
from assay.workflows.drifting import drifting
from assay.workflows.feature_frame import feature_frame
from assay.workflows.foretelling import foretelling
from assay.workflows.leaning import leaning
from assay.workflows.plotted import plotted
from assay.workflows.reports import write_plotted

BY_IC = ("column", "group", "ic", "low", "high", "adjusted", "survives", "suspicious")
BY_MEMBERS = ("column", "group", "share", "spread")
DRIFT = ("series", "column", "verdict", "psi", "limit", "distance")


class Columns(Stored):
    """The features of a workspace; see `Workspace`."""

    def features(
        self,
        symbol: str,
        timeframe: str,
        names: Names = (),
        *,
        which: Which | None = None,
        start: Moment | None = None,
        end: Moment | None = None,
    ) -> pl.DataFrame:
        """Return `time` (close, UTC) and a column a feature column, every stored bar a row.

        `names` are features or columns (`assay features list`), the whole set if none is named;
        `which` is standard or full, the workspace's if left out. A row holds only what was known
        at its close; null where a value is not known. Too few bars are a `HistoryError`, an
        unknown name a `NotFoundError`.
        """
        return feature_frame(
            self._desk,
            symbol,
            Timeframe.parse(timeframe),
            names_of(names),
            which=which,
            start=moment(start, "start"),
            end=moment(end, "end"),
        )

    def plot(
        self,
        symbol: str,
        timeframe: str,
        names: Names,
        *,
        bars: int = 500,
        until: Moment | None = None,
        out: str | Path | None = None,
    ) -> Path:
        """Draw features beneath the price as one HTML page without network; return its path.

        It goes to `out`, or to the workspace's reports/. `until` is a close, UTC.
        """
        found = plotted(
            self._desk,
            symbol,
            Timeframe.parse(timeframe),
            names_of(names),
            bars=bars,
            until=moment(until, "until"),
        )
        return write_plotted(self._desk, found, None if out is None else Path(out))

    def importance(
        self,
        symbols: Names = (),
        timeframe: str | None = None,
        *,
        by: Literal["ic", "members"] = "ic",
        span: Literal["train", "all"] = "train",
        which: Which | None = None,
        groups: Names = (),
        progress: Asked | None = None,
    ) -> Rows:
        """Return which columns matter, the first the most.

        By `ic`: the rank correlation (-1 to 1) of each column with the volatility-scaled return
        after it, with a 95 % interval over whole days, and `adjusted`, its p corrected for having
        looked at all; `span` train ends before a backtest's tests. By `members`: how far trained
        models' answers move when rows swap the column's values, as `share` of all of it.
        """
        length = None if timeframe is None else Timeframe.parse(timeframe)
        wanted = [group_called(name) for name in names_of(groups)]
        found: dict[str, Any]
        with shown(self._asked(progress)) as tick:
            if by == "members":
                found = leaning(self._desk, names_of(symbols), length, groups=wanted, tick=tick)
            else:
                found = foretelling(
                    self._desk,
                    names_of(symbols),
                    length,
                    span=span,
                    which=which,
                    groups=wanted,
                    tick=tick,
                )
        return Rows(found["columns"], BY_IC if by == "ic" else BY_MEMBERS)

    def drift(
        self,
        symbols: Names = (),
        timeframes: Names = (),
        *,
        recent: int = 500,
        which: Which | None = None,
        progress: Asked | None = None,
    ) -> Rows:
        """Compare the newest `recent` bars with those the models were trained on, by column.

        `psi` is the population stability index and `limit` what the column stays under by chance;
        `verdict` says whether it moved or drifted.
        """
        with shown(self._asked(progress)) as tick:
            found = drifting(
                self._desk,
                names_of(symbols),
                lengths_of(timeframes),
                recent=recent,
                which=which,
                tick=tick,
            )
        rows = [
            {"series": one["series"], **column}
            for one in found["series"]
            for column in one["columns"]
        ]
        return Rows(rows, DRIFT)
