"""Climatology: what has been, on average, will be; the member every other one must beat."""

from dataclasses import dataclass

from assay.models.checking import learnable, one_series
from assay.models.contract import BENCH, Member, Samples, Scope, Weights, Workshop
from assay.models.empirical import LEVELS, class_rates, weighted_quantiles


@dataclass(frozen=True, slots=True)
class Naive(Member):
    """Class frequencies and unconditional quantiles of the train span; reads no feature."""

    rows_needed: int = 50
    family = "climatology"
    scope = Scope.SERIES
    random = False

    def fit(
        self,
        train: Samples,
        stop: Samples,
        *,
        seed: int,
        threads: int,
        workshop: Workshop = BENCH,
    ) -> Weights:
        """See `Member.fit`; nothing here is random, and `stop` decides nothing."""
        one_series(train, "naive")
        rows = learnable(
            Samples(
                (),
                train.series_names,
                train.time,
                train.t1,
                train.series,
                train.x[:, :0],
                train.scaled,
                train.label,
                train.weight,
            ),
            member="naive",
            span="train",
            rows_needed=self.rows_needed,
        )
        quantiles = weighted_quantiles(rows.scaled, rows.weight, LEVELS)
        return Weights("climatology", {"quantiles": quantiles, "classes": class_rates(rows)})
