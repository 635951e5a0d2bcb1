"""How much of each sample is its own, where outcomes overlap in time."""

import numpy as np

from assay.core.errors import DataError
from assay.kernel.records import Floats, Integers


def average_uniqueness(position: Integers, end: Integers) -> Floats:
    """Return, for each label, the mean over its bars of one over the labels alive on that bar.

    `position` (n,) is the row at whose close the label begins and `end` (n,) the row of its t1,
    later than `position`, else `DataError`; rows count bars of one instrument and may come in any
    order. A label lives on the bars (position, end]: its first return is that of the next bar, so
    labels that only touch do not overlap. The result lies in (0, 1]; 1 = no overlap. Source: López
    de Prado, Advances in Financial Machine Learning, 2018, ch. 4, with that interval.
    """
    start, stop = np.asarray(position, dtype=np.int64), np.asarray(end, dtype=np.int64)
    if start.shape != stop.shape or start.ndim != 1:
        raise DataError(f"Every label needs a start and an end; found {start.shape}, {stop.shape}")
    if not start.size:
        return np.empty(0)
    if (stop <= start).any():
        row = int(np.argmax(stop <= start))
        raise DataError(f"A label ends after it begins; found {start[row]} to {stop[row]}")
    origin = int(start.min())
    start, stop = start - origin, stop - origin
    size = int(stop.max()) + 2
    change = np.bincount(start + 1, minlength=size) - np.bincount(stop + 1, minlength=size)
    alive = np.cumsum(change)
    share = np.divide(1.0, alive, out=np.zeros(alive.size), where=alive > 0)
    total = np.cumsum(share)
    return np.asarray((total[stop] - total[start]) / (stop - start))
