"""Forecasts as the service shows them: one fan a member."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from assay.core.values.timeframe import Timeframe
from assay.workflows.foreseen import Foreseen


class QuantileOut(BaseModel, from_attributes=True):
    """Where it ends with probability `p` at most: as a log return and as a price."""

    p: float = Field(examples=[0.05])
    scaled: float = Field(description="The log return in volatilities.", examples=[-1.62])
    log_return: float = Field(examples=[-0.0035])
    price: float = Field(examples=[1.09376])


class ForecastOut(BaseModel, from_attributes=True):
    """What one member foretold: from `price` at `made_at` to the fan at `until`."""

    member: str = Field(examples=["ridge"])
    family: str = Field(examples=["linear"])
    timeframe: Timeframe
    artefact: str
    weight: float = Field(description="What it weighs in the pool.")
    probability: float = Field(description="Of a rise, if it moves, as the pool reads it.")
    p_down: float | None = Field(description="Calibrated; null if it was silent.")
    p_flat: float | None = Field(description="Of moving less than a quarter of the volatility.")
    p_up: float | None
    made_at: datetime | None = Field(description="Close of the bar it was made on.")
    until: datetime | None = Field(description="When its horizon ends, by the trading calendar.")
    horizon_bars: int
    price: float | None = Field(description="The close at `made_at`.")
    volatility: float | None = Field(
        description="Expected standard deviation of the log return over the horizon."
    )
    fan: list[QuantileOut] = Field(description="Its quantiles, the lowest first.")
    absent: str | None = Field(description="Why there is no fan.")
    silent: str | None = Field(description="Why it said nothing at all.")


class ForecastsOut(BaseModel):
    """Each member's forecast as it was kept with the newest signal of a series."""

    signal_id: str = Field(examples=["sig-3a6abb91aa9c"])
    symbol: str = Field(examples=["EURUSD"])
    timeframe: Timeframe
    as_of: datetime = Field(description="Close of the signal's bar.")
    decimals: int = Field(description="How many decimals a price is shown with.")
    simulated: bool
    in_sample: bool
    members: list[ForecastOut]

    @classmethod
    def of(cls, found: Foreseen) -> Self:
        """Return the shape of the forecasts of one signal."""
        row = found.signal
        return cls(
            signal_id=row.id,
            symbol=row.symbol,
            timeframe=row.timeframe,
            as_of=row.as_of,
            decimals=found.digits,
            simulated=row.simulated,
            in_sample=row.payload["in_sample"],
            members=[ForecastOut.model_validate(one) for one in found.members],
        )
