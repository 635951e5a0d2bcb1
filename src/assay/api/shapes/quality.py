"""How the quality of stored series is answered: a line each, month by month, and one whole."""

from datetime import date, datetime
from typing import Any, Self

import polars as pl
from pydantic import BaseModel, Field

from assay.api.listed import Listed
from assay.api.shapes.common import Number
from assay.core.values.timeframe import Timeframe
from assay.workflows.covered import Gap
from assay.workflows.quality import Quality, comparison_json
from assay.workflows.quality_kept import Kept, Overview


class MissingRun(BaseModel):
    """A run of bars that should be there and are not."""

    first: datetime = Field(description="Close of its first bar.")
    last: datetime = Field(description="Close of its last bar.")
    bars: int = Field(examples=[4])

    @classmethod
    def of(cls, gap: Gap) -> Self:
        """Return a gap."""
        return cls(first=gap.first, last=gap.last, bars=gap.bars)


class FlagCount(BaseModel):
    """How often a rule flags bars of a series."""

    code: str = Field(examples=["spike", "stale", "split", "wrong_zone"])
    severity: str = Field(examples=["misleading", "broken"])
    times: int
    bars: int


class ComparisonOut(BaseModel):
    """The newest comparison of a series with another source."""

    source: str
    other: str
    at: datetime
    start: datetime
    end: datetime
    bars: int | None = Field(description="Bars that both have.")
    median_bps: Number = Field(description="Median distance of their closes.")
    volume_share: Number = Field(description="Our volume as a share of theirs.")
    differences: list[str]


class SeriesQuality(BaseModel):
    """How complete and how sound one stored series is."""

    symbol: str = Field(examples=["EURUSD"])
    timeframe: Timeframe
    source: str = Field(examples=["simulated:7"])
    simulated: bool
    calendar: str = Field(examples=["FX"])
    rows: int
    first: datetime
    last: datetime
    expected: int = Field(description="Bars that the calendar has between the first and the last.")
    coverage: Number = Field(description="Share of the expected bars that are there.")
    flagged: int = Field(description="Bars that mislead.")
    score: Number = Field(description="0 to 100; `formula` says how.", examples=[99.93])
    flags: list[FlagCount]
    gaps: int = Field(description="Runs of expected bars that are missing.")
    longest_gap: MissingRun | None
    age_hours: Number = Field(description="Hours since the last bar closed.")
    bars_behind: int | None = Field(
        description="Bars that closed since; null where simulated, or over 30 days ago."
    )
    thin: str | None = Field(description="Why its volume means little, if it does.")
    corrections: int
    comparisons: list[ComparisonOut]
    looked_at: datetime = Field(description="From when this is.")
    current: bool = Field(description="Whether its bars are still those that were looked at.")

    @classmethod
    def of(cls, kept: Kept) -> Self:
        """Return one series."""
        found = kept.quality
        return cls(
            **_facts(found),
            flags=[
                FlagCount(code=code, severity=severity, times=times, bars=bars)
                for code, (severity, times, bars) in found.codes.items()
            ],
            gaps=len(found.gaps),
            longest_gap=MissingRun.of(found.gaps[0]) if found.gaps else None,
            comparisons=[ComparisonOut(**comparison_json(row)) for row in found.compared],
            looked_at=kept.looked_at,
            current=kept.current,
        )


def _facts(found: Quality) -> dict[str, Any]:
    info = found.info
    return {
        **{name: getattr(info, name) for name in _OF_INFO},
        **{name: getattr(found, name) for name in _OF_QUALITY},
        "bars_behind": found.behind,
        "age_hours": found.age.total_seconds() / 3600,
    }


_OF_INFO = (
    "symbol", "timeframe", "source", "simulated", "rows", "first", "last", "corrections",
)  # fmt: skip
_OF_QUALITY = ("calendar", "expected", "coverage", "flagged", "score", "thin")


class QualityList(Listed[SeriesQuality]):
    """A page of the stored series, with what could not be looked at yet."""

    at: datetime = Field(description="When this was answered.")
    formula: str = Field(description="How the score is reached.")
    unseen: list[str] = Field(description="Series nobody has looked at yet.", examples=[["BTC 1m"]])
    problems: list[str] = Field(description="What cannot be looked at, and why.")
    looking: bool = Field(description="Whether they are being looked at: ask again soon.")


class MonthsRow(BaseModel):
    """One series, month by month; null in a month in which it has no bars and expects none."""

    symbol: str
    timeframe: Timeframe
    simulated: bool
    expected: list[int | None]
    there: list[int | None] = Field(description="Of the expected bars.")
    flagged: list[int | None] = Field(description="Bars that mislead.")
    looked_at: datetime


class MonthsOut(BaseModel):
    """Coverage of every series by month, for a heatmap."""

    months: list[str] = Field(description="The columns, every month.", examples=[["2021-12"]])
    rows: list[MonthsRow]
    unseen: list[str]
    looking: bool

    @classmethod
    def of(cls, found: Overview) -> Self:
        """Return the matrix of what is known."""
        every = [one.months["month"] for one in found.kept if one.months.height]
        months = _range(every)
        return cls(
            months=[f"{month:%Y-%m}" for month in months],
            rows=[_row(one, months) for one in found.kept],
            unseen=list(found.unseen),
            looking=found.looking,
        )


def _range(every: list[pl.Series]) -> list[date]:
    """Return every month from the earliest to the latest of some."""
    if not every:
        return []
    first: Any = min(one[0] for one in every)
    last: Any = max(one[-1] for one in every)
    return pl.date_range(first, last, "1mo", eager=True).to_list()


def _row(kept: Kept, months: list[date]) -> MonthsRow:
    info = kept.quality.info
    known = {row[0]: row[1:] for row in kept.months.iter_rows()}
    nothing = (None, None, None)
    columns = zip(*(known.get(month, nothing) for month in months), strict=True)
    expected, there, flagged = (list(column) for column in columns) if months else ([], [], [])
    return MonthsRow(
        symbol=info.symbol,
        timeframe=info.timeframe,
        simulated=info.simulated,
        expected=expected,
        there=there,
        flagged=flagged,
        looked_at=kept.looked_at,
    )
