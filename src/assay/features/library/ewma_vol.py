"""Whether the market is livelier than it was, the last bars counting most."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.core.errors import SettingsError
from assay.features.contract import Feature, Frames, Group, Input
from assay.features.recursive import Recursive, half_life_weight
from assay.features.series import Prices
from assay.features.volatilities import log_ratio
from assay.features.windows import Parts


@dataclass(frozen=True, slots=True)
class EwmaVol(Recursive):
    """ln(s_fast / s_slow), s^2 = lambda s^2 + (1 - lambda) r^2 with lambda = 2^(-1 / half-life).

    Half-lives in bars: 11 is near the 0.94 of RiskMetrics. Within ±5; each s counts as at least
    1e-9, so a market that stands still gives 0. Source: J.P. Morgan RiskMetrics (1996).
    """

    fast: int = 11
    slow: int = 40
    group: ClassVar[Group] = Group.VOLATILITY
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    def __post_init__(self) -> None:
        """Refuse a fast half-life that is not the shorter one."""
        Feature.__post_init__(self)
        if self.fast >= self.slow:
            raise SettingsError(f"EwmaVol: fast is below slow; found {self.fast} and {self.slow}")

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return 2 * self.slow + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"ewma_vol_{self.fast}_{self.slow}",)

    @property
    def weights(self) -> tuple[float, ...]:
        """See `Recursive.weights`."""
        return half_life_weight(self.fast), half_life_weight(self.slow)

    def drives(self, frames: Frames) -> Parts:
        """See `Recursive.drives`."""
        returns = Prices.of(frames).returns()
        squares = returns * returns
        return squares, squares

    def read(self, frames: Frames, first: Parts, second: Parts) -> Parts:
        """See `Recursive.read`."""
        fast, slow = first
        return (log_ratio(np.sqrt(fast), np.sqrt(slow)),)
