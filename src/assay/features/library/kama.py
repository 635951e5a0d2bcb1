"""How far the close is from an average that is quick in a trend, and where that is heading."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.core.errors import SettingsError
from assay.features.contract import Feature, Frames, Group, Input
from assay.features.recursive import span_weight
from assay.features.series import Prices, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector, lagged, window_sum

_MEMORY = 256


@dataclass(frozen=True, slots=True)
class Kama(Windowed):
    """(C - KAMA) and (KAMA - KAMA one bar ago), both in mean true ranges of `range_window` bars.

    KAMA += c (C - KAMA), c = (e (f - s) + s)^2, e = |C_t - C_t-n| / sum of |C_i - C_i-1| over n =
    `window` bars, f and s = 2 / (m + 1) for m = `fast` and `slow`. Its weights are cut off after
    256 bars and made to sum to 1. Within ±20; 0 where the mean true range is 0. Source: Kaufman
    (1995).
    """

    window: int = 10
    fast: int = 2
    slow: int = 30
    range_window: int = 14
    group: ClassVar[Group] = Group.TREND
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    def __post_init__(self) -> None:
        """Refuse a fast average that is not the faster one."""
        Feature.__post_init__(self)
        if self.fast >= self.slow:
            raise SettingsError(f"Kama: fast is below slow; found {self.fast} and {self.slow}")

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return max(self.window + _MEMORY + 1, self.range_window + 1)

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        settings = f"{self.window}_{self.fast}_{self.slow}_by_{self.range_window}"
        return f"kama_distance_{settings}", f"kama_slope_{settings}"

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        prices = Prices.of(frames)
        close = prices.close
        way = window_sum(np.abs(close - lagged(close, 1)), self.window)
        efficiency = ratio(np.abs(close - lagged(close, self.window)), way, cap=1.0)
        fast, slow = span_weight(self.fast), span_weight(self.slow)
        root = efficiency * (fast - slow) + slow
        average = _average(close, root * root)
        unit = prices.mean_true_range(self.range_window)
        lines = ratio(close - average, unit), ratio(average - lagged(average, 1), unit)
        return dict(zip(self.names, lines, strict=True))


def _average(values: Vector, weights: Vector) -> Vector:
    """Return the average a += weight (x - a) of the last 256 rows, its weights summing to 1.

    A stretch of rows maps a to keep * a + add; blocks of 1, 2, 4 .. rows are joined into longer
    ones, so the same rows give the same bits.
    """
    found = np.full(values.shape, np.nan)
    if values.size < _MEMORY:
        return found
    keep, add, size = 1.0 - weights, weights * values, 1
    while size < _MEMORY:
        add = add[:-size] * keep[size:] + add[size:]
        keep = keep[:-size] * keep[size:]
        size *= 2
    found[_MEMORY - 1 :] = add / (1.0 - keep)
    return found
