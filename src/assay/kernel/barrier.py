"""Which of stop and target a bar reaches, and at what price: the one function that decides fills.

Labels, backtests, paper and live all call `barrier`, so they cannot disagree.
"""

from enum import IntEnum
from typing import TypeVar

from assay.kernel.jit import compiled


class Resolution(IntEnum):
    """What to believe when one bar reaches both stop and target."""

    PESSIMISTIC = 0
    """The stop came first."""
    OPTIMISTIC = 1
    """The target came first."""
    ADAPTIVE = 2
    """The nearer to the open came first; a tie is the stop."""


class Hit(IntEnum):
    """What a bar reached."""

    NONE = 0
    STOP = 1
    TARGET = 2


Price = TypeVar("Price", int, float)
_NONE, _STOP, _TARGET = int(Hit.NONE), int(Hit.STOP), int(Hit.TARGET)
_PESSIMISTIC, _OPTIMISTIC = int(Resolution.PESSIMISTIC), int(Resolution.OPTIMISTIC)


@compiled
def barrier(
    open_: Price,
    high: Price,
    low: Price,
    stop: Price,
    target: Price,
    side: int,
    resolution: int,
    through: int,
) -> tuple[int, Price, bool]:
    """Return the `Hit`, its price before costs (0 if none) and whether the bar was ambiguous.

    Prices are integer ticks in the kernel; labels hand in floats, and the same comparisons hold.
    `stop` < `target` for a long (`side` +1), the other way round for a short (-1). A stop fills at
    the worse of open and trigger. A target needs a price `through` ticks beyond it; it fills at
    its trigger, or at the open if the bar opened that far beyond (a gap in favour). An open beyond
    either comes first whatever the `Resolution`; a bar that opens between both and reaches both is
    ambiguous. NaN reaches nothing.
    """
    if side > 0:
        first, best, worst, near, far = open_, high, low, stop, target + through
    else:  # the mirror image, so that both sides share every comparison
        first, best, worst, near, far = -open_, -low, -high, -stop, -target + through
    if first <= near:
        return _STOP, open_, False
    if first >= far:
        return _TARGET, open_, False
    stopped, reached = worst <= near, best >= far
    if stopped and (not reached or _stop_is_first(first - near, far - first, resolution)):
        return _STOP, stop, reached
    if reached:
        return _TARGET, target, stopped
    return _NONE, stop - stop, False


@compiled
def _stop_is_first(to_stop: float, to_target: float, resolution: int) -> bool:
    if resolution == _PESSIMISTIC:
        return True
    if resolution == _OPTIMISTIC:
        return False
    return to_stop <= to_target
