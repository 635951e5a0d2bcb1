"""How uncertain the pooled log-odds are: a bootstrap of whole days."""

import numpy as np

from assay.fusion.combine import Learned
from assay.fusion.evidence import Floats, Integers, expit
from assay.fusion.proof import Rows
from assay.fusion.settings import FusionSettings

NORMAL_90 = 1.6448536269514722
"""Standard deviations on each side of a 90 % interval."""


def coefficient_covariance(rows: Rows, learned: Learned, settings: FusionSettings) -> Floats:
    """Return (1 + k, 1 + k): covariance of the pool's coefficients, the base first.

    The pool is logit base + sum of coefficients x evidence over its k weighing producers, where
    coefficient = kappa x weight x slope. Blocks of consecutive days (two horizons long, at least
    one day) are drawn with replacement, circularly, `draws` times; in each draw slopes, skills,
    weights, kappa and the shift of the base are refitted in the quadratic approximation of the
    likelihood about the base, exact to the second order in evidence, which in markets is faint.
    Clusters, correlations and the errors of slopes are those of the fit.
    """
    chosen = np.flatnonzero(learned.label >= 0)
    e = np.nan_to_num(rows.evidence[:, chosen])
    design = np.column_stack([np.ones(len(rows)), e])  # (n, 1 + k)
    p = expit(rows.base)
    blocks = rows.blocks
    gradient = blocks.sums((rows.outcome - p)[:, None] * design)  # (D, 1 + k)
    curve = blocks.sums((p * (1 - p))[:, None, None] * design[:, :, None] * design[:, None, :])
    counts = _day_counts(blocks.days, _block_days(rows), settings)
    u = counts @ gradient  # (draws, 1 + k)
    i = np.tensordot(counts, curve, axes=1)  # (draws, 1 + k, 1 + k)
    draws = _refit(u, i, chosen, len(rows), learned)
    return np.atleast_2d(np.cov(draws, rowvar=False))


def _block_days(rows: Rows) -> int:
    return max(1, int(np.ceil(2.0 * rows.label_days)))


def _day_counts(days: int, length: int, settings: FusionSettings) -> Floats:
    chance = np.random.default_rng(settings.seed)
    length = min(length, days)
    blocks = -(-days // length)
    starts = chance.integers(0, days, (settings.draws, blocks, 1))
    picked = ((starts + np.arange(length)) % days).reshape(settings.draws, -1)[:, :days]
    flat = picked + days * np.arange(settings.draws)[:, None]
    counted = np.bincount(flat.ravel(), minlength=days * settings.draws)
    return counted.reshape(settings.draws, days).astype(np.float64)


def _refit(u: Floats, i: Floats, chosen: Integers, rows: int, learned: Learned) -> Floats:
    """Return (draws, 1 + k): the base's shift and the coefficients of every draw."""
    flat = np.maximum(i[:, 0, 0], 1e-12)
    own = np.einsum("bkk->bk", i)[:, 1:]
    cross = i[:, 0, 1:]
    steep = (u[:, 1:] - u[:, :1] * cross / flat[:, None]) / np.maximum(
        own - cross**2 / flat[:, None], 1e-12
    )
    slope = np.maximum(steep, 0.0) / (1.0 + learned.slope_error[chosen] ** 2)
    gain = (slope * u[:, 1:] - 0.5 * slope**2 * own) / rows
    error = learned.skill_error[chosen] * slope / np.maximum(learned.slope[chosen], 1e-12)
    weight = _weights(np.maximum(0.0, gain - error), learned, chosen)
    beta = weight * slope
    pooled_u = (beta * u[:, 1:]).sum(axis=1)
    pooled_i = np.einsum("bk,bkl,bl->b", beta, i[:, 1:, 1:], beta)
    kappa = np.divide(pooled_u, pooled_i, out=np.ones_like(flat), where=pooled_i > 0)
    most = 1.1 * learned.effective if learned.clusters > 1 else 1.0
    beta *= np.clip(kappa, 1.0, max(most, 1.0))[:, None]
    shift = (u[:, 0] - (beta * cross).sum(axis=1)) / flat
    return np.column_stack([shift, beta])


def _weights(strength: Floats, learned: Learned, chosen: Integers) -> Floats:
    label, share = learned.label[chosen], learned.share[chosen]
    if not learned.clusters:
        return strength
    heads = np.stack([strength[:, label == c].max(axis=1) for c in range(learned.clusters)], axis=1)
    total = heads.sum(axis=1, keepdims=True)
    heads = np.divide(heads, total, out=np.zeros_like(heads), where=total > 0)
    return np.asarray(heads[:, label] * share)
