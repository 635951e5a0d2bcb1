"""What went up goes on, or turns: one past return, its sign and size mapped to the odds."""

from dataclasses import dataclass

import numpy as np

from assay.core.errors import SettingsError
from assay.models.checking import learnable, one_series
from assay.models.contract import BENCH, Member, Samples, Scope, Weights, Workshop
from assay.models.location_scale import fit_location_scale
from assay.models.ordered import fit_ordered
from assay.models.standard import fit_standard

USUAL = ("log_return_12_by_50", "log_return_24_by_50", "momentum_12", "rate_of_change_10_100")
"""The columns looked for, in this order, when the settings name none."""


@dataclass(frozen=True, slots=True)
class Momentum(Member):
    """One named column of past, volatility-scaled return; a slope below zero means it reverts.

    `column` None takes the first of `USUAL` that is there. `shrink_rows` is how many rows of no
    effect are mixed in.
    """

    column: str | None = None
    shrink_rows: float = 10.0
    rows_needed: int = 100
    family = "momentum"
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
        one_series(train, "momentum")
        name = self.chosen(train.columns)
        used = np.array([train.columns.index(name)], dtype=np.int64)
        rows = learnable(
            train, member="momentum", span="train", rows_needed=self.rows_needed, columns=used
        )
        standard = fit_standard(rows.x, rows.weight, used)
        z = standard.scores(rows.x)
        odds = fit_ordered(rows.label, rows.weight, z, shrink=self.shrink_rows)
        moved = fit_location_scale(rows.scaled, rows.weight, z, np.abs(z), shrink=self.shrink_rows)
        arrays = standard.arrays() | moved.arrays() | {"cuts": odds.cuts, "slope": odds.slope}
        return Weights("linear", arrays, params={"classes": "ordered", "column": name})

    def chosen(self, columns: tuple[str, ...]) -> str:
        """Return the column read out of `columns`; one that is not there is a `SettingsError`."""
        wanted = USUAL if self.column is None else (self.column,)
        for name in wanted:
            if name in columns:
                return name
        raise SettingsError(
            f"momentum reads one of {', '.join(wanted)}, and the features have none of them; "
            "name a column in its settings"
        )
