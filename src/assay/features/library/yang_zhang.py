"""Whether the market is livelier than it was, gaps included, and how much of it gaps are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.core.errors import SettingsError
from assay.features.contract import Feature, Frames, Group, Input
from assay.features.series import Prices, log, ratio
from assay.features.volatilities import BarMoves, log_ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector, lagged, window_mean, window_sum


@dataclass(frozen=True, slots=True)
class YangZhang(Windowed):
    """ln(s_short / s_long) of Yang-Zhang volatilities, and the share of gaps in s_long^2.

    s^2 = V_o + k V_c + (1 - k) V_rs over n bars: V_o and V_c are the variances, dividing by n - 1,
    of the opening jump ln(O_t / C_t-1) and of ln(C / O), V_rs the mean Rogers-Satchell variance,
    k = 0.34 / (1.34 + (n + 1) / (n - 1)). Within ±5 (each s counts as at least 1e-9) and in [0, 1];
    0 where nothing moves. Source: Yang & Zhang (2000).
    """

    short: int = 10
    long: int = 100
    group: ClassVar[Group] = Group.VOLATILITY
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    def __post_init__(self) -> None:
        """Refuse windows without a variance, and a short one that is not the shorter one."""
        Feature.__post_init__(self)
        if not 2 <= self.short < self.long:
            raise SettingsError(
                f"YangZhang: short is at least 2 and below long; found {self.short}, {self.long}"
            )

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.long + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        settings = f"{self.short}_{self.long}"
        return f"yang_zhang_{settings}", f"yang_zhang_gap_share_{settings}"

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        prices = Prices.of(frames)
        jump = log(prices.open / lagged(prices.close, 1))
        moves = BarMoves.of(frames)
        parts = (jump, jump * jump, moves.body, moves.body**2, moves.rogers_satchell())
        _, short = _variances(parts, self.short)
        gap, long = _variances(parts, self.long)
        values = log_ratio(np.sqrt(short), np.sqrt(long)), ratio(gap, long, cap=1.0)
        return dict(zip(self.names, values, strict=True))


def _variances(parts: tuple[Vector, ...], rows: int) -> tuple[Vector, Vector]:
    """Return the variance of the jumps, and the whole one, over `rows` bars."""
    jump, jump_squares, body, body_squares, free = parts
    opening = _variance(jump, jump_squares, rows)
    closing = _variance(body, body_squares, rows)
    k = 0.34 / (1.34 + (rows + 1.0) / (rows - 1.0))
    drift_free = np.maximum(window_mean(free, rows), 0.0)
    return opening, opening + k * closing + (1.0 - k) * drift_free


def _variance(moves: Vector, squares: Vector, rows: int) -> Vector:
    """Return the variance, dividing by rows - 1, of moves whose mean is small beside them."""
    total = window_sum(moves, rows)
    around = window_sum(squares, rows) - total * total / rows
    return np.maximum(around, 0.0) / (rows - 1.0)
