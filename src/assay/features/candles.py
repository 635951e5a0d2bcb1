"""Bodies and shadows, and what they usually were: the candle patterns share it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from assay.features.contract import Frames
from assay.features.series import Prices
from assay.features.windows import Vector, lagged, window_mean

Flags: TypeAlias = npt.NDArray[np.bool_]

NEAR_BARS = 5
"""Near and far are shares of the mean range of so many bars before."""
_NEAR, _FAR = 0.2, 0.6
_NO_SHADOW = 0.1


@dataclass(frozen=True, slots=True)
class Candles:
    """Open, high, low, close and the parts of the candle they draw, shape (rows,).

    The body is |C - O|, between `bottom` and `top`; the span is H - L.
    """

    open: Vector
    high: Vector
    low: Vector
    close: Vector
    top: Vector
    bottom: Vector
    body: Vector
    span: Vector

    @classmethod
    def of(cls, frames: Frames) -> "Candles":
        """Return the candles of the bars; the same object each time."""
        p = Prices.of(frames)
        found: Candles = frames.once((cls, "plain"), lambda: cls._drawn(p))
        return found

    @classmethod
    def mirrored(cls, frames: Frames) -> "Candles":
        """Return the candles of the prices with their sign turned: what rose falls. Made once."""
        c = cls.of(frames)
        found: Candles = frames.once(
            (cls, "mirrored"),
            lambda: cls(-c.open, -c.low, -c.high, -c.close, -c.bottom, -c.top, c.body, c.span),
        )
        return found

    @classmethod
    def _drawn(cls, p: Prices) -> "Candles":
        top, bottom = np.maximum(p.open, p.close), np.minimum(p.open, p.close)
        return cls(p.open, p.high, p.low, p.close, top, bottom, top - bottom, p.high - p.low)

    def rising(self) -> Flags:
        """Say where the close is above the open."""
        return self.close > self.open

    def falling(self) -> Flags:
        """Say where the close is below the open."""
        return self.close < self.open

    def upper(self) -> Vector:
        """Return the upper shadow."""
        return self.high - self.top

    def lower(self) -> Vector:
        """Return the lower shadow."""
        return self.bottom - self.low


@dataclass(frozen=True, slots=True)
class Usual:
    """What is short or long (`body`), near, far, and no shadow: means over the bars before."""

    body: Vector
    near: Vector
    far: Vector
    no_shadow: Vector

    @classmethod
    def of(cls, frames: Frames, window: int) -> "Usual":
        """Return the lengths at each bar, from the `window` bars before it; made once.

        `body` is their mean body; no shadow is one under a tenth of their mean range; near and far
        are a fifth and three fifths of the mean range of the `NEAR_BARS` bars before.
        """
        found: Usual = frames.once((cls, window), lambda: cls._made(Candles.of(frames), window))
        return found

    @classmethod
    def _made(cls, candles: Candles, window: int) -> "Usual":
        body, span, near = (
            lagged(window_mean(values, rows), 1)
            for values, rows in (
                (candles.body, window),
                (candles.span, window),
                (candles.span, NEAR_BARS),
            )
        )
        return cls(body, _NEAR * near, _FAR * near, _NO_SHADOW * span)


Pattern: TypeAlias = Callable[[Candles, Usual], Flags]


def signed(pattern: Pattern, frames: Frames, window: int) -> Vector:
    """Return 1 where the rising `pattern` is, -1 where its mirror image is, 0 elsewhere."""
    usual = Usual.of(frames, window)
    found: Vector = pattern(Candles.of(frames), usual).astype(np.float64)
    found -= pattern(Candles.mirrored(frames), usual)
    return found


def earlier(flags: Flags, bars: int) -> Flags:
    """Return the flags of `bars` bars earlier, False where there are none."""
    found = np.zeros_like(flags)
    found[bars:] = flags[: max(0, flags.size - bars)]
    return found
