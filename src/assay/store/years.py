"""The files of a series' years: read as of a time, grown, corrected."""

from datetime import datetime

import polars as pl

from assay.core.clock import utc
from assay.core.errors import DataError
from assay.core.values.bars import BAR_SCHEMA
from assay.store.parts import Folder, Part
from assay.store.rows import KNOWN_SCHEMA, content_hash, time_at
from assay.store.series import Manifest, Year

COLUMNS = list(BAR_SCHEMA)


def version(
    folder: Folder, year: Year, known_at: datetime | None, where: pl.Expr | None = None
) -> pl.DataFrame:
    """Return the bars of a year, or those that fit, the newest or as they were known at a time."""
    if known_at is None:
        return folder.get(year.current, COLUMNS, where)
    current = folder.get(year.current, where=where)
    moment = utc(known_at, "time at which something was known")
    seen = current.filter(pl.col("known_at") <= moment).select(COLUMNS)
    if not year.history:
        return seen
    then = folder.get(year.history, where=where).filter(
        pl.col("known_at") <= moment, pl.col("replaced_at") > moment
    )
    return pl.concat([seen, then.select(COLUMNS)]).sort("time")


def grown(folder: Folder, manifest: Manifest, year: int, rows: pl.DataFrame) -> Year:
    """Write a year with `rows` (of `KNOWN_SCHEMA`) after what it has."""
    before = manifest.year(year)
    whole = pl.concat([folder.get(before.current), rows]) if before else rows
    return _written(folder, year, whole, before.history if before else None)


def corrected(
    folder: Folder,
    manifest: Manifest,
    year: int,
    rows: pl.DataFrame,
    moment: datetime,
    gone: pl.DataFrame,
) -> Year:
    """Write a year with `rows` in the place of its own, those of `gone` taken away."""
    before = manifest.year(year)
    history = before.history if before else None
    current = folder.get(before.current) if before else KNOWN_SCHEMA.to_frame()
    at = pl.lit(moment, KNOWN_SCHEMA["known_at"])
    older = current.join(rows, on="time", how="semi").with_columns(replaced_at=at)
    kept = current.join(rows, on="time", how="anti")
    if older.height:
        if history:
            older = pl.concat([folder.get(history), older]).sort("time", "known_at")
        history = folder.put(f"year={year}", "history", older)
    rows = rows.join(gone, on="time", how="anti")
    if kept.is_empty() and rows.is_empty():
        raise DataError(f"{manifest.name}: no bar of {year} would be left; correct fewer at a time")
    whole = pl.concat([kept, rows.with_columns(known_at=at)]).sort("time")
    return _written(folder, year, whole, history)


def _written(folder: Folder, year: int, rows: pl.DataFrame, history: Part | None) -> Year:
    return Year(
        year=year,
        first=time_at(rows, 0),
        last=time_at(rows, -1),
        content=content_hash(rows),
        current=folder.put(f"year={year}", "bars", rows),
        history=history,
    )
