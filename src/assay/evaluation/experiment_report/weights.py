"""What the member leaned on, fold by fold, and whether it was the same each time."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from assay.models.scores import rank_correlation

TOP = 15
"""Columns that are drawn."""
HEAD = 5
"""Columns at the top whose names are compared between folds."""


def importance(by_fold: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Return how much answers hang on each column: the mean over folds, and how that varies.

    Each of `by_fold` holds `fold`, `seed` and `importance` by column (how far answers move when
    rows swap the column). A column a fold did not read has 0 there. `stability` is the mean rank
    correlation between each two folds, `shared` the mean share of their first columns that both
    have; both None with one fold. None where no fold has stored any.
    """
    told = [each for each in by_fold if each["importance"]]
    if not told:
        return None
    names = sorted({name for each in told for name in each["importance"]})
    values = np.array([[each["importance"].get(name, 0.0) for name in names] for each in told])
    mean, low, high = values.mean(axis=0), values.min(axis=0), values.max(axis=0)
    places = (-values).argsort(axis=1, kind="stable").argsort(axis=1) + 1
    order = sorted(range(len(names)), key=lambda n: (-mean[n], names[n]))
    return {
        "folds": [{"fold": each["fold"], "seed": each["seed"]} for each in told],
        "columns": [
            {
                "column": names[n],
                "mean": float(mean[n]),
                "low": float(low[n]),
                "high": float(high[n]),
                "best_place": int(places[:, n].min()),
                "worst_place": int(places[:, n].max()),
                "by_fold": values[:, n].tolist(),
            }
            for n in order
        ],
        "stability": _stability(values),
        "shared": _shared(values),
    }


def _stability(values: np.ndarray) -> float | None:
    if values.shape[1] < 2:
        return None
    found = [rank_correlation(one, other) for one, other in combinations(values, 2)]
    known = [each for each in found if each is not None]
    return float(np.mean(known)) if known else None


def _shared(values: np.ndarray) -> float | None:
    head = min(HEAD, values.shape[1])
    tops = [set((-row).argsort(kind="stable")[:head].tolist()) for row in values]
    found = [len(one & other) / head for one, other in combinations(tops, 2)]
    return float(np.mean(found)) if found else None
