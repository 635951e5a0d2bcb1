"""Half spreads: narrow while London and New York are at their desks, wide at night and the roll."""

import numpy as np
from numpy.typing import NDArray

from assay.core.values.instrument import AssetClass, Instrument
from assay.sources.simulation.chance import stream
from assay.sources.simulation.factors import LONDON, NEW_YORK
from assay.sources.simulation.grid import Floats, bump, local_hour
from assay.sources.simulation.world import World

LOWEST_LEVEL, HIGHEST_LEVEL = 0.7, 1.3
"""Every instrument's level is drawn from this range, times the costs assumed by default."""
ROLL_HOUR = 17.0
USUAL_HALF_BPS = {
    AssetClass.FX: 0.40,
    AssetClass.METAL: 0.75,
    AssetClass.CRYPTO: 0.50,
    AssetClass.EQUITY: 1.00,
    AssetClass.INDEX: 0.50,
}
"""Half the spread of a usual hour at level 1, in basis points of the price."""
OTHER_SIDE_BPS = {
    AssetClass.FX: 0.40,
    AssetClass.METAL: 0.55,
    AssetClass.CRYPTO: 4.00,
    AssetClass.EQUITY: 1.00,
    AssetClass.INDEX: 0.55,
}
"""Fee and slippage of one side, in basis points: what the oracle pays besides the spread."""


def half_spreads(
    seed: int, instrument: Instrument, world: World, hour: NDArray[np.int64], volatility: Floats
) -> Floats:
    """Return half the spread of each open hour at level 1, as a fraction of the price (m,)."""
    grid = world.grid
    london = local_hour(LONDON, grid.start_us, grid.hours)[hour]
    york = local_hour(NEW_YORK, grid.start_us, grid.hours)[hour]
    busy = np.maximum(bump(london, 12.0, 4.0), bump(york, 11.0, 3.5))
    shape = 1.35 - 0.5 * busy
    if instrument.asset_class in (AssetClass.FX, AssetClass.METAL):
        shape[(york >= ROLL_HOUR) & (york < ROLL_HOUR + 1.0)] *= 2.5
    noise = stream(seed, instrument.symbol, "spread noise").normal(0.0, 0.12, hour.size)
    wide = np.exp(noise) * np.clip(volatility, 0.4, 3.0) ** 0.5
    return np.asarray(1e-4 * USUAL_HALF_BPS[instrument.asset_class] * shape * wide)
