"""How likely a market is in the first of two states, from the evidence of the last bars."""

from collections.abc import Sequence

import numpy as np

from assay.features.series import ratio
from assay.features.windows import Vector

BARS = 64
"""The filter begins so many bars ago, at the usual odds: what came before hardly counts."""
_MOST = 1e4


def probability(likelihood: Vector, leave: float, come: float) -> Vector:
    """Return the probability of the first state after each row, NaN in the first `BARS - 1` rows.

    `likelihood` is how much likelier a row's value is in the first state than in the second, within
    1e-4 and 1e4; `leave` the probability of leaving the first state with a bar, `come` that of
    coming into it. The filter of Hamilton (1989): o = L (o (1 - leave) + (1 - o) come) and so on,
    in odds a fractional linear map. Blocks of 1, 2, 4 .. rows are joined into longer ones, so the
    same rows give the same bits.
    """
    found = np.full(likelihood.shape, np.nan)
    if likelihood.size < BARS:
        return found
    seen = np.clip(likelihood, 1.0 / _MOST, _MOST)
    ones = np.ones(seen.shape)
    maps: Sequence[Vector] = (
        seen * (1.0 - leave), seen * come, ones * leave, ones * (1.0 - come),
    )  # fmt: skip
    size = 1
    while size < BARS:
        early, late = [part[:-size] for part in maps], [part[size:] for part in maps]
        maps = _after(early, late)
        size *= 2
    odds = come / leave
    over = maps[0] * odds + maps[1]
    under = maps[2] * odds + maps[3]
    found[BARS - 1 :] = ratio(over, over + under, cap=1.0)
    return found


def _after(early: Sequence[Vector], late: Sequence[Vector]) -> Sequence[Vector]:
    """Return the maps that do `early` and then `late`; a map is (a o + b) / (c o + d)."""
    a, b, c, d = early
    e, f, g, h = late
    return e * a + f * c, e * b + f * d, g * a + h * c, g * b + h * d
