"""How long ago the last shock was, and which way it went."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices
from assay.features.stretches import last_begin
from assay.features.windowed import Windowed
from assay.features.windows import Vector, lagged


@dataclass(frozen=True, slots=True)
class SinceShock(Windowed):
    """Sign of the last shock x (1 - n / `limit`), n bars since it; in [-1, 1].

    A shock is a log return of more than `sigmas` times the RMS of the `window` returns before it. 0
    where there was none in the last `limit` bars. Source: prices after large moves, Atkins & Dyl
    (1990).
    """

    sigmas: float = 3.0
    window: int = 50
    limit: int = 100
    group: ClassVar[Group] = Group.RANGE
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window + self.limit + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"since_shock_{self.sigmas:g}_by_{self.window}_{self.limit}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        p = Prices.of(frames)
        returns = p.returns()
        usual = lagged(p.volatility(self.window), 1)
        last = last_begin(np.abs(returns) > self.sigmas * usual, self.limit)
        age = 1.0 - (np.arange(returns.size) - last) / self.limit
        way = np.sign(returns[np.maximum(last, 0)]) if returns.size else returns
        return {self.names[0]: np.where(last >= 0, way * age, 0.0)}
