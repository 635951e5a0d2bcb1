"""Slopes, skills, clusters and kappa from a stretch of outcomes: the learning part of `fit`."""

import numpy as np
from numpy.typing import NDArray

from assay.evaluation.gate.artefact import foretells
from assay.fusion.clusters import cluster, correlation, shrunk
from assay.fusion.combine import Learned, combine, full_effective, kappa_share
from assay.fusion.evidence import Floats, expit, log_score
from assay.fusion.inference import DayBlocks
from assay.fusion.rivals import Rivals, Scores, standing
from assay.fusion.settings import FusionSettings

Mask = NDArray[np.bool_]

STEEPEST = 20.0
"""No slope is fitted beyond this: evidence so faint is not worth amplifying further."""


def learn(
    evidence: Floats,
    fresh: Floats,
    base: Floats,
    outcome: Floats,
    blocks: DayBlocks,
    eligible: Mask,
    settings: FusionSettings,
    gate_level: float | Floats | None = None,
    rivals: Rivals = (),
) -> Learned:
    """Learn from n rows with known `outcome` (n,), 1 or 0.

    `evidence` and `fresh` are (n, M), `base` (n,) log-odds of the pool's climatology. Producers
    that are not `eligible` (M,), or with `gate_level` do not foretell at it, get a slope and a
    skill to be shown, and no weight; nor does, of `rivals`, the one that did worse on these rows.
    """
    slope, slope_error = fit_slopes(evidence, base, outcome, blocks)
    skill, skill_error = measure_skill(evidence, slope, base, outcome, blocks)
    if rivals:
        scores = Scores(evidence, slope, base, outcome, blocks)
        found = [scores.compared(pair) for pair in rivals]
        eligible = eligible & standing(len(slope), rivals, found)
    if gate_level is not None:
        eligible = eligible & foretells(skill, skill_error, gate_level)
    strength = np.maximum(0.0, skill - np.where(np.isfinite(skill_error), skill_error, np.inf))
    strength = np.where(eligible & (slope > 0), strength, 0.0)
    label, share, matrix = _grouped(evidence, outcome, slope, strength, blocks.days, settings)
    effective = full_effective(strength, label, matrix)
    learned = Learned(
        slope, slope_error, skill, skill_error, strength, label, share, matrix, effective, 1.0
    )
    kappa = _fit_kappa(evidence, fresh, base, outcome, learned)
    return Learned(
        slope, slope_error, skill, skill_error, strength, label, share, matrix, effective, kappa
    )


def fit_slopes(
    evidence: Floats, base: Floats, outcome: Floats, blocks: DayBlocks
) -> tuple[Floats, Floats]:
    """Return (M,) slopes at least 0 that map evidence to the decision horizon, and their errors.

    Each is the coefficient of the producer's evidence in a logistic regression of the outcome with
    the base as offset and an intercept (so that a drift of the market is nobody's skill), by
    likelihood, then drawn toward 0 as by a normal prior of standard deviation 1, the slope of
    calibrated evidence: s / (1 + error^2), negative ones 0. The error allows for overlapping
    labels (`DayBlocks`). A producer without variation has slope 0.
    """
    known = np.isfinite(evidence)
    e = np.where(known, evidence, 0.0)
    intercept, slope = np.zeros(e.shape[1]), np.zeros(e.shape[1])
    p = expit(base)[:, None] * np.ones_like(e)
    centre, information = np.zeros_like(slope), np.zeros_like(slope)
    residual = np.zeros_like(e)
    for step in range(4):
        if step:
            p = expit(base[:, None] + intercept + slope * e)
        residual = np.where(known, outcome[:, None] - p, 0.0)
        curve = np.where(known, p * (1.0 - p), 0.0)
        total = np.maximum(curve.sum(axis=0), 1e-12)
        centre = (curve * e).sum(axis=0) / total
        information = (curve * e * e).sum(axis=0) - total * centre**2
        varied = information > 1e-9
        gradient, flat = (residual * e).sum(axis=0), residual.sum(axis=0)
        if step == 3:
            break
        move = np.divide(
            gradient - centre * flat, information, out=np.zeros_like(slope), where=varied
        )
        slope = np.clip(slope + move, -STEEPEST, STEEPEST)
        intercept = intercept + flat / total - centre * move
    scores = residual * np.where(known, e - centre, 0.0)
    sums = blocks.sums(scores)
    spread = blocks.total_error(sums)
    error = np.divide(spread, information, out=np.full_like(slope, np.inf), where=varied)
    kept = np.where(np.isfinite(error), np.maximum(slope, 0.0) / (1.0 + error**2), 0.0)
    return np.where(varied, kept, 0.0), error


