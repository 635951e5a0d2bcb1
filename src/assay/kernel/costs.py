"""What trading costs: above zero unless someone says otherwise."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from assay.core.errors import SettingsError
from assay.core.values.instrument import AssetClass, Instrument
from assay.kernel.records import Floats, Integers


@dataclass(frozen=True, slots=True)
class Costs:
    """What one fill costs.

    `fee_bps` of the notional, on each side; `half_spread_ticks` paid by every fill; and
    `slippage_ticks` paid by every fill but a target's, which is a resting order.
    """

    fee_bps: float
    half_spread_ticks: int
    slippage_ticks: int

    def __post_init__(self) -> None:
        if not (math.isfinite(self.fee_bps) and 0 <= self.fee_bps < 10_000):
            raise SettingsError(f"A fee lies in [0, 10,000) basis points; found {self.fee_bps}")
        if self.half_spread_ticks < 0 or self.slippage_ticks < 0:
            raise SettingsError(
                "Half spread and slippage are zero ticks or more; found "
                f"{self.half_spread_ticks} and {self.slippage_ticks}"
            )

    def times(self, factor: float) -> "Costs":
        """Return the costs multiplied by `factor` (a stress), ticks rounded up."""
        return Costs(
            self.fee_bps * factor,
            math.ceil(self.half_spread_ticks * factor),
            math.ceil(self.slippage_ticks * factor),
        )


FREE = Costs(0.0, 0, 0)
"""No costs at all: for oracles and examples, never a default."""


@dataclass(frozen=True, slots=True)
class Rates:
    """What trading a market costs, in basis points of the price: a fill pays each of them once."""

    fee: float
    half_spread: float
    slippage: float

    def __post_init__(self) -> None:
        for name in ("fee", "half_spread", "slippage"):
            value = getattr(self, name)
            if not (math.isfinite(value) and 0 <= value < 10_000):
                raise SettingsError(f"A {name} lies in [0, 10,000) basis points; found {value}")


USUAL: Mapping[AssetClass, Rates] = MappingProxyType(
    {
        AssetClass.FX: Rates(0.30, 0.35, 0.10),
        AssetClass.METAL: Rates(0.30, 0.75, 0.25),
        AssetClass.CRYPTO: Rates(5.0, 0.50, 0.50),
        AssetClass.EQUITY: Rates(0.50, 1.00, 0.50),
        AssetClass.INDEX: Rates(0.30, 0.50, 0.25),
    }
)
"""What a small account pays. Assumptions, to be replaced by one's own broker's: FX about 0.75 pip
of EUR/USD spread and a commission of 3 USD per 100,000 a side; crypto a perpetual future's taker
fee of 5 basis points; equities and indices a low-cost broker."""


def default_costs(instrument: Instrument, price: float, rates: Rates | None = None) -> Costs:
    """Return what trading `instrument` near `price` costs, ticks rounded up, one at least.

    `rates` are the `USUAL` ones of its asset class if left out.
    """
    half_spread, slippage = default_ticks(instrument, np.array([price]), rates)
    return Costs(_rates(instrument, rates).fee, int(half_spread[0]), int(slippage[0]))


def default_ticks(
    instrument: Instrument, price: Floats, rates: Rates | None = None
) -> tuple[Integers, Integers]:
    """Return half spread and slippage at each of `price` (n,), whole ticks; see `default_costs`."""
    if not (np.isfinite(price) & (price > 0)).all():
        raise SettingsError(f"{instrument.symbol}: costs need prices above zero; found {price}")
    told = _rates(instrument, rates)
    ticks_per_bp = price * 1e-4 / instrument.tick_size
    return (
        np.ceil(told.half_spread * ticks_per_bp).astype(np.int64),
        np.ceil(told.slippage * ticks_per_bp).astype(np.int64),
    )


def default_round_trips(
    instrument: Instrument, price: Floats, rates: Rates | None = None
) -> Floats:
    """Return what getting in and out at each of `price` (n,) costs, as a fraction of it."""
    half_spread, slippage = default_ticks(instrument, price, rates)
    fee = _rates(instrument, rates).fee * 1e-4
    return np.asarray(2.0 * (fee + (half_spread + slippage) * instrument.tick_size / price))


def _rates(instrument: Instrument, rates: Rates | None) -> Rates:
    return USUAL[instrument.asset_class] if rates is None else rates
