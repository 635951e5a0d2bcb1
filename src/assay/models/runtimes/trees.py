"""Serves boosted trees from LightGBM's native text, without LightGBM."""

import numpy as np
from numpy.typing import NDArray

from assay.core.errors import ArtefactError
from assay.models.checking import answerable, of_width
from assay.models.contract import DOWN, UP, Asked, Floats, Raw, Runtime, Weights
from assay.models.drivers import drivers
from assay.models.empirical import LEVELS
from assay.models.lightgbm_text import CLASSES, Forest, parse, quantile_text
from assay.models.location_scale import LocationScale
from assay.models.shapes import expect
from assay.models.shapley import Paths, paths, shapley
from assay.models.trees import answers


class Trees(Runtime):
    """Classes by softmax over three sets of trees; quantiles in one of two ways.

    `params["quantiles"]` is `residual`: centre and width are linear in what `drivers` says of the
    classes, around one empirical shape; or `boosted`: one model a quantile, sorted so that they do
    not cross. A row with too many unknown columns, or an infinite one, is NaN.
    """

    def __init__(self, weights: Weights, columns: tuple[str, ...]) -> None:
        kind = weights.params.get("quantiles")
        if kind not in ("residual", "boosted"):
            raise ArtefactError(f"params.quantiles: must be residual or boosted; was {kind!r}")
        names = [quantile_text(level) for level in LEVELS] if kind == "boosted" else []
        small = {} if names else {"location": (2,), "spread": (2,), "shape": (len(LEVELS),)}
        arrays = expect(weights, small, texts=frozenset({CLASSES, *names}))
        self._columns = len(columns)
        self._forest = self._parsed(weights, CLASSES, "softmax", 3)
        self._boosted = [self._parsed(weights, name, "identity", 1) for name in names]
        self._spread = None if names else LocationScale.of(arrays)
        self._paths: Paths | None = None

    @classmethod
    def load(cls, weights: Weights, columns: tuple[str, ...]) -> "Trees":
        """See `Runtime.load`."""
        return cls(weights, columns)

    def predict(self, asked: Asked) -> Raw:
        """See `Runtime.predict`."""
        given, known = self._known(asked.x)
        classes = answers(self._forest, given)
        if self._spread is None:
            each = [answers(forest, given)[:, 0] for forest in self._boosted]
            quantiles = np.sort(np.stack(each, axis=1), axis=1)
        else:
            quantiles = self._spread.quantiles(*drivers(classes))
        quantiles[~known] = np.nan
        classes[~known] = np.nan
        return Raw(quantiles, classes)

    def contributions(self, asked: Asked) -> Floats | None:
        """See `Runtime.contributions`.

        With a softmax, logit p_up if moved is the score of up less the score of down; its exact
        Shapley values (`models.shapley`) add up to it, less its expectation over the train span.
        """
        given, known = self._known(asked.x)
        self._paths = self._paths or paths(self._forest, (UP, DOWN))
        shares, _ = shapley(self._forest, self._paths, given)
        moved = shares[:, 0] - shares[:, 1]
        moved[~known] = np.nan
        return moved

    def _known(self, x: Floats) -> tuple[Floats, NDArray[np.bool_]]:
        given = of_width(x, self._columns)
        return given, answerable(given)

    def _parsed(self, weights: Weights, name: str, link: str, outputs: int) -> Forest:
        forest = parse(weights.texts[name], name)
        if (forest.link, forest.outputs) != (link, outputs):
            raise ArtefactError(
                f"{name}: {outputs} outputs by {link} were expected, found {forest.outputs} by "
                f"{forest.link}"
            )
        if forest.columns != self._columns:
            raise ArtefactError(
                f"{name}: reads {forest.columns} columns, but {self._columns} features are listed"
            )
        return forest
