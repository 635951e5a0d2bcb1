"""The board as the service shows it."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from assay.api.shapes.signal import SignalLine
from assay.core.values.instrument import AssetClass
from assay.core.values.timeframe import Timeframe
from assay.workflows import standing_board as standing


class PlaceOut(BaseModel):
    """One series: its newest signal, the one before it, its last bars, and how old it all is."""

    symbol: str = Field(examples=["EURUSD"])
    timeframe: Timeframe = Field(examples=["1h"])
    asset_class: AssetClass = Field(examples=["fx"])
    decimals: int = Field(description="How many decimals a price is shown with.", examples=[5])
    simulated: bool = Field(description="Whether the market is a simulated one.")
    signal: SignalLine | None = Field(description="Null where none is issued yet.")
    previous: SignalLine | None = Field(description="The one before; null where there is none.")
    last_bar_at: datetime = Field(description="Close of the newest stored bar.")
    last_price: float = Field(description="What it closed at.", examples=[1.0976])
    previous_price: float | None = Field(description="What the bar before closed at.")
    age_seconds: float | None = Field(
        description="How old the signal's bar is; in a simulated market by that market's time."
    )
    bars_behind: int | None = Field(
        description="How many bars should have closed since by the market's calendar; null where "
        "that is more than 30 days ago, or there is no signal.",
        examples=[0],
    )
    is_stale: bool | None = Field(
        description="Whether that is more than one bar; null without a signal."
    )

    @classmethod
    def of(cls, found: standing.Place) -> Self:
        """Return the shape of one series."""
        return cls(
            symbol=found.instrument.symbol,
            timeframe=found.timeframe,
            asset_class=found.instrument.asset_class,
            decimals=found.instrument.price_digits,
            simulated=found.simulated,
            signal=SignalLine.model_validate(found.signal) if found.signal else None,
            previous=SignalLine.model_validate(found.previous) if found.previous else None,
            last_bar_at=found.last_bar_at,
            last_price=found.last_price,
            previous_price=found.previous_price,
            age_seconds=found.age_seconds,
            bars_behind=found.bars_behind,
            is_stale=found.is_stale,
        )


class BoardOut(BaseModel):
    """Every stored series with its newest signal, by symbol and length of bar."""

    at: datetime = Field(description="The minute this is said of.")
    places: list[PlaceOut]
    problems: list[str] = Field(
        description="A sentence for each series that cannot be read; empty if all is well."
    )

    @classmethod
    def of(cls, found: standing.StandingBoard) -> Self:
        """Return the shape of the board."""
        return cls(
            at=found.at,
            places=[PlaceOut.of(one) for one in found.places],
            problems=list(found.problems),
        )
