"""What one member expected, written down before the outcome was known."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from assay.core.clock import utc
from assay.core.errors import DataError
from assay.core.values.timeframe import Timeframe

PROBABILITIES = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
"""The quantiles every member gives."""


@dataclass(frozen=True, slots=True)
class Classes:
    """Probabilities of down, flat and up over the horizon; they sum to 1 within 1e-6."""

    down: float
    flat: float
    up: float

    def __post_init__(self) -> None:
        parts = (self.down, self.flat, self.up)
        if not all(0.0 <= p <= 1.0 for p in parts) or abs(sum(parts) - 1.0) > 1e-6:
            raise DataError(f"Probabilities lie in [0, 1] and sum to 1; found {parts}")

    @property
    def up_if_moved(self) -> float:
        """Return p_up / (p_up + p_down), 0.5 where neither can happen."""
        moved = self.up + self.down
        return self.up / moved if moved > 0 else 0.5


@dataclass(frozen=True, slots=True)
class Forecast:
    """One member's distribution over `horizon_bars` of a timeframe.

    `quantiles` maps a probability in (0, 1) to a volatility-scaled log return (the log return over
    the horizon divided by `volatility`, itself the expected standard deviation of that log return,
    known at `made_at`); they never cross. `classes` are calibrated, `raw` as the member gave them,
    `base` the climatology of its calibration span. `made_at` is the UTC close of the bar it was
    made on. `artefact` is the id of the model it came from.
    """

    member: str
    family: str
    symbol: str
    timeframe: Timeframe
    horizon_bars: int
    made_at: datetime
    quantiles: Mapping[float, float]
    volatility: float
    classes: Classes
    raw: Classes
    base: Classes
    artefact: str

    def __post_init__(self) -> None:
        utc(self.made_at, f"time of a forecast by {self.member}")
        values = [self.quantiles[p] for p in sorted(self.quantiles)]
        if not all(math.isfinite(v) for v in values):
            raise DataError(f"{self.member}: a quantile is NaN or infinite")
        if values != sorted(values):
            raise DataError(f"{self.member}: quantiles cross")
        if not (math.isfinite(self.volatility) and self.volatility > 0):
            raise DataError(f"{self.member}: volatility must be above zero; was {self.volatility}")
