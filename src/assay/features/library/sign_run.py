"""How many closes in a row went the same way."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices
from assay.features.windowed import Windowed
from assay.features.windows import Vector, lagged


@dataclass(frozen=True, slots=True)
class SignRun(Windowed):
    """Length of the run of closes up (positive) or down (negative) that ends here, over `limit`.

    Counted up to `limit` bars, so in [-1, 1]; an unchanged close ends a run and counts 0. Source:
    the runs test, Wald & Wolfowitz (1940): its run, not its statistic.
    """

    limit: int = 10
    group: ClassVar[Group] = Group.MOMENTUM
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.limit + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"sign_run_{self.limit}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        close = Prices.of(frames).close
        sign = np.sign(close - lagged(close, 1))
        run, going = sign.copy(), np.ones(close.size, dtype=np.bool_)
        for back in range(1, self.limit):
            going &= lagged(sign, back) == sign
            run += np.where(going, sign, 0.0)
        return {self.names[0]: run / self.limit}
