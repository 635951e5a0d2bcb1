"""What interest rates say: levels of base and quote, and what is known of their difference."""

import numpy as np

from assay.features.contract import Frames, Input
from assay.features.windows import Vector, lagged

MOST = 20.0
"""No difference of rates counts for more, in percentage points."""


def spread(frames: Frames, plus: str, minus: str) -> Vector:
    """Return one level less another, percent a year, shape (rows,); 0 until both are known.

    The levels are columns of `frames.macro`, such as `policy_base`.
    """
    apart = frames.numbers(Input.MACRO, plus) - frames.numbers(Input.MACRO, minus)
    return np.clip(np.where(np.isnan(apart), 0.0, apart), -MOST, MOST)


def change(frames: Frames, plus: str, minus: str, rows: int) -> Vector:
    """Return by how much `spread` grew in `rows` rows; 0 until both were known so long."""
    levels = (frames.numbers(Input.MACRO, name) for name in (plus, minus))
    apart = np.subtract(*levels)
    grown = apart - lagged(apart, rows)
    return np.clip(np.where(np.isnan(grown), 0.0, grown), -MOST, MOST)
