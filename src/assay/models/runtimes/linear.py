"""Serves members that weigh z-scored columns: ridge, momentum."""

import numpy as np

from assay.core.errors import ArtefactError
from assay.models.checking import answerable, of_width
from assay.models.contract import Asked, Floats, Raw, Runtime, Weights
from assay.models.empirical import CDF_POINTS, LEVELS, probability_below
from assay.models.location_scale import LocationScale, row_dot
from assay.models.ordered import ladder
from assay.models.shapes import expect, within
from assay.models.standard import Standard, standard_shapes

STEP = 1e-3


class Linear(Runtime):
    """Quantiles from a centre and a width linear in the z-scores; classes in one of two ways.

    `params["classes"]` is `ordered`: the ladder of `models.ordered` over `slope` and `cuts`; or
    `residual`: the chance that centre plus a residual of the train span lies below the lower or
    above the upper of `cuts`. A row with too many unknown columns, or an infinite one, is NaN.
    """

    def __init__(self, weights: Weights, columns: tuple[str, ...]) -> None:
        kind = weights.params.get("classes")
        if kind not in ("ordered", "residual"):
            raise ArtefactError(f"params.classes: must be ordered or residual; was {kind!r}")
        read = len(weights.arrays["used"]) if "used" in weights.arrays else 0
        shapes = {
            **standard_shapes(read),
            "location": (read + 1,),
            "spread": (read + 1,),
            "shape": (len(LEVELS),),
            "cuts": (2,),
        }
        shapes["slope" if kind == "ordered" else "table"] = (
            (read,) if kind == "ordered" else (CDF_POINTS,)
        )
        arrays = expect(weights, shapes)
        within("used", arrays["used"], columns)
        self._columns = len(columns)
        self._standard = Standard.of(arrays)
        self._spread = LocationScale.of(arrays)
        self._cuts = arrays["cuts"]
        self._table = arrays.get("table")
        self._slope = arrays["slope"] if kind == "ordered" else arrays["location"][1:]

    @classmethod
    def load(cls, weights: Weights, columns: tuple[str, ...]) -> "Linear":
        """See `Runtime.load`."""
        return cls(weights, columns)

    def predict(self, asked: Asked) -> Raw:
        """See `Runtime.predict`."""
        z, known = self._scores(asked.x)
        quantiles = self._spread.quantiles(z, np.abs(z))
        classes = self._classes(row_dot(z, self._slope, 0.0))
        quantiles[~known] = np.nan
        classes[~known] = np.nan
        return Raw(quantiles, classes)

    def contributions(self, asked: Asked) -> Floats | None:
        """See `Runtime.contributions`.

        The classes hang on the row through one sum of `slope x z-score` alone. A column's
        contribution is its share of that sum times the whole change in logit p_up if moved, from a
        row of all means to this one; so the columns add up to that change exactly.
        """
        z, known = self._scores(asked.x)
        total = row_dot(z, self._slope, 0.0)
        steep = np.abs(total) > STEP
        at = np.where(steep, total, STEP)
        rate = (self._logit(at) - self._logit(np.zeros_like(at))) / at
        moved = np.zeros((len(z), self._columns))
        moved[:, self._standard.used] = z * self._slope * rate[:, None]
        moved[~known] = np.nan
        return moved

    def _scores(self, x: Floats) -> tuple[Floats, "np.ndarray"]:
        given = of_width(x, self._columns)
        return self._standard.scores(given), answerable(given[:, self._standard.used])

    def _classes(self, evidence: Floats) -> Floats:
        if self._table is None:
            return ladder(self._cuts, evidence)
        centre = evidence + self._spread.location[0]
        down = probability_below(self._table, self._cuts[0] - centre)
        up = 1.0 - probability_below(self._table, self._cuts[1] - centre)
        return np.stack([down, 1.0 - down - up, up], axis=1)

    def _logit(self, evidence: Floats) -> Floats:
        classes = self._classes(evidence)
        return np.asarray(np.log(classes[:, 2]) - np.log(classes[:, 0]))
