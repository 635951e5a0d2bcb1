"""Serves a member that says the same of every row."""

import numpy as np

from assay.models.checking import of_width
from assay.models.contract import Asked, Floats, Raw, Runtime, Weights
from assay.models.empirical import LEVELS
from assay.models.shapes import expect


class Climatology(Runtime):
    """One set of quantiles and classes; no feature is read, so no row goes unanswered."""

    def __init__(self, quantiles: Floats, classes: Floats, columns: int) -> None:
        self._quantiles = quantiles
        self._classes = classes
        self._columns = columns

    @classmethod
    def load(cls, weights: Weights, columns: tuple[str, ...]) -> "Climatology":
        """See `Runtime.load`."""
        arrays = expect(weights, {"quantiles": (len(LEVELS),), "classes": (3,)})
        return cls(arrays["quantiles"], arrays["classes"], len(columns))

    def predict(self, asked: Asked) -> Raw:
        """See `Runtime.predict`."""
        rows = len(of_width(asked.x, self._columns))
        return Raw(np.tile(self._quantiles, (rows, 1)), np.tile(self._classes, (rows, 1)))

    def contributions(self, asked: Asked) -> Floats | None:
        """See `Runtime.contributions`: no feature moved anything, so all are 0."""
        return np.zeros(of_width(asked.x, self._columns).shape)
