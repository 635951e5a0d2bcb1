"""Economic calendars in a table of anybody's: schedules, and what was expected and came out."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import polars as pl

from assay.core.errors import SettingsError
from assay.sources.agenda_rows import (
    LONGEST_TITLE,
    Row,
    figures_of,
    impact_of,
    money_of,
    series_of,
)
from assay.sources.clocks import HOUR, Clocks, parse_clock
from assay.sources.contract import Finding, Note
from assay.sources.decisions import BANKS, POLICY_RATE
from assay.sources.figures import Figure
from assay.sources.file_stories import LAST_PLACE
from assay.sources.file_times import DateOrder, parsed_times
from assay.sources.reading.table import Raw

TITLES = ("event", "name", "title", "description", "indicator")
MOMENTS = ("timestamp", "datetime", "date_time", "time_utc", "date", "day", "time")
HOURS = ("time",)
PLACES = ("currency", "country", "zone", "ccy", "region")
IMPACTS = ("impact", "importance", "volatility", "priority")
ACTUALS = ("actual", "actual_value")
FORECASTS = ("forecast", "consensus", "estimate", "expected", "forecast_value")
PREVIOUS = ("previous", "prev", "prior", "previous_value")
"""Names of columns, the best first; case, spaces and hyphens do not matter."""
_CLOCK = re.compile(r"\d{1,2}:\d{2}")
_QUANTITY = re.compile(
    r"^[<>~≈]?\s*([+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?|[+-]?\d*\.?\d+)\s*([KMBT%]?)\s*$", re.I
)
_SIZES = {"K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}


@dataclass(frozen=True, slots=True)
class FileCalendar:
    """The figures and events of a table, and what became of its other rows.

    `untimed` rows have no time that can be read, `strangers` are places whose money is none of
    ours. `dated` rows name a day alone.
    """

    figures: tuple[Figure, ...]
    rows: int
    untimed: int
    dated: int
    strangers: tuple[str, ...]
    notes: tuple[Note, ...]
    findings: tuple[Finding, ...]


def has_events(raw: Raw) -> bool:
    """Say whether a table looks like a calendar: events, the money they bear on, and times."""
    plain = _columns(raw)
    return all(_first(plain, names) for names in (TITLES, PLACES, MOMENTS))


def events_of_table(
    raw: Raw, clock: Clocks | None, dates: DateOrder | None, now: datetime
) -> FileCalendar:
    """Return what a calendar says, as known at `now` (UTC).

    Times without a zone are those of `clock`; without one they are a `SettingsError`. What names
    its day alone came when the day was over in that zone, without one at its last end on earth;
    the decision of a central bank at the bank's hour. An event was known when it took place, one
    to come now.
    """
    plain = _columns(raw)
    title, place = (_required(raw, plain, names) for names in (TITLES, PLACES))
    texts = {
        name: raw.frame[column].cast(pl.String).to_list()
        for name, column in (("title", title), ("place", place))
    }
    whens, notes = _whens(raw, plain, clock, dates)
    numbers = {
        name: _numbers(raw, _first(plain, names))
        for name, names in (("actual", ACTUALS), ("consensus", FORECASTS), ("previous", PREVIOUS))
    }
    impacts = _texts(raw, _first(plain, IMPACTS))
    rows: list[Row] = []
    strangers: dict[str, None] = {}
    untimed = dated = 0
    for line in range(raw.frame.height):
        what, where, when = texts["title"][line], texts["place"][line], whens[line]
        if not what or not where or when is None:
            untimed += 1
            continue
        if money_of(where) is None:
            strangers[where.strip()] = None
            continue
        dated += isinstance(when, _Day)
        rows.append(
            Row(
                what.strip()[:LONGEST_TITLE],
                where,
                when.over(where, what) if isinstance(when, _Day) else when,
                actual=numbers["actual"][line],
                consensus=numbers["consensus"][line],
                previous=numbers["previous"][line],
                impact=impact_of(impacts[line]),
            )
        )
    figures, more = figures_of(rows, now, raw.name)
    zone = clock.name if clock else "the times' own, days end where they end last on earth"
    found = (Finding("times", zone, "as you say" if clock else "", "--zone"),)
    return FileCalendar(
        figures, raw.frame.height, untimed, dated, tuple(strangers), (*notes, *more), found
    )


@dataclass(frozen=True, slots=True)
class _Day:
    """A day alone, in the zone of `clock`."""

    day: date
    clock: Clocks

    def over(self, place: str, title: str) -> datetime:
        """Return when (UTC) what happened on it was surely known."""
        money = money_of(place)
        if money is not None and series_of(title, place) == POLICY_RATE:
            return BANKS[money].decided(self.day)
        end = datetime.combine(self.day + timedelta(days=1), time(), UTC)
        local = pl.Series([end]).dt.epoch("us").to_numpy()
        micros, exists = self.clock.utc(local)
        if not exists[0]:  # where the clock skips midnight, the day ends an hour on
            micros, _ = self.clock.utc(local + HOUR)
        return datetime.fromtimestamp(int(micros[0]) / 1_000_000, UTC)


def _whens(
    raw: Raw, plain: Mapping[str, str], clock: Clocks | None, dates: DateOrder | None
) -> tuple[list[datetime | _Day | None], tuple[Note, ...]]:
    """Return when each row took place: a moment in UTC, or a day."""
    column = _required(raw, plain, MOMENTS)
    hours = _first(plain, HOURS)
    whole = raw.frame[column]
    if hours is not None and hours != column:
        words = raw.frame[hours].cast(pl.String).fill_null("").str.strip_chars()
        days_alone = whole if whole.dtype == pl.String else whole.dt.date().cast(pl.String)
        clocked = words.zip_with(words.str.contains(_CLOCK.pattern), pl.Series([""]))
        whole = (days_alone + " " + clocked).str.strip_chars().alias(column)
    times = parsed_times(whole, dates)
    if times.naive and clock is None:
        raise SettingsError(
            f"{raw.name}: the times of {column!r} name no zone; say with --zone what they are "
            "written in (UTC, America/New_York …): a wrong one makes figures known too early"
        )
    timed = (
        whole.str.contains(_CLOCK.pattern)
        if whole.dtype == pl.String
        else pl.Series([not times.are_dates]).new_from_index(0, whole.len())
    )
    days = clock or parse_clock(LAST_PLACE)
    moments = _utc(times.values, clock) if times.naive and clock else times.values
    found: list[datetime | _Day | None] = []
    for value, moment, has_clock in zip(times.values, moments, timed, strict=True):
        if value is None:
            found.append(None)
        else:
            found.append(moment if has_clock else _Day(value.date(), days))
    return found, times.notes


def _utc(values: pl.Series, clock: Clocks) -> pl.Series:
    """Return times that stand as if they were UTC as what they are, null where they never were."""
    micros, exists = clock.utc(values.dt.epoch("us").fill_null(0).to_numpy())
    known = pl.Series(exists) & values.is_not_null()
    return pl.Series(micros).set(~known, None).cast(pl.Datetime("us", "UTC"))


def _numbers(raw: Raw, column: str | None) -> list[float | None]:
    """Return the figures of a column: 224K, -0.3%, 1.25M, 1,234.5; what is none is None."""
    return [quantity(text) for text in _texts(raw, column)]


def quantity(text: str) -> float | None:
    """Return what a calendar writes as a figure; None where it is none.

    >>> quantity("224K"), quantity("-0.3%"), quantity("1,234.5"), quantity("tentative")
    (224000.0, -0.3, 1234.5, None)
    """
    found = _QUANTITY.match(text.strip().replace("\u2212", "-"))
    if found is None:
        return None
    return float(found[1].replace(",", "")) * _SIZES.get(found[2].upper(), 1.0)


def _texts(raw: Raw, column: str | None) -> list[str]:
    if column is None:
        return [""] * raw.frame.height
    return [text or "" for text in raw.frame[column].cast(pl.String)]


def _columns(raw: Raw) -> dict[str, str]:
    return {
        re.sub(r"[\s\-]+", "_", name.strip().lower()): name for name in reversed(raw.frame.columns)
    }


def _first(plain: Mapping[str, str], names: Sequence[str]) -> str | None:
    return next((plain[name] for name in names if name in plain), None)


def _required(raw: Raw, plain: Mapping[str, str], names: Sequence[str]) -> str:
    found = _first(plain, names)
    if found is None:
        raise SettingsError(
            f"{raw.name} has no column {' or '.join(names[:3])}; it has "
            f"{', '.join(raw.frame.columns)}"
        )
    return found
