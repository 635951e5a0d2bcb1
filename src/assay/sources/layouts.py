"""Which column is which: every known format is asked, then the names that bar files use."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from assay.core.errors import DataError
from assay.sources.formats.catalog import FORMATS
from assay.sources.formats.columns import is_epoch, laid_out, looks, only_value, plain
from assay.sources.formats.contents import no_bars, refuse_without_prices
from assay.sources.formats.contract import Format, Layout, Stamp
from assay.sources.reading.raw import Raw, pandas_index

__all__ = ["ROLES", "STAMP_KEY", "Layout", "Stamp", "layout_of"]

STAMP_KEY = "assay.stamp"
"""The Parquet metadata key under which Assay's own exports say "open" or "close"."""
OPEN_TIMES = ("open_time", "opentime", "time_open", "bar_open", "start_time", "timestamp")
CLOSE_TIMES = ("close_time", "closetime", "time_close", "bar_close", "end_time")
TIMES = (
    "time", "datetime", "date_time", "time_utc", "gmt_time", "ts", "date", "index", "index_level_0",
    "unnamed_0", "",
)  # fmt: skip
ROLES: Mapping[str, tuple[str, ...]] = {
    "open": ("open", "o", "open_price"),
    "high": ("high", "h", "high_price", "max"),
    "low": ("low", "l", "low_price", "min"),
    "close": ("close", "c", "close_price"),
    "volume": ("volume", "vol", "v", "tick_volume", "tickvol", "tickvolume", "volume_base"),
}
INSTRUMENTS = ("ticker", "symbol", "instrument", "pair")
DAYS, CLOCK = r"\d{8}", r"\d{1,2}:\d{2}.*"


def layout_of(raw: Raw, where: str) -> Layout:
    """Return what the columns of `raw` mean; `where` names the file in an error.

    A format that knows the table decides. Otherwise names are matched whatever their case and
    punctuation: the column `timestamp` holds the open of the bar, as do `open_time` and its like;
    `close_time` its close; the metadata of our own exports say it too; `time`, `date` and the rest
    say nothing. `DataError` where a column is missing or there twice, and where the table holds
    something else than prices.
    """
    layouts = (kind().layout(raw) for kind in _formats())
    layout = next((one for one in layouts if one is not None), None)
    layout = layout if layout is not None else _generic(raw, where)
    refuse_without_prices(raw, layout.columns, where)
    ticker = raw.metadata.get("ticker")
    return layout if layout.symbol or not ticker else replace(layout, symbol=ticker)


@cache
def _formats() -> tuple[type[Format], ...]:
    """Return all formats, those first whose tables are most their own."""
    kinds = [FORMATS.get(name) for name in FORMATS.names()]
    return tuple(sorted(kinds, key=lambda kind: kind.order))


def _generic(raw: Raw, where: str) -> Layout:
    known = _by_name(raw, where)
    columns = {role: found for role, names in ROLES.items() if (found := _first(names, known))}
    time, stamp = _time(raw, known)
    missing = [role for role in ROLES if role not in columns and role != "volume"]
    if time is None or missing:
        raise no_bars(raw, ([] if time else ["time"]) + missing, where)
    instruments = _first(INSTRUMENTS, known)
    layout = laid_out(raw, time, columns, stamp, used=[instruments] if instruments else ())
    clock = "UTC" if _tells_utc(raw, time) else None
    said = ", ".join(repr(name) for name in (*time, *columns.values()))
    symbol = only_value(raw.frame[instruments]) if instruments else None
    layout = replace(layout, symbol=symbol, instruments=instruments)
    return replace(layout, evidence=f"its columns {said}", clock=clock)


def _tells_utc(raw: Raw, time: tuple[str, ...]) -> bool:
    """Say whether a column's name tells the clock, or its values are numbers since 1970."""
    name = plain(time[0])
    return len(time) == 1 and (name in {"time_utc", "gmt_time"} or is_epoch(raw.frame[time[0]]))


def _time(raw: Raw, known: Mapping[str, str]) -> tuple[tuple[str, ...] | None, Stamp | None]:
    for names, stamp in ((OPEN_TIMES, Stamp.OPEN), (CLOSE_TIMES, Stamp.CLOSE)):
        found = _first(names, known)
        if found is not None:
            return (found,), stamp
    said = raw.metadata.get(STAMP_KEY)
    own = Stamp(said) if said in set(Stamp) else None
    if "date" in known and "time" in known:
        date, clock = known["date"], known["time"]
        digits = looks(raw.frame[date], DAYS) and looks(raw.frame[clock], r"\d{4}|\d{6}")
        if digits or looks(raw.frame[clock], CLOCK):
            return (date, clock), own
    found = _first(TIMES, known)
    found = _index(raw) if found is None else found
    return (None if found is None else (found,)), own


def _index(raw: Raw) -> str | None:
    """Return the index of a pandas frame, or the only column that holds times."""
    for name in pandas_index(raw.metadata):
        if name in raw.frame.columns:
            return name
    temporal = [name for name, kind in raw.frame.schema.items() if kind.is_temporal()]
    return temporal[0] if len(temporal) == 1 else None


def _by_name(raw: Raw, where: str) -> dict[str, str]:
    if not raw.named:
        return {}
    known: dict[str, str] = {}
    roles = {name for names in ROLES.values() for name in names}
    for column in raw.frame.columns:
        name = plain(column)
        if name in known and name in roles | {*OPEN_TIMES, *CLOSE_TIMES, *TIMES}:
            raise DataError(f"{where} has two columns called {name!r}; keep the one that is meant")
        known.setdefault(name, column)
    return known


def _first(names: tuple[str, ...], known: Mapping[str, str]) -> str | None:
    return next((known[name] for name in names if name in known), None)
