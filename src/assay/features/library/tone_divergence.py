"""Whether the news and the price agree."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector, window_sum


@dataclass(frozen=True, slots=True)
class ToneDivergence(Windowed):
    """Mean tone of the stories of n bars less tanh of the move over them; in [-2, 2].

    n = `window`; the move is the log return in volatilities of `past` bars times sqrt(n). Above 0
    the news is better than the price. 0 where there were no stories. Source: underreaction to news,
    Chan (2003).
    """

    window: int = 24
    past: int = 100
    group: ClassVar[Group] = Group.SENTIMENT
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS, Input.STORIES})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return max(self.window, self.past) + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"tone_divergence_{self.window}_by_{self.past}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        prices = Prices.of(frames)
        count = window_sum(frames.numbers(Input.STORIES, "count"), self.window)
        scores = window_sum(frames.numbers(Input.STORIES, "score_sum"), self.window)
        usual = prices.volatility(self.past) * np.sqrt(self.window)
        move = np.tanh(ratio(prices.returns(self.window), usual))
        return {self.names[0]: np.where(count > 0, ratio(scores, count, cap=1.0) - move, 0.0)}
