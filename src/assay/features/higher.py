"""The last closed bar of the higher timeframe, as arrays; its plug-ins share it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from assay.features.contract import Frames, Input
from assay.features.windows import Vector

BARS_A_HIGHER_BAR = 8
"""The most bars a higher bar spans on the ladder of `Timeframe.higher`: 30m in 4h."""


@dataclass(frozen=True, slots=True)
class HigherBars:
    """One higher bar a row, shape (rows,), NaN where there is none; `time` in microseconds UTC."""

    time: npt.NDArray[np.int64]
    open: Vector
    high: Vector
    low: Vector
    close: Vector

    @classmethod
    def of(cls, frames: Frames) -> "HigherBars":
        """Return the higher bars of `frames`, the same object each time; time -1 for none."""
        prices = ("open", "high", "low", "close")
        found: HigherBars = frames.once(
            "higher bars",
            lambda: cls(
                frames.times(Input.HIGHER),
                *(frames.numbers(Input.HIGHER, name) for name in prices),
            ),
        )
        return found

    def is_new(self) -> npt.NDArray[np.bool_]:
        """Say for each row whether its higher bar was not yet there in the row before."""
        found: npt.NDArray[np.bool_] = np.diff(self.time, prepend=-1) != 0
        return found
