"""What a workspace knew at a time, and what became of it since."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import polars as pl

from assay.core.errors import HistoryError
from assay.core.values.bars import BAR_SCHEMA
from assay.core.values.timeframe import Timeframe
from assay.store.snapshot import SeriesThen
from assay.store.universes import Universes
from assay.workflows.desk import Desk


@dataclass(frozen=True, slots=True)
class Then:
    """What was stored at `at` (UTC): series, and how many stories and figures of both worlds."""

    at: datetime
    series: tuple[SeriesThen, ...]
    stories: int
    releases: int
    universes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {**plain, "series": [asdict(one) for one in self.series]}


@dataclass(frozen=True, slots=True)
class SeriesBars:
    """The last bars of a series as known at `at` (UTC).

    Each of `bars` says whether it is `corrected` since. `known` bars were stored then, `since` have
    come after; of those known then `corrected` are another now, or gone.
    """

    symbol: str
    timeframe: Timeframe
    at: datetime
    known: int
    since: int
    corrected: int
    bars: tuple[dict[str, Any], ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def known_at(desk: Desk, at: datetime) -> Then:
    """Return what the workspace knew at a time."""
    snapshot = desk.as_of(at)
    worlds = (False, True)
    names = Universes(desk.database).list() if desk.has_database else []
    return Then(
        at=snapshot.at,
        series=tuple(snapshot.series()),
        stories=sum(snapshot.stories(None, simulated=one).height for one in worlds),
        releases=sum(snapshot.releases(None, simulated=one).height for one in worlds),
        universes=tuple(one.name for one in names if one.first_known_at <= snapshot.at),
    )


def series_at(desk: Desk, symbol: str, timeframe: Timeframe, at: datetime, rows: int) -> SeriesBars:
    """Return the last `rows` bars of a series as known at a time; none yet is a `HistoryError`."""
    instrument = desk.instrument(symbol)
    then = desk.as_of(at).bars(instrument, timeframe).frame
    if not then.height:
        raise HistoryError(
            f"Nothing was known here of {instrument.symbol} {timeframe} at {at:%Y-%m-%d %H:%M} "
            "UTC; its first bars came later (assay data as-of TIME lists what there was)"
        )
    now = desk.bars.read(instrument, timeframe).frame
    both = then.join(now, on="time", how="left", suffix="_now", maintain_order="left")
    other = pl.any_horizontal(
        pl.col(name).ne_missing(pl.col(f"{name}_now")) for name in BAR_SCHEMA if name != "time"
    )
    marked = both.with_columns(corrected=other).select(*BAR_SCHEMA, "corrected")
    return SeriesBars(
        symbol=instrument.symbol,
        timeframe=timeframe,
        at=at,
        known=then.height,
        since=now.join(then, on="time", how="anti").height,
        corrected=int(marked["corrected"].sum()),
        bars=tuple(marked.tail(rows).to_dicts()),
    )
