"""How often the best of many trials is nothing special where it was not chosen."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import nan

import numpy as np

from assay.core.errors import SettingsError
from assay.evaluation.statistics.sharpe import Floats, constant_columns, finite_matrix

DAYS_PER_BLOCK = 5  # fewer and a half's Sharpe ratio is a coin toss of a week
MOST_BLOCKS = 20
CELLS_AT_ONCE = 60_000  # half a megabyte a working array: it stays in the cache


@dataclass(frozen=True, slots=True)
class Overfitting:
    """The probability of backtest overfitting and the partitions it was counted over.

    `logits` (partitions,) are those of the relative rank out of sample of the trial chosen in
    sample; `chosen_in_sample` and `chosen_out_of_sample` (partitions,) its Sharpe ratios per day.
    `degradation_slope` is that of the second on the first, NaN where the first never differs;
    `probability_of_loss` the share of partitions where the second is negative. With fewer than two
    trials or five days a block there is no choice to judge: all figures NaN, the arrays empty.
    """

    probability: float
    degradation_slope: float
    probability_of_loss: float
    logits: Floats
    chosen_in_sample: Floats
    chosen_out_of_sample: Floats


def overfitting(returns: Floats, blocks: int = 16) -> Overfitting:
    """Return how the trials of `returns` (days, trials) fare where they were not chosen.

    Combinatorially symmetric cross-validation (Bailey, Borwein, López de Prado & Zhu 2017): days
    are cut into `blocks` blocks in order, as equal as they come; every half of the blocks chooses
    the trial of highest Sharpe ratio and the other half ranks it. The probability is the share of
    partitions where it ranks at or below the median. A trial without variance in a half has ratio 0
    there; equal ratios share the middle of their ranks, and the first column of equals is chosen.

    `SettingsError` unless `blocks` is even and from 2 to 20, where partitions are 184,756;
    `DataError` for values not finite.
    """
    if not 2 <= blocks <= MOST_BLOCKS or blocks % 2:
        raise SettingsError(f"blocks must be even and from 2 to 20, {blocks} was asked")
    matrix = finite_matrix(returns, "returns")
    days, trials = matrix.shape
    if trials < 2 or days < DAYS_PER_BLOCK * blocks:
        nothing = np.zeros(0)
        return Overfitting(nan, nan, nan, nothing, nothing, nothing)
    sums = _BlockSums.of(matrix, blocks)
    rows = max(1, CELLS_AT_ONCE // trials)
    halves = partitions(blocks)
    parts = [_both_ways(sums, halves[at : at + rows]) for at in range(0, len(halves), rows)]
    ranks, inside, outside = np.concatenate(parts, axis=1)
    logits = np.log(ranks / (trials + 1.0 - ranks))
    return Overfitting(
        float(np.mean(2.0 * ranks <= trials + 1.0)),
        _slope(inside, outside),
        float(np.mean(outside < 0.0)),
        logits,
        inside,
        outside,
    )


@lru_cache(maxsize=4)
def partitions(blocks: int) -> Floats:
    """Return (half of all partitions, blocks): 1 for the blocks in sample, 0 for the others.

    Each stands for its mirror image too, so the first block is always in sample. Not to be written.
    """
    chosen = np.array(list(combinations(range(1, blocks), blocks // 2 - 1)), dtype=np.int64)
    found = np.zeros((len(chosen), blocks))
    found[:, 0] = 1.0
    np.put_along_axis(found, chosen.reshape(len(found), -1), 1.0, axis=1)
    found.setflags(write=False)
    return found


@dataclass(frozen=True, slots=True)
class _BlockSums:
    """Per block: how many days, and per trial the sum and sum of squares away from its mean."""

    counts: Floats  # (blocks,)
    sums: Floats  # (blocks, trials)
    squares: Floats  # (blocks, trials)
    means: Floats  # (trials,)

    @classmethod
    def of(cls, matrix: Floats, blocks: int) -> "_BlockSums":
        """Return the sums of (days, trials), away from the mean so that squares keep digits."""
        edges = np.arange(blocks + 1) * len(matrix) // blocks
        constant = constant_columns(matrix)
        means = np.where(constant, 0.0, matrix.mean(axis=0))
        away = np.where(constant, 0.0, matrix - means)
        return cls(
            np.diff(edges).astype(np.float64),
            np.add.reduceat(away, edges[:-1], axis=0),
            np.add.reduceat(away**2, edges[:-1], axis=0),
            means,
        )

    def both_sharpes(self, halves: Floats) -> tuple[Floats, Floats]:
        """Return twice (partitions, trials): ratios over the days of each half and its rest."""
        days, sums, squares = halves @ self.counts, halves @ self.sums, halves @ self.squares
        # The rest is all less the half: half the products of matrices.
        rest = (self.counts.sum() - days, self.sums.sum(axis=0) - sums)
        other = self._sharpes(*rest, self.squares.sum(axis=0) - squares)
        return self._sharpes(days, sums, squares), other

    def _sharpes(self, days: Floats, ratio: Floats, variance: Floats) -> Floats:
        """Turn the sums in place into ratios, 0 without variance."""
        count = days[:, None]
        ratio /= count
        variance /= count
        variance -= ratio**2
        # What is left of a variance below a millionth of a millionth of the whole is rounding.
        floor = np.maximum(1e-12 * self.squares.sum(axis=0) / self.counts.sum(), 1e-300)
        variance[variance <= floor] = np.inf
        variance *= count / (count - 1.0)
        ratio += self.means
        ratio /= np.sqrt(variance, out=variance)
        return ratio


def _both_ways(sums: _BlockSums, halves: Floats) -> Floats:
    """Return (3, 2 x partitions): rank, ratio inside, ratio outside of the trial chosen."""
    one, other = sums.both_sharpes(halves)
    return np.concatenate([_chosen(one, other), _chosen(other, one)], axis=1)


def _chosen(inside: Floats, outside: Floats) -> Floats:
    row = np.arange(len(inside))
    best = inside.argmax(axis=1)
    found = outside[row, best]
    below = np.count_nonzero(outside < found[:, None], axis=1)
    upto = np.count_nonzero(outside <= found[:, None], axis=1)
    return np.stack([(below + upto + 1.0) / 2.0, inside[row, best], found])


def _slope(inside: Floats, outside: Floats) -> float:
    away = inside - inside.mean()
    spread = float(away @ away)
    return float(away @ outside / spread) if spread > 1e-24 * len(inside) else nan
