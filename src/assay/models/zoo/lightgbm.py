"""Gradient-boosted trees over the whole panel of series (Ke et al. 2017)."""

from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

from assay.core.errors import SettingsError
from assay.models.checking import learnable
from assay.models.contract import BENCH, Floats, Member, Samples, Scope, Weights, Workshop
from assay.models.drivers import drivers
from assay.models.empirical import LEVELS
from assay.models.lightgbm_text import CLASSES, parse, quantile_text, stripped
from assay.models.location_scale import LocationScale, fit_location_scale
from assay.models.trees import answers

BIN_ROWS = 50_000
"""Rows the bins are read from; LightGBM's own 200,000 take twice as long and change nothing."""


KEPT = 0.9
"""How much of a leaf stays when trees go on from earlier ones; LightGBM's own default."""


@dataclass(frozen=True, slots=True)
class LightGBM(Member):
    """Three classes by boosting; quantiles from their residuals, or boosted one by one.

    Rows of one round are drawn without replacement (`bagging`), for overlapping labels repeat each
    other. `quantiles` is `residual` or `boosted`: seven more models, which cost about six times the
    time and brought 0.02 % less pinball loss on a planted edge (200,000 rows, 45 columns). So few
    leaves and bins are the fast default: 15 leaves or 255 bins were not better there.
    """

    rounds: int = 200
    patience_rounds: int = 10
    learning_rate: float = 0.1
    leaves: int = 7
    rows_per_leaf: int = 200
    bins: int = 63
    columns_share: float = 0.7
    bagging: float = 0.5
    l2: float = 10.0
    quantiles: str = "residual"
    rows_needed: int = 1000
    stop_rows_needed: int = 200
    family = "trees"
    scope = Scope.PANEL
    tunes = True

    def __post_init__(self) -> None:
        if self.quantiles not in ("residual", "boosted"):
            raise SettingsError(
                f"lightgbm: quantiles is residual or boosted; was {self.quantiles!r}"
            )

    def fit(
        self,
        train: Samples,
        stop: Samples,
        *,
        seed: int,
        threads: int,
        workshop: Workshop = BENCH,
    ) -> Weights:
        """See `Member.fit`; the number of threads changes nothing."""
        rows = learnable(train, member="lightgbm", span="train", rows_needed=self.rows_needed)
        held = learnable(stop, member="lightgbm", span="stop", rows_needed=self.stop_rows_needed)
        shared = self.parameters(seed, threads)
        classes = self._boost(shared, rows, held, rows.label, held.label)
        return self._whole(classes, rows, held, shared)

    def tune(
        self,
        start: Weights,
        train: Samples,
        stop: Samples,
        *,
        seed: int,
        threads: int,
        workshop: Workshop = BENCH,
    ) -> Weights:
        """See `Member.tune`: the trees keep their splits, and each leaf moves toward the new rows.

        A leaf becomes `KEPT` times what it said and the rest what the new rows say (`refit` of
        LightGBM). Boosted quantiles are grown anew: their leaves are no sums of gradients.
        """
        rows = learnable(train, member="lightgbm", span="train", rows_needed=self.rows_needed)
        held = learnable(stop, member="lightgbm", span="stop", rows_needed=self.stop_rows_needed)
        classes = self._refitted(start.texts[CLASSES], rows, threads)
        return self._whole(classes, rows, held, self.parameters(seed, threads))

    def _refitted(self, text: str, rows: Samples, threads: int) -> str:
        """Return trees with the splits of `text` and leaves that know `rows`."""
        booster = lightgbm.Booster(model_str=text)
        booster.params = self.parameters(seed=0, threads=threads)  # the text is without them
        moved = booster.refit(
            rows.x,
            rows.label,
            decay_rate=KEPT,
            weight=rows.weight,
            dataset_params={"verbosity": -1},
        )
        return stripped(moved.model_to_string())

    def _whole(self, classes: str, rows: Samples, held: Samples, shared: dict[str, Any]) -> Weights:
        """Return the weights with the classes' trees, and the quantiles that go with them."""
        texts = {CLASSES: classes}
        if self.quantiles == "residual":
            moved = self._moved(classes, held)
            return Weights("trees", moved.arrays(), texts, {"quantiles": "residual"})
        for level in LEVELS:
            own = shared | {"objective": "quantile", "alpha": float(level), "num_class": 1}
            text = self._boost(own, rows, held, rows.scaled, held.scaled)
            texts[quantile_text(level)] = text
        return Weights("trees", {}, texts, {"quantiles": "boosted"})

    def parameters(self, seed: int, threads: int) -> dict[str, Any]:
        """Return what LightGBM is told; deterministic for any number of threads."""
        return {
            "objective": "multiclass",
            "num_class": 3,
            "learning_rate": self.learning_rate,
            "num_leaves": self.leaves,
            "min_data_in_leaf": self.rows_per_leaf,
            "max_bin": self.bins,
            "feature_fraction": self.columns_share,
            "bagging_fraction": self.bagging,
            "bagging_freq": 1,
            "lambda_l2": self.l2,
            "seed": seed,
            "num_threads": threads,
            "deterministic": True,
            "force_row_wise": True,
            "verbosity": -1,
        }

    def _boost(
        self,
        parameters: dict[str, Any],
        rows: Samples,
        held: Samples,
        target: NDArray[Any],
        held_target: NDArray[Any],
    ) -> str:
        """Return the text of the best round on the stop span; the columns are known by place."""
        settings = {
            "max_bin": self.bins,
            "bin_construct_sample_cnt": BIN_ROWS,
            "verbosity": -1,
            "num_threads": parameters["num_threads"],
        }
        data = lightgbm.Dataset(rows.x, target, weight=rows.weight, params=settings)
        check = lightgbm.Dataset(
            held.x, held_target, weight=held.weight, reference=data, params=settings
        )
        halt = lightgbm.early_stopping(self.patience_rounds, verbose=False)
        booster = lightgbm.train(
            parameters, data, self.rounds, valid_sets=[check], callbacks=[halt]
        )
        return stripped(booster.model_to_string(num_iteration=booster.best_iteration))

    def _moved(self, text: str, held: Samples) -> LocationScale:
        """Return centre and width fitted on the stop span: the trees know the train span by heart.

        An edge that pointed the wrong way there is taken for none.
        """
        edge, restless = drivers(answers(parse(text), held.x))
        fitted = fit_location_scale(held.scaled, held.weight, edge, restless)
        if fitted.location[1] >= 0:
            return fitted
        none: Floats = np.zeros_like(edge)
        return fit_location_scale(held.scaled, held.weight, none, restless)
