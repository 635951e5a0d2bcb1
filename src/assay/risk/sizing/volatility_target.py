"""A position whose own volatility is the same on every bet."""

from dataclasses import dataclass

import numpy as np

from assay.core.errors import SettingsError
from assay.risk.contract import Bets, Floats, Sizing


@dataclass(frozen=True, slots=True)
class VolatilityTarget(Sizing):
    """Hold so much that the position alone moves the equity by `annual_volatility` a year.

    The position's value over the equity is annual_volatility / volatility, at most `leverage`; what
    its stop can lose is that times the distance of the stop, at most `cap`.
    """

    annual_volatility: float = 0.05
    leverage: float = 5.0
    cap: float = 0.02

    def __post_init__(self) -> None:
        if self.annual_volatility <= 0 or self.leverage <= 0 or not 0.0 < self.cap <= 1.0:
            raise SettingsError(
                "volatility_target: annual_volatility and leverage above 0, cap in (0, 1]; found "
                f"{self.annual_volatility}, {self.leverage} and {self.cap}"
            )

    def fractions(self, bets: Bets) -> Floats:
        """See `Sizing.fractions`."""
        complete = bets.complete
        volatility = np.where(complete, bets.volatility, 1.0)
        value = np.minimum(self.annual_volatility / volatility, self.leverage)
        return np.where(complete, np.minimum(value * bets.stop, self.cap), 0.0)
