"""Whether short averages lie above long ones, as in a trend."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import numpy as np

from assay.core.errors import SettingsError
from assay.features.contract import Feature, Frames, Group, Input
from assay.features.series import Prices
from assay.features.windowed import Windowed
from assay.features.windows import Vector, window_mean

_LEAST = 1e-12


@dataclass(frozen=True, slots=True)
class MaAlignment(Windowed):
    """Kendall's tau of the mean closes over `windows` against how short these are, in [-1, 1].

    (Pairs with the shorter mean on top - pairs with it below) / pairs: 1 in an orderly rise, -1 in
    an orderly fall. Means within a millionth of a millionth of the price count as equal. Source:
    rank correlation, Kendall (1938); the order of averages, Murphy (1999).
    """

    windows: tuple[int, ...] = (10, 20, 50, 100)
    group: ClassVar[Group] = Group.TREND
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    def __post_init__(self) -> None:
        """Refuse a single window, and windows that do not rise."""
        Feature.__post_init__(self)
        if len(self.windows) < 2 or any(a > b for a, b in pairwise(self.windows)):
            raise SettingsError(
                f"MaAlignment: windows are two or more and rise; found {self.windows}"
            )

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return max(self.windows)

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return ("_".join(map(str, ("ma_alignment", *self.windows))),)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        close = Prices.of(frames).close
        least = _LEAST * close
        means = [window_mean(close, window) for window in self.windows]
        pairs, total = 0, np.zeros(close.size)
        for place, short in enumerate(means):
            for long in means[place + 1 :]:
                total += np.sign(np.trunc((short - long) / least))
                pairs += 1
        return {self.names[0]: total / pairs}
