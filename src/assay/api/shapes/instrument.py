"""Instruments as the service shows them."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from assay.core.values.instrument import AssetClass
from assay.core.values.timeframe import Timeframe
from assay.workflows import stored_instruments as stored


class StoredSeriesOut(BaseModel, from_attributes=True):
    """One stored series; `first` and `last` are closes of bars."""

    timeframe: Timeframe = Field(description="How much time one bar covers.", examples=["1h"])
    rows: int = Field(description="How many bars are stored.", examples=[37_200])
    first: datetime = Field(description="Close of the first bar.")
    last: datetime = Field(description="Close of the newest bar.")
    source: str = Field(description="Where the newest bars came from.", examples=["massive"])
    simulated: bool = Field(description="Whether the bars come from a simulated market.")
    corrections: int = Field(description="How many times bars were corrected.", examples=[0])


class MarketSession(BaseModel, from_attributes=True):
    """Whether the market is open, by the instrument's trading calendar."""

    at: datetime = Field(description="The minute this is said of.")
    is_open: bool | None = Field(description="Null outside the years that the calendar knows.")
    next_open: datetime | None = Field(description="When it next opens; null while it is open.")
    sentence: str = Field(
        description="The same in words, with the reason.",
        examples=["FX was closed on 2026-11-29 (weekend)"],
    )


class InstrumentOut(BaseModel):
    """One instrument, what is stored of it, and whether its market is open now."""

    symbol: str = Field(examples=["EURUSD"])
    asset_class: AssetClass = Field(description="What kind of thing it is.", examples=["fx"])
    venue: str = Field(description="Where it is traded.", examples=["OTC"])
    base: str = Field(description="What is bought.", examples=["EUR"])
    quote: str = Field(description="In what it is priced.", examples=["USD"])
    calendar: str = Field(description="Its trading calendar.", examples=["FX"])
    tick: str = Field(description="The smallest price step, exact.", examples=["0.00001"])
    lot: str = Field(description="The smallest quantity step, exact.", examples=["1000"])
    decimals: int = Field(description="How many decimals a price is shown with.", examples=[5])
    simulated: bool = Field(description="Whether any of its bars come from a simulated market.")
    series: list[StoredSeriesOut] = Field(description="What is stored, the shortest bars first.")
    session: MarketSession

    @classmethod
    def of(cls, found: stored.StoredInstrument) -> Self:
        """Return the shape of an instrument."""
        one = found.instrument
        return cls(
            symbol=one.symbol,
            asset_class=one.asset_class,
            venue=one.venue,
            base=one.base,
            quote=one.quote,
            calendar=one.calendar,
            tick=f"{one.tick:f}",
            lot=f"{one.lot:f}",
            decimals=one.price_digits,
            simulated=any(series.simulated for series in found.series),
            series=[StoredSeriesOut.model_validate(series) for series in found.series],
            session=MarketSession.model_validate(found.session),
        )
