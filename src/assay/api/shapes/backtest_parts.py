"""The parts of a backtest's report."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, Field

from assay.api.shapes.common import Number, Table


class Stretch(BaseModel):
    """A stretch of history, both ends UTC."""

    start: datetime
    end: datetime


class YearOfMonths(BaseModel):
    """The returns of a year's months after costs, January first; null where nothing was tested."""

    year: int = Field(examples=[2021])
    months: list[Number] = Field(min_length=12, max_length=12, description="Shares of equity.")


class EntryHour(BaseModel):
    """The trades entered on one day of the week in one hour (UTC)."""

    weekday: int = Field(description="0 is Monday.", examples=[0])
    hour: int = Field(description="0 for bars that are not intraday.", examples=[8])
    trades: int = Field(examples=[12])
    mean_r: Number = Field(description="Mean profit over what the stop stood to lose.")
    error: Number = Field(description="Its standard error; null for one trade.")


class EntryHours(BaseModel):
    """Trades by day of the week and hour of entry; under 5 trades a cell says nothing."""

    cells: list[EntryHour]
    intraday: bool
    tested: int = Field(description="Cells with 20 trades or more.")
    beyond: int = Field(
        description="Of these, cells further from zero than 1.96 standard errors; 5 % would be by "
        "chance."
    )

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> Self:
        """Return the table of hours."""
        names = ("weekday", "hour", "trades", "mean_r", "error")
        cells = [EntryHour(**dict(zip(names, cell, strict=True))) for cell in found["cells"]]
        rest = {name: found[name] for name in ("intraday", "tested", "beyond")}
        return cls(cells=cells, **rest)


class Brier(BaseModel):
    """The Brier score and its parts: reliability - resolution + uncertainty + within.

    After Murphy (1973); the last is how forecasts differ inside a group.
    """

    n: int = Field(description="Forecasts of bars that moved.")
    score: Number = Field(description="Less is better.", examples=[0.25])
    low: Number = Field(description="Lower end of the 95 % interval.")
    high: Number = Field(description="Upper end.")
    reliability: Number
    resolution: Number
    uncertainty: Number
    within: Number
    error: Number = Field(description="Mean distance of said and happened over the groups.")
    by_chance: Number = Field(description="What that would be if the forecasts were right.")

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> Self:
        """Return the parts of a score."""
        score = found["score"]
        rest = {name: value for name, value in found.items() if name != "score"}
        return cls(score=score["value"], low=score["low"], high=score["high"], **rest)


class ReliabilityGroup(BaseModel):
    """Forecasts that said about the same: what they said, and how often it came."""

    left: Number = Field(description="Least probability said in the group.")
    right: Number = Field(description="Largest.")
    said: Number = Field(description="Mean probability of a rise.", examples=[0.486])
    happened: Number = Field(description="Share that rose.", examples=[0.486])
    low: Number = Field(description="Lower end of its 95 % interval.")
    high: Number = Field(description="Upper end.")
    n: int = Field(description="Bars that moved.", examples=[7800])


class SaidHistogram(BaseModel):
    """How many forecasts said what; the outermost bars hold all beyond them."""

    edges: list[Number]
    counts: list[int]


class Diagram(BaseModel):
    """A reliability diagram."""

    of: str = Field(examples=["pool", "ridge 1h"])
    groups: list[ReliabilityGroup]
    histogram: SaidHistogram
    brier: Brier | None

    @classmethod
    def of_found(cls, found: Mapping[str, Any], of: str) -> Self:
        """Return the diagram of the pool or of one member."""
        names = ("left", "right", "said", "happened", "low", "high", "n")
        rows = zip(*(found[name] for name in names), strict=True)
        return cls(
            of=of,
            groups=[ReliabilityGroup(**dict(zip(names, row, strict=True))) for row in rows],
            histogram=SaidHistogram(**found["histogram"]),
            brier=Brier.of(found["brier"]) if found["brier"] else None,
        )


class Reliability(BaseModel):
    """Were the probabilities right? Of the pool, and of every member."""

    pool: Diagram
    members: list[Diagram]

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> Self:
        """Return all diagrams."""
        return cls(
            pool=Diagram.of_found(found, "pool"),
            members=[Diagram.of_found(one, str(one["name"])) for one in found["members"]],
        )


class SeriesCoverage(BaseModel):
    """How much of what the calendar expects of a series was there."""

    series: str = Field(examples=["EURUSD 1h"])
    coverage: Number = Field(examples=[0.9993])


class BacktestQuality(BaseModel):
    """How sound the bars were, and which decisions waited for them."""

    table: Table
    coverage: list[SeriesCoverage]
    flags: dict[str, int] = Field(description="Stretches flagged, by rule.")
    decided: int = Field(description="Decisions in all.")
    waited: int = Field(description="Decisions that waited for a flagged bar.")
    alone: int = Field(description="Of these, that waited for nothing else.")
    lacked: int = Field(description="Decisions that waited because too many bars were missing.")

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> Self:
        """Return what a report says of its bars."""
        return cls(
            table=Table.of(found),
            coverage=[
                SeriesCoverage(series=name, coverage=share) for name, share in found["coverage"]
            ],
            lacked=found.get("lacked", 0),  # reports of earlier versions do not say
            **{name: found[name] for name in ("flags", "decided", "waited", "alone")},
        )
