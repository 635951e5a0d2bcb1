"""How evenly the ups and downs of three neighbouring closes are mixed."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import log as ln
from typing import ClassVar

import numpy as np

from assay.core.errors import SettingsError
from assay.features.contract import Feature, Frames, Group, Input
from assay.features.series import Prices
from assay.features.windowed import Windowed
from assay.features.windows import Vector, window_sum

_PATTERNS = 6
_BITS = 8
_MOST = 2**_BITS - 1
_UNITS = np.exp2(_BITS * np.array([0.0, 1.0, 2.0, 0.0, 0.0, 3.0, 4.0, 5.0]))
"""What a triple adds to its byte, by its three comparisons; two of the eight cannot be."""


@dataclass(frozen=True, slots=True)
class PermutationEntropy(Windowed):
    """-sum of p ln p / ln 6 over the orders of three neighbouring closes in `window` bars.

    p is the share of an order among the window - 2 triples; of equal closes the earlier counts as
    the lower. Near 1 in noise, in [0, 1]; 0 where all triples are alike, so where nothing moves.
    Source: Bandt & Pompe (2002), order 3, divided by its most.
    """

    window: int = 100
    group: ClassVar[Group] = Group.VOLATILITY
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    def __post_init__(self) -> None:
        """Refuse a window without a triple, or with more than a byte counts."""
        Feature.__post_init__(self)
        if not 3 <= self.window <= _MOST:
            raise SettingsError(
                f"PermutationEntropy: window is 3 to {_MOST} bars; found {self.window}"
            )

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"permutation_entropy_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        close = Prices.of(frames).close
        found = np.full(close.shape, np.nan)
        triples = self.window - 2
        if close.size < self.window:
            return {self.names[0]: found}
        # The six counts are the bytes of one sum, which a float64 holds exactly.
        packed = window_sum(_units(close), triples)[triples - 1 :]
        counts = packed.astype(np.int64)
        total = np.zeros(counts.size)
        terms = _terms(triples)
        for place in range(_PATTERNS):
            total += terms[(counts >> (_BITS * place)) & _MOST]
        found[self.window - 1 :] = total
        return {self.names[0]: found}


def _units(close: Vector) -> Vector:
    """Return for each three neighbouring closes the unit of their order."""
    first, second, third = close[:-2], close[1:-1], close[2:]
    code = (first <= second) + 2 * (second <= third) + 4 * (first <= third)
    units: Vector = _UNITS[code]
    return units


def _terms(triples: int) -> Vector:
    """Return -p ln p / ln 6 for p = 0, 1, .. `triples` of `triples`."""
    share = np.arange(1, triples + 1) / triples
    return np.concatenate([[0.0], np.abs(share * np.log(share)) / ln(_PATTERNS)])
