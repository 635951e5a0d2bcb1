"""Figures in a table of anybody's: with their vintages, or with an assumption that says so."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from assay.core.errors import DataError, SettingsError
from assay.sources.contract import Finding
from assay.sources.figure_rows import some
from assay.sources.figures import Figure
from assay.sources.file_times import DateOrder, parsed_times
from assay.sources.published import PUBLISHED, Kind, Published
from assay.sources.reading.table import Raw
from assay.sources.vintages import Version, announced, by_first_sight, changes, figure_of

SERIES = ("series", "series_id", "id", "code", "symbol")
DATES = ("date", "observation_date", "reference_date", "period")
VALUES = ("value", "values", "actual")
VINTAGES = ("realtime_start", "vintage_date", "vintage", "release_date", "released", "published")
"""Names of columns, the best first; case, spaces and hyphens do not matter."""
_VINTAGE_COLUMN = re.compile(r"^([A-Z0-9]+)_(\d{8})$")
_MISSING = ("", ".", "nan", "na", "n/a", "null", "none")


@dataclass(frozen=True, slots=True)
class FileFigures:
    """The figures of a table, and what became of its other rows.

    `missing` rows have no value, `unreadable` no date or number, `strangers` are series nobody
    knows here. `assumed` says that the table does not tell when its figures were first known.
    """

    figures: tuple[Figure, ...]
    rows: int
    missing: int
    unreadable: int
    strangers: tuple[str, ...]
    assumed: bool
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class _Long:
    """A table with a row for each figure: columns `code`, `of`, `value`, and `vintage` or None."""

    frame: pl.DataFrame
    is_dated: bool


def has_figures(raw: Raw) -> bool:
    """Say whether a table looks like one of series: a date, and values under their names."""
    names = {_plain(name) for name in raw.frame.columns}
    return bool(names & set(DATES)) and (
        bool(names & set(VALUES)) or bool(_wide_columns(raw.frame.columns))
    )


def figures_of_table(raw: Raw, series: str | None, dates: DateOrder | None) -> FileFigures:
    """Return the figures of a table of series that FRED has; `series` names its only one.

    A date is what a figure is about, never when it was known. A column of vintages, or columns
    named by code and day as ALFRED writes them, says when; without one each figure is known when
    figures of its series had surely come out, and is marked as assumed. Two values for one date
    without a vintage are a `DataError`.
    """
    long = _long(raw, series, dates)
    frame = long.frame
    value = frame["value"].cast(pl.String).str.strip_chars()
    gone = value.is_null() | value.str.to_lowercase().is_in(list(_MISSING))
    number = value.cast(pl.Float64, strict=False)
    readable = frame["of"].is_not_null() & (number.is_finite() | gone).fill_null(value=False)
    if long.is_dated:
        readable &= frame["vintage"].is_not_null()
    kept = frame.with_columns(value=number).filter(readable & ~gone & number.is_not_null())
    codes = kept["code"].unique().sort().to_list()
    strangers = [code for code in codes if code not in PUBLISHED]
    figures: list[Figure] = []
    for code in codes:
        if code in PUBLISHED:
            rows = kept.filter(pl.col("code") == code)
            made = _with_vintages if long.is_dated else _assumed
            figures += made(PUBLISHED[code], rows, raw.name)
    return FileFigures(
        tuple(sorted(figures, key=by_first_sight)),
        frame.height,
        int(gone.sum()),
        int((~readable).sum()),
        tuple(strangers),
        not long.is_dated,
        (_how(long.is_dated),),
    )


def _how(is_dated: bool) -> Finding:  # noqa: FBT001 - the only thing it is asked
    if is_dated:
        said = "on the day of its vintage, at the hour of its series, else at the end of the day"
        return Finding("first seen", said, "the table tells vintages")
    said = "when figures of its series had surely come out, which is ASSUMED"
    why = "the table has no vintages: its date is what a figure is about; it is the latest version"
    return Finding("first seen", said, why)


def _long(raw: Raw, series: str | None, dates: DateOrder | None) -> _Long:
    """Return the table with a row for each figure."""
    plain = {_plain(name): name for name in reversed(raw.frame.columns)}
    of = _first(plain, DATES)
    if of is None:
        raise SettingsError(
            f"{raw.name}: which column holds the dates cannot be told from the names "
            f"{', '.join(raw.frame.columns)}; call it date"
        )
    value, code, vintage = (_first(plain, names) for names in (VALUES, SERIES, VINTAGES))
    days = _days(raw.frame[of], dates)
    if value is None:
        return _unpivoted(raw, days)
    if code is None and series is None:
        raise SettingsError(
            f"{raw.name} does not say which series it holds: say it with --series CODE, as FRED "
            "calls it"
        )
    codes = raw.frame[code].cast(pl.String) if code else pl.Series([series] * days.len())
    seen = _days(raw.frame[vintage], dates) if vintage else pl.Series([None] * days.len())
    frame = pl.DataFrame(
        {
            "code": codes.cast(pl.String).str.strip_chars().str.to_uppercase(),
            "of": days,
            "value": raw.frame[value].cast(pl.String),
            "vintage": seen.cast(pl.Date),
        }
    )
    return _Long(frame, vintage is not None)


def _unpivoted(raw: Raw, days: pl.Series) -> _Long:
    """Return a table whose columns are series, or their vintages, as rows."""
    wide = _wide_columns(raw.frame.columns)
    if not wide:
        raise SettingsError(
            f"{raw.name} has no column of values, and none is named as a series of FRED: it has "
            f"{', '.join(raw.frame.columns)}"
        )
    dated = {vintage is not None for _, vintage in wide.values()}
    if len(dated) > 1:
        raise DataError(f"{raw.name} has columns with a vintage in their name and others without")
    parts = [
        pl.DataFrame({"of": days, "value": raw.frame[name].cast(pl.String)}).select(
            pl.lit(code).alias("code"),
            "of",
            "value",
            pl.lit(vintage, dtype=pl.Date).alias("vintage"),
        )
        for name, (code, vintage) in wide.items()
    ]
    return _Long(pl.concat(parts), dated == {True})


def _wide_columns(names: Sequence[str]) -> dict[str, tuple[str, date | None]]:
    """Return the columns that are named as a series, with the day of their vintage, if any."""
    found: dict[str, tuple[str, date | None]] = {}
    for name in names:
        code = name.strip().upper()
        match = _VINTAGE_COLUMN.match(code)
        if code in PUBLISHED:
            found[name] = (code, None)
        elif match and match[1] in PUBLISHED:
            found[name] = (match[1], datetime.strptime(match[2], "%Y%m%d").date())  # noqa: DTZ007 - a day has no zone
    return found


def _with_vintages(series: Published, rows: pl.DataFrame, name: str) -> list[Figure]:
    """Return the figures of one series whose vintages are told."""
    versions = _versions(rows.unique(["of", "vintage", "value"]), name)
    if series.kind is Kind.ANNOUNCED:
        return list(announced(series, versions, {one.vintage for one in versions}))
    if series.kind is Kind.DECIDED:
        versions = changes(versions, {})
    return [figure_of(series, one, series.due(one.of)) for one in versions]


def _versions(rows: pl.DataFrame, name: str) -> list[Version]:
    """Return the versions by period and vintage; a value that is told again is no new one."""
    ordered = rows.sort("of", "vintage")
    twice = ordered.filter(ordered.select("of", "vintage").is_duplicated())
    if twice.height:
        raise DataError(
            f"{name} says two things of {twice['code'][0]} for {twice['of'][0]} in one vintage, "
            f"{twice['vintage'][0]}"
        )
    new = (pl.col("value") != pl.col("value").shift(1).over("of")).fill_null(value=True)
    return [Version(*row) for row in ordered.filter(new).select("of", "vintage", "value").rows()]


def _assumed(series: Published, rows: pl.DataFrame, name: str) -> list[Figure]:
    """Return the figures of one series of which nobody says when they were known."""
    single = rows.unique(["of", "value"]).sort("of")
    twice = single.filter(single["of"].is_duplicated())["of"].unique().sort()
    if twice.len():
        raise DataError(
            f"{name} has two values of {series.code} for {some(twice)}, and no column of vintages "
            "that says which was known when"
        )
    versions = [Version(of, of, value) for of, value in single.select("of", "value").rows()]
    if series.kind is Kind.DECIDED:
        versions = changes(versions, {})
    figures = []
    for one in versions:
        seen = series.assumed(one.of)
        due = seen if series.kind is Kind.ANNOUNCED else min(series.due(one.of), seen)
        figures.append(
            Figure(
                series.name,
                series.currency,
                due,
                seen,
                one.value,
                period=series.period(one.of),
                assumed=True,
            )
        )
    return figures


def _days(column: pl.Series, dates: DateOrder | None) -> pl.Series:
    return parsed_times(column, dates).values.dt.date()


def _first(plain: Mapping[str, str], names: Sequence[str]) -> str | None:
    return next((plain[name] for name in names if name in plain), None)


def _plain(name: str) -> str:
    return re.sub(r"[\s\-]+", "_", name.strip().lower())
