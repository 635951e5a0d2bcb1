"""How one stored series is answered whole: against its calendar, with all that is odd."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Self

from pydantic import BaseModel, Field

from assay.api.listed import Listed
from assay.api.shapes.common import Number
from assay.api.shapes.quality import MissingRun
from assay.core.values.timeframe import Timeframe
from assay.workflows.check import Checked
from assay.workflows.quality_kept import Look

MOST_FLAWS = 500


class YearOut(BaseModel):
    """One year (UTC) of a series: a feed that changed shows here."""

    year: int
    rows: int
    expected: int
    missing: int
    coverage: Number
    volume: Number = Field(description="Median volume of a bar.")


class DaysOut(BaseModel):
    """Every day (UTC) of a series, in columns."""

    day: list[date]
    expected: list[int]
    there: list[int]
    flagged: list[int]


class FlawOut(BaseModel):
    """One thing that a rule finds wrong."""

    code: str = Field(examples=["spike"])
    severity: str = Field(examples=["misleading"])
    first: datetime | None
    last: datetime | None
    rows: int
    sentence: str


class SplitOut(BaseModel):
    """A jump of a share that looks like a split which nobody adjusted for."""

    day: date
    at: datetime
    new: int = Field(description="So many shares …", examples=[4])
    old: int = Field(description="… for so many old ones.", examples=[1])
    before: Number = Field(description="The last close before.")
    after: Number = Field(description="The next open.")


class HolidayOut(BaseModel):
    """A day on which nothing or less was expected."""

    day: date
    name: str = Field(examples=["Christmas", "early close"])


class CheckedOut(BaseModel):
    """One series held against its calendar, and what is odd about it."""

    source: str
    simulated: bool
    rows: int
    expected: int
    missing: int
    coverage: Number
    flagged: int
    score: Number
    score_words: str = Field(examples=["99.93 = 100 x 99.93% coverage x (1 - 0.00% flagged)"])
    outside: int = Field(description="Bars that lie where the calendar is closed.")
    outside_first: datetime | None
    outside_last: datetime | None
    longest_gaps: list[MissingRun] = Field(description="The longest 20; `gaps` lists all.")
    years: list[YearOut]
    days: DaysOut
    holidays: list[HolidayOut]
    splits: list[SplitOut]
    flaw_count: int
    flaws: list[FlawOut] = Field(description=f"The newest {MOST_FLAWS}.")
    corrections: list[str]
    thin: str | None
    zero_volume: int = Field(description="Bars without volume.")
    flat: int = Field(description="Bars whose high is their low.")

    @classmethod
    def of(cls, check: Checked) -> Self:
        """Return a checked series."""
        told: Mapping[str, Any] = check.to_json()
        first, last = check.outside_span or (None, None)
        return cls(
            **{name: told[name] for name in _OF_CHECK},
            outside_first=first,
            outside_last=last,
            longest_gaps=[MissingRun.of(gap) for gap in check.gaps],
            days=DaysOut(
                **{n: [getattr(day, n) for day in check.days] for n in DaysOut.model_fields}
            ),
            holidays=[HolidayOut(day=day, name=name) for day, name in _named(check)],
            splits=[
                SplitOut(**{n: getattr(split, n) for n in SplitOut.model_fields})
                for split in check.splits
            ],
            flaw_count=len(check.flaws),
            flaws=[FlawOut(**flaw.to_json()) for flaw in check.flaws[-MOST_FLAWS:]],
        )


def _named(check: Checked) -> list[tuple[date, str]]:
    return [(date.fromisoformat(day), name) for day, name in check.holidays]


_OF_CHECK = (
    "source", "simulated", "rows", "expected", "missing", "coverage", "flagged", "score",
    "score_words", "outside", "years", "corrections", "thin", "zero_volume", "flat",
)  # fmt: skip


class LookOut(BaseModel):
    """All that is known of one series, from when its bars were last looked at."""

    symbol: str = Field(examples=["EURUSD"])
    timeframe: Timeframe
    simulated: bool
    looked_at: datetime | None = Field(description="From when this is; null if from never.")
    current: bool = Field(description="Whether its bars are still those that were looked at.")
    looking: bool = Field(description="Whether it is being looked at: ask again soon.")
    problem: str | None = Field(description="Why it cannot be looked at.")
    found: CheckedOut | None = Field(description="Null until it was looked at.")

    @classmethod
    def of(cls, look: Look) -> Self:
        """Return what is known of one series."""
        return cls(
            symbol=look.info.symbol,
            timeframe=look.info.timeframe,
            simulated=look.info.simulated,
            looked_at=look.looked_at,
            current=look.current,
            looking=look.looking,
            problem=look.problem,
            found=CheckedOut.of(look.checked) if look.checked else None,
        )


class GapList(Listed[MissingRun]):
    """A page of the gaps of one series, from when its bars were last looked at."""

    looked_at: datetime | None = Field(description="From when this is; null if from never.")
    current: bool = Field(description="Whether its bars are still those that were looked at.")
    looking: bool = Field(description="Whether it is being looked at: ask again soon.")
    problem: str | None = Field(description="Why it cannot be looked at.")
