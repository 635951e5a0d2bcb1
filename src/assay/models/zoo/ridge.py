"""Ridge regression of the scaled return on every column, in closed form."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.core.errors import SettingsError
from assay.models.checking import learnable, one_series
from assay.models.contract import BENCH, Floats, Member, Samples, Scope, Weights, Workshop
from assay.models.empirical import class_rates, distribution_table, probability_below
from assay.models.location_scale import LocationScale, around
from assay.models.shrunk import fit_line
from assay.models.standard import fit_standard


@dataclass(frozen=True, slots=True)
class Ridge(Member):
    """Hoerl and Kennard 1970; z-scored columns, intercept not penalised.

    The penalty is the one with the least squared error on the stop span; see `shrunk`. `band` is
    the half-width of "flat" in units of the scaled return, as the label defines it; None takes the
    cuts at which the fitted odds agree on average with the frequencies of the train span, which is
    right for labels of barriers too. `keep` columns with the largest correlation on the train span
    are read, all if None: a faint edge drowns in the noise of many coefficients (sure independence
    screening, Fan and Lv 2008).
    """

    band: float | None = None
    keep: int | None = None
    rows_needed: int = 200
    stop_rows_needed: int = 50
    rows_per_column: int = 3
    family = "linear"
    scope = Scope.SERIES
    random = False

    def __post_init__(self) -> None:
        if self.keep is not None and self.keep < 1:
            raise SettingsError(f"ridge: keep is 1 column or more, or none; was {self.keep}")
        if self.band is not None and not self.band >= 0:
            raise SettingsError(f"ridge: band is a half-width, 0 or more; was {self.band}")

    def fit(
        self,
        train: Samples,
        stop: Samples,
        *,
        seed: int,
        threads: int,
        workshop: Workshop = BENCH,
    ) -> Weights:
        """See `Member.fit`; nothing here is random."""
        one_series(train, "ridge")
        needed = max(self.rows_needed, self.rows_per_column * len(train.columns))
        rows = learnable(train, member="ridge", span="train", rows_needed=needed)
        held = learnable(stop, member="ridge", span="stop", rows_needed=self.stop_rows_needed)
        line = fit_line(rows, held, self._screened(rows))
        z = line.standard.scores(rows.x)
        residual = rows.scaled - line.at(z)
        flat = around(residual, rows.weight, z[:, :0], line.location)
        even = LocationScale(
            line.location, np.concatenate([flat.spread, np.zeros(z.shape[1])]), flat.shape
        )
        table = distribution_table(residual, rows.weight)
        cuts = self._cuts(rows, rows.scaled - residual, table)
        arrays = line.standard.arrays() | even.arrays() | {"cuts": cuts, "table": table}
        return Weights("linear", arrays, params={"classes": "residual", "penalty": line.penalty})

    def _screened(self, rows: Samples) -> NDArray[np.int64]:
        """Return which columns are read, in their own order."""
        every = np.arange(len(rows.columns))
        if self.keep is None or self.keep >= len(every):
            return every
        z = fit_standard(rows.x, rows.weight, every).scores(rows.x)
        total = rows.weight.sum()
        apart = rows.scaled - rows.weight @ rows.scaled / total
        spread = np.sqrt(rows.weight @ (z - rows.weight @ z / total) ** 2)
        told = np.abs((rows.weight * apart) @ z) / np.where(spread > 0, spread, np.inf)
        return np.sort(np.argsort(-told, kind="stable")[: self.keep])

    def _cuts(self, rows: Samples, centre: Floats, table: Floats) -> Floats:
        if self.band is not None:
            return np.array([-self.band, self.band])
        down, _, up = class_rates(rows)
        lower = _level(centre, rows.weight, table, float(down))
        upper = _level(centre, rows.weight, table, float(1 - up))
        return np.array([lower, max(lower, upper)])


def _level(centre: Floats, weight: Floats, table: Floats, share: float) -> float:
    """Return the cut below which the outcomes lie with mean probability `share`, by bisection."""
    low, high = float(table[0] + centre.min()), float(table[-1] + centre.max())
    for _ in range(60):
        middle = (low + high) / 2
        below = np.average(probability_below(table, middle - centre), weights=weight)
        low, high = (middle, high) if below < share else (low, middle)
    return (low + high) / 2
