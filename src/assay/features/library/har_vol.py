"""The volatility of a day and of a week against that of a month."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from assay.core.errors import SettingsError
from assay.features.contract import Feature, Frames, Group, Input
from assay.features.series import Prices
from assay.features.volatilities import log_ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector


@dataclass(frozen=True, slots=True)
class HarVol(Windowed):
    """ln(s_day / s_month) and ln(s_week / s_month), s the RMS of so many returns.

    Lengths in bars, by default 1 : 5 : 22 as in the paper (13 half-hours are a day of US shares).
    Within ±5; each s counts as at least 1e-9, so a market that stands still gives 0. Source: the
    heterogeneous autoregressive model, Corsi (2009).
    """

    day: int = 13
    week: int = 65
    month: int = 286
    group: ClassVar[Group] = Group.VOLATILITY
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    def __post_init__(self) -> None:
        """Refuse lengths that do not rise."""
        Feature.__post_init__(self)
        if not self.day < self.week < self.month:
            raise SettingsError(
                f"HarVol: day, week and month rise; found {self.day}, {self.week}, {self.month}"
            )

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.month + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        settings = f"{self.day}_{self.week}_{self.month}"
        return f"har_vol_day_{settings}", f"har_vol_week_{settings}"

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        prices = Prices.of(frames)
        month = prices.volatility(self.month)
        shorter = (prices.volatility(rows) for rows in (self.day, self.week))
        return dict(zip(self.names, (log_ratio(s, month) for s in shorter), strict=True))
