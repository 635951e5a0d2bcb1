"""The same fraction of the equity on every bet."""

from dataclasses import dataclass

import numpy as np

from assay.core.errors import SettingsError
from assay.risk.contract import Bets, Floats, Sizing


@dataclass(frozen=True, slots=True)
class FixedFraction(Sizing):
    """Risk `fraction` of the equity between entry and stop, whatever the bet."""

    fraction: float = 0.005
    cap: float = 0.02

    def __post_init__(self) -> None:
        if not 0.0 < self.fraction <= self.cap <= 1.0:
            raise SettingsError(
                f"fixed_fraction: 0 < fraction <= cap <= 1; found {self.fraction} and {self.cap}"
            )

    def fractions(self, bets: Bets) -> Floats:
        """See `Sizing.fractions`."""
        return np.where(bets.complete, self.fraction, 0.0)
