"""The arithmetic of the pool: weights, effective members and pooled evidence, row by row."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from assay.fusion.agreement import agreement_many
from assay.fusion.clusters import effective_members
from assay.fusion.evidence import Floats, Integers

PIECE = 4096
"""Rows squared at a time."""


@dataclass(frozen=True)
class Learned:
    """What was learned from a stretch of history, one entry a producer (M).

    `slope` maps evidence to the decision horizon, `skill` is the mean log-score gain over the base
    in nats a row, with its errors; `strength` = max(0, skill - one standard error) is what weighs.
    `label` is the cluster (-1: weighs nothing), `share` the producer's share in it, `matrix` (C, C)
    the shrunk correlation of the clusters' evidence, `effective` N_eff with everyone present and
    fresh, `kappa` the extremising factor there.
    """

    slope: Floats
    slope_error: Floats
    skill: Floats
    skill_error: Floats
    strength: Floats
    label: NDArray[np.int64]
    share: Floats
    matrix: Floats
    effective: float
    kappa: float

    @property
    def weighs(self) -> bool:
        """Say whether any producer weighs."""
        return bool((self.label >= 0).any())

    @property
    def clusters(self) -> int:
        """Return how many clusters weigh."""
        return len(self.matrix)

    @cached_property
    def chosen(self) -> Integers:
        """Return (K,): which producers weigh."""
        return np.flatnonzero(self.label >= 0)

    @cached_property
    def by_cluster(self) -> tuple[Integers, Integers]:
        """Return (K,) those that weigh, cluster after cluster, and (C,) where each one begins."""
        order = np.argsort(self.label, kind="stable")
        order = order[self.label[order] >= 0]
        return order, np.flatnonzero(np.diff(self.label[order], prepend=-1))

    @cached_property
    def nominal_weight(self) -> Floats:
        """Return (M,): the weights with everyone present and fresh; sums to 1, or is all 0."""
        heads = np.array([self.strength[self.label == c].max() for c in range(self.clusters)])
        if not len(heads):
            return np.zeros(len(self.slope))
        heads /= heads.sum()
        return np.where(self.label >= 0, heads[self.label] * self.share, 0.0)


@dataclass(frozen=True, slots=True)
class Combined:
    """The pool at n moments: `weight` and `mapped` evidence (n, M), the rest (n,).

    `mean` is the weighted mean evidence, `kappa` multiplies it; `agreement` is NaN where None.
    """

    weight: Floats
    mapped: Floats
    mean: Floats
    effective: Floats
    kappa: Floats
    agreement: Floats

    @property
    def part(self) -> Floats:
        """Return (n, M): what each producer adds to the log-odds."""
        return self.kappa[:, None] * self.weight * self.mapped

    @property
    def first(self) -> "Combined":
        """Return the pool at the first moment alone."""
        return Combined(*(getattr(self, name)[:1] for name in self.__slots__))


def combine(evidence: Floats, fresh: Floats, learned: Learned) -> Combined:
    """Pool `evidence` (n, M), logit p - logit base, NaN where there is none.

    Inside a cluster the mapped evidence of those present is averaged; a cluster weighs as its
    strongest producer times that one's freshness `fresh` (n, M). Only elementwise operations over
    rows are used, so that a row's answer does not depend on the rows beside it.
    """
    known = np.isfinite(evidence)
    mapped = np.where(known, evidence, 0.0) * learned.slope
    weight = np.zeros(evidence.shape)
    order, starts = learned.by_cluster
    if not len(order):
        nothing = np.zeros(len(evidence))
        return Combined(weight, mapped, nothing, nothing, nothing + 1.0, nothing + np.nan)
    label, present = learned.label[order], known[:, order]
    shares = np.where(present, learned.share[order], 0.0)
    heard = np.where(present, learned.strength[order] * fresh[:, order], 0.0)
    heads = np.maximum.reduceat(heard, starts, axis=1)  # (n, C)
    total = np.add.reduceat(shares, starts, axis=1)
    means = _ratio(np.add.reduceat(shares * mapped[:, order], starts, axis=1), total)
    weights = _ratio(heads, row_sum(heads)[:, None])
    weight[:, order] = weights[:, label] * _ratio(shares, total[:, label])
    leaning = weights * means
    mean, square = row_sum(leaning), row_sum(leaning * means)
    variance = np.minimum(quadratic(weights, learned.matrix), 1.0)
    effective = _ratio(np.ones(len(evidence)), variance)
    kappa = kappa_of(effective, learned)
    return Combined(weight, mapped, mean, effective, kappa, agreement_many(mean, square, effective))


def row_sum(values: Floats) -> Floats:
    """Add the columns one after the other, so that one row and many give the same bits."""
    if len(values) < values.shape[1]:  # few rows: one call instead of one a column
        return np.asarray(np.add.accumulate(values, axis=1)[:, -1] + 0.0)
    total = np.zeros(len(values))
    for column in range(values.shape[1]):
        total = total + values[:, column]
    return total


def quadratic(x: Floats, matrix: Floats) -> Floats:
    """Return (n,): x' matrix x for every row of `x` (n, k).

    Summed along each row, not by matrix products, whose rounding depends on how many rows there
    are; in pieces, so that memory stays small.
    """
    out = np.empty(len(x))
    for start in range(0, len(x), PIECE):
        part = x[start : start + PIECE]
        terms = part[:, :, None] * part[:, None, :] * matrix
        out[start : start + PIECE] = terms.reshape(len(part), -1).sum(axis=1)
    return out


def kappa_of(effective: Floats, learned: Learned) -> Floats:
    """Return (n,) the factor where `effective` members are present.

    1 for a single one, the fitted kappa where all are there, in proportion to the members gained
    between, never above 1.1 N_eff.
    """
    gained = kappa_share(effective, learned.effective)
    return np.clip(1.0 + (learned.kappa - 1.0) * gained, 1.0, 1.1 * np.maximum(effective, 1.0))


def kappa_share(effective: Floats, full: float) -> Floats:
    """Return (n,) which share of kappa - 1 holds where `effective` of `full` members are there."""
    if full <= 1.0 + 1e-9:
        return np.zeros_like(effective)
    return np.maximum(effective - 1.0, 0.0) / (full - 1.0)


def full_effective(learned_strength: Floats, label: NDArray[np.int64], matrix: Floats) -> float:
    """Return N_eff with every cluster present and fresh; 0 where none weighs."""
    if not len(matrix):
        return 0.0
    heads = np.array([learned_strength[label == c].max() for c in range(len(matrix))])
    return effective_members(heads / heads.sum(), matrix)


def _ratio(top: Floats, bottom: Floats) -> Floats:
    return np.divide(top, bottom, out=np.zeros_like(top), where=bottom > 0)
