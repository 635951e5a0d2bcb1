"""Ridge regression in closed form: z-scored columns, an intercept that is not penalised."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.models.contract import Floats, Samples
from assay.models.location_scale import row_dot
from assay.models.standard import Standard, fit_standard

PENALTIES = (0.01, 0.1, 1.0, 10.0, 100.0)
"""Tried on the held rows, as a multiple of the rows' total weight: 1 halves a lone coefficient."""


@dataclass(frozen=True, slots=True)
class Line:
    """The expected scaled return, linear in z-scores: `location[0] + z . location[1:]`."""

    standard: Standard
    location: Floats
    penalty: float

    def of(self, x: Floats) -> Floats:
        """Return (n,) what is expected of rows of all columns (n, F); an unknown value is usual."""
        return self.at(self.standard.scores(x))

    def at(self, z: Floats) -> Floats:
        """Return (n,) what is expected at z-scores (n, K)."""
        return row_dot(z, self.location[1:], self.location[0])


def fit_line(rows: Samples, held: Samples, used: NDArray[np.int64]) -> Line:
    """Return the ridge regression of `rows` on the columns `used` (Hoerl and Kennard 1970).

    The penalty is the one of `PENALTIES` with the least squared error on `held`. Every outcome and
    weight is known.
    """
    standard = fit_standard(rows.x, rows.weight, used)
    z, seen = standard.scores(rows.x), standard.scores(held.x)
    total = rows.weight.sum()
    centre = rows.weight @ z / total
    level = float(rows.weight @ rows.scaled / total)
    apart = z - centre
    gram = apart.T @ (apart * rows.weight[:, None])
    pull = apart.T @ (rows.weight * (rows.scaled - level))
    best, chosen, kept = np.inf, PENALTIES[-1], np.zeros(len(centre))
    for penalty in reversed(PENALTIES):
        slope = np.linalg.solve(gram + penalty * total * np.eye(len(centre)), pull)
        miss = held.scaled - level - (seen - centre) @ slope
        error = float(np.average(miss**2, weights=held.weight))
        if error < best:
            best, chosen, kept = error, penalty, slope
    return Line(standard, np.concatenate([[level - centre @ kept], kept]), chosen)