def measure_skill(
    evidence: Floats, slope: Floats, base: Floats, outcome: Floats, blocks: DayBlocks
) -> tuple[Floats, Floats]:
    """Return (M,) mean log-score gains over the base, nats a row, and their errors.

    Scored is the mapped evidence; rows where a producer says nothing do not count for it.
    """
    known = np.isfinite(evidence)
    mapped = base[:, None] + slope * np.where(known, evidence, 0.0)
    gain = log_score(mapped, outcome[:, None]) - log_score(base, outcome)[:, None]
    return blocks.mean(np.where(known, gain, 0.0), known.astype(np.float64))


def _grouped(
    evidence: Floats,
    outcome: Floats,
    slope: Floats,
    strength: Floats,
    days: int,
    settings: FusionSettings,
) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Return each producer's cluster and share, and the clusters' shrunk correlation.

    Correlations are of evidence given the outcome: what members share because both are right is
    not redundancy.
    """
    label, share = np.full(len(slope), -1, np.int64), np.zeros(len(slope))
    weighing = np.flatnonzero(strength > 0)
    if not len(weighing):
        return label, share, np.zeros((0, 0))
    mapped = evidence[:, weighing] * slope[weighing]
    own, part = cluster(correlation(_given_outcome(mapped, outcome)), settings.cut_correlation)
    label[weighing], share[weighing] = own, part
    count = int(own.max()) + 1
    known = np.isfinite(mapped)
    means = np.full((len(mapped), count), np.nan)
    for c in range(count):
        inside = own == c
        shares = np.where(known[:, inside], part[inside], 0.0)
        total = shares.sum(axis=1)
        summed = (shares * np.where(known[:, inside], mapped[:, inside], 0.0)).sum(axis=1)
        np.divide(summed, total, out=means[:, c], where=total > 0)
    return label, share, shrunk(correlation(_given_outcome(means, outcome)), days)


def _given_outcome(values: Floats, outcome: Floats) -> Floats:
    left = values.copy()
    for side in (outcome > 0, outcome <= 0):
        known = np.isfinite(values[side])
        count = np.maximum(known.sum(axis=0), 1)
        left[side] -= np.where(known, values[side], 0.0).sum(axis=0) / count
    return left


def _fit_kappa(
    evidence: Floats, fresh: Floats, base: Floats, outcome: Floats, learned: Learned
) -> float:
    """Return kappa by likelihood, kept in [1, 1.1 N_eff]; 1 where a single cluster weighs.

    The log likelihood is concave in kappa, so that Newton steps end at its only maximum.
    """
    if learned.clusters < 2 or learned.effective <= 1.0 + 1e-9:
        return 1.0
    pooled = combine(evidence, fresh, learned)
    reach = pooled.mean * kappa_share(pooled.effective, learned.effective)
    offset = base + pooled.mean
    extra, most = 0.0, 1.1 * learned.effective - 1.0
    for _ in range(8):
        p = expit(offset + extra * reach)
        information = float((p * (1.0 - p) * reach**2).sum())
        if information <= 0:
            break
        step = float(((outcome - p) * reach).sum()) / information
        moved = min(max(extra + step, 0.0), max(most, 0.0))
        if abs(moved - extra) < 1e-12:
            break
        extra = moved
    return 1.0 + extra
