"""How good each stored series is: coverage, flags, one score, gaps, age, what others say of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from assay.core.calendars.calendar import calendar
from assay.core.errors import AssayError, HistoryError
from assay.core.values.timeframe import Timeframe
from assay.store.comparisons import ComparisonRow, Comparisons
from assay.store.series import SeriesInfo
from assay.workflows.covered import Gap, covered
from assay.workflows.desk import Desk, Tick, silent
from assay.workflows.flagged import FORMULA, flagged_times, flaws_of, score
from assay.workflows.learn import in_threads
from assay.workflows.mend import counted
from assay.workflows.thin import thin_of

COUNTED = timedelta(days=30)
"""Bars that a series is behind are counted up to here; one that is older is old."""


@dataclass(frozen=True, slots=True)
class Quality:
    """What is known of one stored series, as of `at` (UTC).

    `expected` bars should exist between its first and its last, `there` of them do, `flagged` of
    its rows mislead; `gaps` are the runs that are missing, the longest first. `behind` counts the
    bars that closed since the last one, None where that is more than `COUNTED` ago or simulated.
    `codes` are the classes of flaws: severity, how many times, in how many bars. `days` has the
    columns of `Covered.by_day`, `closed` the days of the span on which the market kept a holiday.
    """

    info: SeriesInfo
    at: datetime
    calendar: str
    expected: int
    there: int
    flagged: int
    codes: Mapping[str, tuple[str, int, int]]
    gaps: tuple[Gap, ...]
    behind: int | None
    thin: str | None
    compared: tuple[ComparisonRow, ...]
    days: pl.DataFrame
    closed: Mapping[str, str]

    @property
    def name(self) -> str:
        """Return symbol and timeframe."""
        return f"{self.info.symbol} {self.info.timeframe}"

    @property
    def coverage(self) -> float:
        """Return the share of expected bars that are there."""
        return self.there / self.expected if self.expected else 0.0

    @property
    def score(self) -> float:
        """Return how good it is, 0 to 100: see `FORMULA`."""
        return score(self.coverage, self.flagged, self.info.rows)

    @property
    def flagged_share(self) -> float:
        """Return the share of its bars that mislead."""
        return self.flagged / self.info.rows

    @property
    def age(self) -> timedelta:
        """Return how long ago the last bar closed."""
        return self.at - self.info.last

    @property
    def months(self) -> pl.DataFrame:
        """Return `month` (its first day), `expected`, `there` and `flagged`."""
        return by_month(self.days)

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        info, longest = self.info, self.gaps[0] if self.gaps else None
        return {
            "symbol": info.symbol,
            "timeframe": info.timeframe,
            "source": info.source,
            "simulated": info.simulated,
            "calendar": self.calendar,
            "rows": info.rows,
            "first": info.first,
            "last": info.last,
            "expected": self.expected,
            "coverage": self.coverage,
            "flagged": self.flagged,
            "score": self.score,
            "formula": FORMULA,
            "gaps": len(self.gaps),
            "longest_gap": longest and gap_json(longest),
            "age_hours": self.age / timedelta(hours=1),
            "bars_behind": self.behind,
            "thin": self.thin,
            "corrections": info.corrections,
            "flaws": [
                {"code": code, "severity": severity, "times": times, "bars": bars}
                for code, (severity, times, bars) in self.codes.items()
            ],
            "comparisons": [comparison_json(row) for row in self.compared],
            "months": [{**one, "month": f"{one['month']:%Y-%m}"} for one in self.months.to_dicts()],
        }


def gap_json(gap: Gap) -> dict[str, Any]:
    """Return a gap as plain data."""
    return {"first": gap.first, "last": gap.last, "bars": gap.bars}


def comparison_json(row: ComparisonRow) -> dict[str, Any]:
    """Return the newest comparison with one other source as plain data."""
    said = [str(one["sentence"]) for one in row.findings.get("differences", ())]
    return {
        "source": row.source,
        "other": row.other,
        "at": row.at,
        "start": row.start,
        "end": row.end,
        "bars": row.findings.get("both"),
        "median_bps": row.findings.get("median_bps"),
        "volume_share": row.volume_share,
        "differences": said,
    }


def by_month(days: pl.DataFrame) -> pl.DataFrame:
    """Return `month` (its first day), `expected`, `there` and `flagged` of `Covered.by_day`."""
    month = pl.col("day").dt.truncate("1mo").alias("month")
    return days.group_by(month).agg(pl.col("expected", "there", "flagged").sum()).sort("month")


def quality_of(desk: Desk, info: SeriesInfo) -> Quality:
    """Return how good one stored series is; its bars are looked at once for each version."""
    instrument, timeframe = desk.instrument(info.symbol), info.timeframe
    bars = desk.bars.read(instrument, timeframe)
    found, flaws = covered(bars), flaws_of(desk, bars)
    marked = flagged_times(bars, flaws)
    thin = thin_of(desk, info.symbol, timeframe)
    known = Comparisons(desk.database).newest(info.symbol, timeframe) if desk.has_database else []
    market = calendar(instrument.calendar)
    kept = market.holidays(bars.first_time.date(), bars.last_time.date())
    now = desk.clock.now()
    return Quality(
        info=info,
        at=now,
        calendar=instrument.calendar,
        expected=len(found.expected),
        there=int(found.there.sum()),
        flagged=len(marked),
        codes={str(c): (severity, n, rows) for c, severity, n, rows in counted(flaws)},
        gaps=tuple(sorted(found.gaps(), key=lambda gap: gap.bars, reverse=True)),
        behind=None
        if info.simulated
        else bars_behind(instrument.calendar, timeframe, info.last, now),
        thin=str(thin) if thin is not None else None,
        compared=tuple(known),
        days=found.by_day(marked),
        closed={str(day): name for day, name in kept.select("date", "name").iter_rows()},
    )


def bars_behind(name: str, timeframe: Timeframe, last: datetime, now: datetime) -> int | None:
    """Return how many bars have closed since the last one, None where that is long ago."""
    if not timedelta(0) <= now - last <= COUNTED:
        return None
    try:
        closes = calendar(name).expected_closes(timeframe, last, now)
    except HistoryError:  # later than the calendar knows
        return None
    return int((closes > last).sum())


def qualities(
    desk: Desk,
    wanted: Sequence[tuple[str, Timeframe]],
    *,
    problems: list[str],
    tick: Tick = silent,
) -> list[Quality]:
    """Return how good each of the stored series `wanted` is, in their order.

    One that cannot be looked at is left out and named in `problems`.
    """
    infos = [desk.bars.info(symbol, timeframe) for symbol, timeframe in wanted]

    def look(info: SeriesInfo) -> Quality | str:
        try:
            return quality_of(desk, info)
        except AssayError as error:
            return f"{info.symbol} {info.timeframe}: {error}"

    found: list[Quality] = []
    for number, one in enumerate(in_threads(look, infos, desk.jobs), 1):
        if isinstance(one, Quality):
            found.append(one)
        else:
            problems.append(one)
        tick("Looking at series", number, len(infos))
    return found
