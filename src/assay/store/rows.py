"""What rows of bars say about each other: the store's rules, without a disk."""

import hashlib
from collections.abc import Iterator
from datetime import datetime

import polars as pl

from assay.core.clock import utc
from assay.core.errors import DataError
from assay.core.values.bars import BAR_SCHEMA, Bars
from assay.store.series import Manifest, Year

KNOWN_SCHEMA = pl.Schema({**BAR_SCHEMA, "known_at": pl.Datetime("us", "UTC")})
"""A bar and when it became known here."""
_VALUES = [name for name in BAR_SCHEMA if name != "time"]


def time_at(frame: pl.DataFrame, row: int, column: str = "time") -> datetime:
    """Return the close of one bar of a frame that has it, or another time of it."""
    moment = frame[column][row]
    assert isinstance(moment, datetime)
    return moment


def within(start: datetime | None, end: datetime | None) -> pl.Expr:
    """Return the condition that a bar closed from `start` to `end`, both included."""
    condition = pl.lit(value=True)
    if start is not None:
        condition = condition & (pl.col("time") >= utc(start, "start"))
    if end is not None:
        condition = condition & (pl.col("time") <= utc(end, "end"))
    return condition


def touches(year: Year, start: datetime | None, end: datetime | None) -> bool:
    """Say whether any bar of the year can lie in the span."""
    return (start is None or year.last >= utc(start)) and (end is None or year.first <= utc(end))


def covers(year: Year, start: datetime | None, end: datetime | None) -> bool:
    """Say whether every bar of the year lies in the span."""
    return (start is None or year.first >= utc(start)) and (end is None or year.last <= utc(end))


def by_year(frame: pl.DataFrame) -> Iterator[tuple[int, pl.DataFrame]]:
    """Yield each calendar year (UTC, by close) and its rows, in order."""
    years = frame["time"].dt.year()
    for year in years.unique().sort().to_list():
        yield year, frame.filter(years == year)


def differing(asked: pl.DataFrame, stored: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of `asked` that are not stored, or stored with other values."""
    both = asked.join(stored, on="time", how="left", suffix="_stored", maintain_order="left")
    other = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_stored")) for name in _VALUES)
    return both.filter(other).select(list(BAR_SCHEMA))


def content_hash(frame: pl.DataFrame) -> str:
    """Return the SHA-256 of the bars' values: each column's little-endian bytes, in order."""
    sha = hashlib.sha256()
    for name in BAR_SCHEMA:
        values = frame[name]
        physical = values.to_physical() if values.dtype.is_temporal() else values
        for piece in physical.get_chunks():
            column = piece.to_numpy()
            sha.update(column.astype(column.dtype.newbyteorder("<"), copy=False).data)
    return sha.hexdigest()


def refuse_mixture(manifest: Manifest, *, simulated: bool) -> None:
    """Refuse simulated bars after real ones, and the other way round."""
    if manifest.rows and manifest.simulated != simulated:
        words = {True: "simulated", False: "real"}
        raise DataError(
            f"{manifest.name}: {words[simulated]} bars cannot follow the "
            f"{words[manifest.simulated]} ones stored; use another workspace (ASSAY_HOME)"
        )


def refuse_differences(manifest: Manifest, asked: pl.DataFrame, stored: pl.DataFrame) -> None:
    """Refuse bars within the stored span that are not exactly what is stored."""
    wrong = differing(asked, stored)
    if not wrong.height:
        return
    first = time_at(wrong, 0)
    held = stored.filter(pl.col("time") == first)
    found = f"close {held['close'][0]:g} is stored" if held.height else "no bar is stored there"
    raise DataError(
        f"{manifest.name}: {wrong.height:,} of {asked.height:,} bars up to {manifest.last} differ "
        f"from those stored, first at {first} (close {wrong['close'][0]:g}; {found}); use "
        "assay data correct to store them as a newer version"
    )


def refuse_backdating(manifest: Manifest, known_at: datetime, last: datetime) -> None:
    """Refuse bars from the future, and a past rewritten after the fact."""
    if known_at < last:
        raise DataError(
            f"{manifest.name}: the bar that closes at {last} cannot have been known at {known_at}; "
            "drop bars that are still open"
        )
    if manifest.known_at and known_at < manifest.known_at:
        raise DataError(
            f"{manifest.name}: bars known at {known_at} cannot follow those stored at "
            f"{manifest.known_at}; check the clock"
        )


def refuse_correction(manifest: Manifest, bars: Bars, known_at: datetime) -> None:
    """Refuse to correct what is not stored yet, or at a time that is not later."""
    last = manifest.last
    if last is not None and len(bars) and bars.last_time > last:
        raise DataError(
            f"{manifest.name}: a correction up to {bars.last_time} goes past the last stored bar "
            f"at {last}; import the new bars first (assay data import)"
        )
    if manifest.known_at and known_at <= manifest.known_at:
        raise DataError(
            f"{manifest.name}: a correction known at {known_at} must be later than what it "
            f"corrects, stored at {manifest.known_at}; check the clock"
        )
