"""What to do, bounded."""

import math
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from assay.core.errors import DataError
from assay.core.values.reason import Reason


class Side(StrEnum):
    """Which position to take; WAIT is an answer."""

    LONG = "LONG"
    SHORT = "SHORT"
    WAIT = "WAIT"

    @property
    def sign(self) -> int:
        """Return +1, -1 or 0."""
        return {"LONG": 1, "SHORT": -1, "WAIT": 0}[self.value]


@dataclass(frozen=True, slots=True)
class Exposure:
    """A cap in [0, 1] from a capital-protection member; risk multiplies by it."""

    member: str
    cap: float

    def __post_init__(self) -> None:
        if not 0.0 <= self.cap <= 1.0:
            raise DataError(f"{self.member}: an exposure cap lies in [0, 1]; found {self.cap}")


@dataclass(frozen=True, slots=True)
class Decision:
    """A side with its stop and target, or WAIT with its reasons.

    `stop_atr` and `target_atr` are distances in ATR(14) from the fill; `stop` and `target` are the
    indicative prices if the fill were at `entry`, the last close. `risk_fraction` of the equity is
    lost if the stop is hit at its price. WAIT has no prices and risks 0.
    """

    symbol: str
    as_of: datetime
    side: Side
    entry: float
    stop: float | None
    target: float | None
    stop_atr: float
    target_atr: float
    atr: float
    risk_fraction: float
    reasons: tuple[Reason, ...]

    def __post_init__(self) -> None:
        if not (math.isfinite(self.risk_fraction) and 0.0 <= self.risk_fraction <= 1.0):
            raise DataError(f"{self.symbol}: risk lies in [0, 1]; was {self.risk_fraction}")
        if self.side is Side.WAIT:
            if self.risk_fraction or self.stop is not None or self.target is not None:
                raise DataError(f"{self.symbol}: WAIT has no stop, no target and no risk")
            if not self.reasons:
                raise DataError(f"{self.symbol}: WAIT without a reason")
        elif self.stop is None or self.target is None or not self.risk_fraction > 0:
            raise DataError(f"{self.symbol}: {self.side} needs a stop, a target and some risk")
