"""How much of the money went upwards."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector, lagged, window_sum


@dataclass(frozen=True, slots=True)
class MoneyFlow(Windowed):
    """(MFI - 50) / 50 = (up flow - down flow) / (up flow + down flow) over `window` bars.

    Flow = T x volume, T = (H + L + C) / 3, up when T rose. In [-1, 1]; 0 where nothing flowed.
    Source: the money flow index, Quong & Soudack (1989), centred.
    """

    window: int = 14
    group: ClassVar[Group] = Group.VOLUME
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"money_flow_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        prices = Prices.of(frames)
        typical = (prices.high + prices.low + prices.close) / 3.0
        flow = np.sign(typical - lagged(typical, 1)) * typical * prices.volume
        net, total = window_sum(flow, self.window), window_sum(np.abs(flow), self.window)
        return {self.names[0]: ratio(net, total, cap=1.0)}
