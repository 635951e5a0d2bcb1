"""Bars as the service shows them: columns, so that ten thousand candles are one short answer."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from assay.core.values.timeframe import Timeframe
from assay.sources.quality.flaw import Code, Severity
from assay.workflows.drawn import Drawn


class MissingBars(BaseModel, from_attributes=True):
    """Bars that the market's calendar expects and that are not stored: closes of both ends."""

    first: datetime
    last: datetime
    bars: int = Field(description="How many are missing.", examples=[3])


class FlaggedBars(BaseModel, from_attributes=True):
    """A stretch of bars that a rule flags; nothing is decided on one that misleads."""

    code: Code = Field(examples=["spike"])
    severity: Severity = Field(examples=["misleading"])
    first: datetime
    last: datetime
    sentence: str = Field(description="What is wrong, in words.")


class BarsOut(BaseModel):
    """Bars of one series in columns, in order of time; the n-th of each column is one bar."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "symbol": "EURUSD",
                    "timeframe": "1h",
                    "decimals": 5,
                    "source": "massive",
                    "simulated": False,
                    "as_of": None,
                    "earlier": "2026-11-27T19:00:00Z",
                    "time": [1795809600, 1795813200],
                    "open": [1.0971, 1.0976],
                    "high": [1.0979, 1.0981],
                    "low": [1.0969, 1.0972],
                    "close": [1.0976, 1.0974],
                    "volume": [1203, 1180],
                    "gaps": [],
                    "flaws": [],
                }
            ]
        }
    )

    symbol: str = Field(examples=["EURUSD"])
    timeframe: Timeframe
    decimals: int = Field(description="How many decimals a price is shown with.")
    source: str = Field(description="Where the newest bars of the series came from.")
    simulated: bool = Field(description="Whether the bars come from a simulated market.")
    as_of: datetime | None = Field(
        description="The bars are as they were known then; null where they are the newest."
    )
    earlier: datetime | None = Field(
        description="The close of the bar before these: ask with it as `end` for the page before; "
        "null where the stretch begins here."
    )
    time: list[int] = Field(description="The close of each bar, seconds since 1970 UTC.")
    open: list[float]
    high: list[float]
    low: list[float]
    close: list[float]
    volume: list[float] = Field(description="In the unit of its source; 0 where it publishes none.")
    gaps: list[MissingBars] = Field(
        description="Missing bars between the first and the last of these."
    )
    flaws: list[FlaggedBars] = Field(description="What the rules of bad data say of these bars.")

    @classmethod
    def of(cls, found: Drawn, as_of: datetime | None) -> Self:
        """Return the shape of a stretch of bars."""
        bars, frame = found.bars, found.bars.frame
        columns = {name: frame[name].to_list() for name in _COLUMNS}
        return cls(
            symbol=bars.instrument.symbol,
            timeframe=bars.timeframe,
            decimals=bars.instrument.price_digits,
            source=found.source,
            simulated=found.simulated,
            as_of=as_of,
            earlier=found.earlier,
            time=frame["time"].dt.epoch("s").to_list(),
            **columns,
            gaps=[MissingBars.model_validate(one) for one in found.gaps],
            flaws=[FlaggedBars.model_validate(one) for one in found.flaws],
        )


_COLUMNS = ("open", "high", "low", "close", "volume")
