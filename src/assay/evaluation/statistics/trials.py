"""How many different things were tried, and what each of them earned."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.core.errors import SettingsError
from assay.evaluation.statistics.sharpe import Floats, constant_columns, finite_matrix

SAME_IDEA_CORRELATION = 0.5


@dataclass(frozen=True, slots=True)
class Clusters:
    """Trials that are one idea, grouped.

    `cluster` (trials,) numbers them from 0 in the order of their first trial; `mean_returns`
    (days, clusters) are the equal-weight means of their members, in column order.
    """

    cluster: NDArray[np.int64]
    mean_returns: Floats

    @property
    def effective_trials(self) -> int:
        """Return how many independent trials these amount to: the number of clusters."""
        return int(self.mean_returns.shape[1])

    def members(self, number: int) -> NDArray[np.int64]:
        """Return the columns that are in cluster `number`."""
        return np.flatnonzero(self.cluster == number)


def cluster_trials(returns: Floats, same_idea: float = SAME_IDEA_CORRELATION) -> Clusters:
    """Return the clusters of the trials in `returns` (days, trials), all on the same days.

    Distance 1 - correlation, average linkage (Sokal & Michener 1958): two groups are one idea as
    long as the mean correlation between their members is at least `same_idea`. A cut, not a search
    for the best number: a silhouette has no answer for trials that are all independent, where
    every trial is its own cluster here. Trials without variance are one cluster of their own.

    `SettingsError` unless `same_idea` is between 0 and 1; `DataError` for values not finite. Needs
    scipy for two trials or more.
    """
    if not 0.0 < same_idea < 1.0:
        raise SettingsError(f"same_idea must be between 0 and 1, {same_idea} was asked")
    matrix = finite_matrix(returns, "returns")
    if matrix.shape[1] < 2:
        return _numbered(matrix, np.zeros(matrix.shape[1], dtype=np.int64))
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    distance = 1.0 - correlations(matrix)
    tree = linkage(squareform(distance, checks=False), method="average")
    # Average linkage never joins nearer than before, so a cut is well defined.
    found = fcluster(tree, t=1.0 - same_idea, criterion="distance")
    return _numbered(matrix, np.asarray(found, dtype=np.int64))


def correlations(returns: Floats) -> Floats:
    """Return (trials, trials) correlations of the columns of `returns` (days, trials).

    A column without variance has 1 with others of its kind and 0 with the rest. The diagonal is
    exactly 1, the matrix symmetric and within -1 and 1.
    """
    constant = constant_columns(returns)
    away = np.where(constant, 0.0, returns - returns.mean(axis=0))
    length = np.sqrt(np.einsum("dt,dt->t", away, away))
    unit = away / np.where(constant, 1.0, length)
    found = np.clip(unit.T @ unit, -1.0, 1.0)
    found = (found + found.T) / 2.0
    found[np.ix_(constant, constant)] = 1.0
    np.fill_diagonal(found, 1.0)
    return np.asarray(found)


def _numbered(matrix: Floats, label: NDArray[np.int64]) -> Clusters:
    """Return the clusters numbered by their first trial, whatever the labels were."""
    _, first, inverse = np.unique(label, return_index=True, return_inverse=True)
    place = np.empty(len(first), dtype=np.int64)
    place[np.argsort(first)] = np.arange(len(first))
    cluster = place[inverse]
    belongs = np.zeros((matrix.shape[1], len(first)))
    belongs[np.arange(matrix.shape[1]), cluster] = 1.0
    sizes = belongs.sum(axis=0)
    return Clusters(cluster, np.asarray(matrix @ (belongs / np.maximum(sizes, 1.0))))
