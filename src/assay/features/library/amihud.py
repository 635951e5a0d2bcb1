"""Whether the price moves more for the money traded than it did."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.core.errors import SettingsError
from assay.features.contract import Feature, Frames, Group, Input
from assay.features.series import Prices, log, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector, window_sum

_CAP = 10.0


@dataclass(frozen=True, slots=True)
class Amihud(Windowed):
    """ln(I of `short` bars / I of `long` bars), I = mean of |r_t| / (C_t V_t).

    Over the bars with volume. Within ±10; 0 where either is 0, as without volume. Source: the
    illiquidity of Amihud (2002), as a change.
    """

    short: int = 20
    long: int = 200
    group: ClassVar[Group] = Group.VOLUME
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    def __post_init__(self) -> None:
        """Refuse a short window that is not the shorter one."""
        Feature.__post_init__(self)
        if self.short >= self.long:
            raise SettingsError(f"Amihud: short is below long; found {self.short}, {self.long}")

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.long + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"amihud_{self.short}_{self.long}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        p = Prices.of(frames)
        some = p.volume > 0
        money = p.close * np.where(some, p.volume, np.inf)
        impact = np.abs(p.returns()) / money
        traded = some.astype(np.float64)
        now, usual = (
            ratio(window_sum(impact, n), window_sum(traded, n), cap=np.inf)
            for n in (self.short, self.long)
        )
        known = (now > 0) & (usual > 0)
        change = log(np.where(known, now, 1.0) / np.where(known, usual, 1.0))
        return {self.names[0]: np.clip(change, -_CAP, _CAP)}
