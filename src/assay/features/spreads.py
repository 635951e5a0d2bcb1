"""Log spreads that have gaps, and how unusual they are."""

import numpy as np

from assay.features.series import z_score
from assay.features.windows import Vector, window_mean_std


def carried(values: Vector, rows: int) -> Vector:
    """Return the values with each gap filled by the last one, if it is under `rows` rows old."""
    gap = np.flatnonzero(np.isnan(values))
    if not gap.size:
        return values
    begins = np.diff(gap, prepend=-2) > 1
    last = np.maximum.accumulate(np.where(begins, gap, 0)) - 1
    known = (last >= 0) & (gap - last < rows)
    found = values.copy()
    found[gap[known]] = values[last[known]]
    return found


def spread_z(values: Vector, window: int) -> Vector:
    """Return the z-score among the last `window` rows; a gap counts as the last value before it.

    NaN where the value itself is missing, and after a gap of `window` rows. Looks at
    2 x `window` - 1 rows.
    """
    mean, spread = window_mean_std(carried(values, window), window)
    return z_score(values, mean, spread)
