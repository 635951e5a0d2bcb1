"""From rolled-out hours to bars as a provider would give them: ticks, volume, outages."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from assay.core.values.bars import BAR_SCHEMA
from assay.core.values.instrument import AssetClass, Instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.simulation import numerics
from assay.sources.simulation.chance import stream
from assay.sources.simulation.grid import HOUR_US, Floats, Times
from assay.sources.simulation.market import Rolled
from assay.sources.simulation.world import World

DOLLARS = {
    "USD": 1.0, "EUR": 1.09, "GBP": 1.45, "JPY": 1 / 119.0, "CHF": 1.0, "AUD": 0.72, "NZD": 0.68,
    "CAD": 0.72, "XAU": 1080.0, "BTC": 4300.0, "ETH": 300.0,
}  # fmt: skip
"""What one unit is worth at the start."""
USUAL_VOLUME = {
    AssetClass.FX: 2400.0,
    AssetClass.METAL: 3600.0,
    AssetClass.CRYPTO: 1700.0,
    AssetClass.EQUITY: 60_000.0,
    AssetClass.INDEX: 5000.0,
}
"""What changes hands in a usual hour, in the provider's unit."""
OPEN_SLIP = 0.03
"""Deviation of a bar's first trade from the price before it, in hours' deviations."""
SINGLE_OUTAGES, OUTAGE_RUNS, OUTAGE_BARS = 0.0004, 0.00012, 5.0
"""Chance of one missing bar, chance that a run begins, mean length of a run."""


def tape(
    world: World, instrument: Instrument, base: Timeframe, rolled: Rolled, moved: float = 0.0
) -> pl.DataFrame:
    """Return the bars (`BAR_SCHEMA`) and `half_spread` in the price's unit, outages taken out.

    `moved` is how far the log price has come before, where the market goes on.
    """
    stamps, row = _stamps(world, instrument, base, rolled)
    steps = world.grid.steps
    step_us = HOUR_US // steps
    begins = rolled.time[row] - HOUR_US
    last_step = (stamps - begins) // step_us - 1
    start = np.log(_first_price(world.origin, instrument)) + moved
    opens, levels = numerics.levels_of(rolled.steps, rolled.hour, rolled.gap, rolled.added, start)
    chance = stream(world.seed, instrument.symbol, "tape", base.value)
    size = rolled.season * rolled.volatility
    slip = OPEN_SLIP * size[row] * chance.standard_normal(stamps.size)
    prices = numerics.bars_of(opens, levels, row, last_step, base.minutes * steps // 60, slip)
    tick = instrument.tick_size
    digits = instrument.price_digits
    rounded = np.maximum(np.round(np.round(np.exp(prices) / tick) * tick, digits), tick)
    volume = _volume(instrument, base, prices, size[row], rolled.volatility[row], chance)
    kept = ~_outages(world.seed, instrument.symbol, base, stamps.size)
    frame = pl.DataFrame(
        {
            "time": pl.Series(stamps[kept]).cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
            **{name: rounded[kept, i] for i, name in enumerate(("open", "high", "low", "close"))},
            "volume": volume[kept],
            "half_spread": (rolled.half[row] * rounded[:, 3])[kept],
        }
    )
    return frame.cast({name: kind for name, kind in BAR_SCHEMA.items() if name != "time"})


def _stamps(
    world: World, instrument: Instrument, base: Timeframe, rolled: Rolled
) -> tuple[Times, NDArray[np.int64]]:
    """Return the close of every bar and the open hour it lies in."""
    stamps = world.closes(instrument.calendar, base)
    row = np.searchsorted(rolled.time, stamps, side="left")
    inside = row < rolled.time.size
    stamps, row = stamps[inside], row[inside]
    held = stamps > rolled.time[row] - HOUR_US
    return stamps[held], row[held]


def _first_price(seed: int, instrument: Instrument) -> float:
    if instrument.asset_class in (AssetClass.EQUITY, AssetClass.INDEX):
        return float(stream(seed, instrument.symbol, "first price").uniform(25.0, 250.0))
    quote = "USD" if instrument.quote == "USDT" else instrument.quote
    return DOLLARS[instrument.base] / DOLLARS[quote]


def _volume(
    instrument: Instrument,
    base: Timeframe,
    prices: Floats,
    size: Floats,
    volatility: Floats,
    chance: np.random.Generator,
) -> Floats:
    """Return whole volumes that rise with the move and with the range of the bar."""
    share = base.minutes / 60.0
    scale = size * np.sqrt(share)
    reach = (np.abs(prices[:, 3] - prices[:, 0]) + (prices[:, 1] - prices[:, 2])) / scale
    usual = USUAL_VOLUME[instrument.asset_class] * share
    busy = size / size.mean()
    noise = np.exp(chance.normal(0.0, 0.35, size.size))
    drawn = usual * busy * volatility**0.5 * (0.25 + 0.5 * reach) * noise
    return np.asarray(np.maximum(1.0, np.round(drawn)))


def _outages(seed: int, symbol: str, base: Timeframe, count: int) -> NDArray[np.bool_]:
    """Return which bars are missing: single ones and runs, about one in a thousand."""
    chance = stream(seed, symbol, "outages", base.value)
    draws = chance.random((count, 3))
    missing: NDArray[np.bool_] = draws[:, 0] < SINGLE_OUTAGES
    for first in np.flatnonzero(draws[:, 1] < OUTAGE_RUNS).tolist():
        length = 1 + int(-np.log(1.0 - draws[first, 2]) * OUTAGE_BARS)
        missing[first : first + length] = True
    return missing
