"""Whether a column still looks as it did: the population stability index, and what is chance."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
BINS = 10
MOVED, DRIFTED = 0.1, 0.25
"""The usual limits of the index: below 0.1 no change, above 0.25 a large one (Siddiqi 2006, Credit
Risk Scorecards, ch. 8). Of the share of nulls the same steps are taken."""
LEVEL = 0.95
LEAST_KNOWN = 50
"""Known values that each side must have, or nothing is said."""
LEAST_BLOCKS = 10
"""Blocks of the reference from which a column's own limit can be told."""
_NORMAL_95 = 1.6448536269514722


class Verdict(StrEnum):
    """What is said of a column; `UNKNOWN` where too few values are known on one side."""

    STEADY = "steady"
    MOVED = "moved"
    DRIFTED = "drifted"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Drift:
    """One column, then and now.

    `psi` is the index, `expected` what it is on average if nothing changed, `chance` its 95 %
    quantile then, were the values independent; `own` the 95 % quantile between blocks of the
    reference and the rest of it, NaN with too few of them, and `limit` the larger of these two.
    `distance` is that of Kolmogorov and Smirnov, 0 to 1. `nulls_then` and `nulls_now` are shares.
    """

    psi: float
    expected: float
    chance: float
    own: float
    limit: float
    distance: float
    nulls_then: float
    nulls_now: float
    verdict: Verdict


def drift(reference: Floats, recent: Floats, bins: int = BINS) -> Drift:
    """Compare `recent` (m,) with `reference` (n,), both in order of time; NaN is a null."""
    then, now = reference[np.isfinite(reference)], recent[np.isfinite(recent)]
    nulls_then, nulls_now = _nulls(reference, then), _nulls(recent, now)
    nothing = float("nan")
    if len(then) < LEAST_KNOWN or len(now) < LEAST_KNOWN:
        verdict = _by_nulls(nulls_now - nulls_then)
        verdict = Verdict.UNKNOWN if verdict is Verdict.STEADY else verdict
        return Drift(*(nothing,) * 6, nulls_then, nulls_now, verdict)
    edges = edges_of(then, bins)
    counts = _counts(then, edges), _counts(now, edges)
    index = float(_index(*counts))
    used = int(np.count_nonzero(counts[0] + counts[1]))
    chance = chance_psi(used, len(then), len(now))
    own = own_limit(reference, len(recent), edges)
    limit = max(chance, own) if np.isfinite(own) else chance
    by_index = Verdict.STEADY
    if index > max(MOVED, limit):
        by_index = Verdict.DRIFTED if index > DRIFTED else Verdict.MOVED
    verdict = max(by_index, _by_nulls(nulls_now - nulls_then), key=list(Verdict).index)
    return Drift(
        psi=index,
        expected=expected_psi(used, len(then), len(now)),
        chance=chance,
        own=own,
        limit=limit,
        distance=distance(then, now),
        nulls_then=nulls_then,
        nulls_now=nulls_now,
        verdict=verdict,
    )


def edges_of(values: Floats, bins: int = BINS) -> Floats:
    """Return the inner edges of bins that hold equal shares of `values`; a bin ends at its edge.

    A column with few values has a bin for each of them, and one below and above, so that a value
    never seen before counts.
    """
    seen = np.unique(values)
    if len(seen) <= bins:
        return np.concatenate([[np.nextafter(seen[0], -np.inf)], seen])
    return np.unique(np.quantile(values, np.arange(1, bins) / bins))


def psi(reference: Floats, recent: Floats, edges: Floats) -> float:
    """Return the population stability index: the sum over bins of (p - q) ln(p / q).

    p and q are the shares of `recent` and `reference` in the bins of `edges`. It is the divergence
    of Jeffreys (1946), both ways of Kullback and Leibler (1951) together. A bin that is empty on
    one side counts half a value there; one that is empty on both counts nothing.
    """
    return float(_index(_counts(reference, edges), _counts(recent, edges)))


def expected_psi(bins: int, reference: int, recent: int) -> float:
    """Return the index to be expected of `recent` and `reference` independent values, no drift.

    (bins - 1) (1 / n + 1 / m): the index over (1 / n + 1 / m) is nearly chi-squared with bins - 1
    degrees of freedom (Yurdakul 2018, Statistical properties of the population stability index).
    """
    return (bins - 1) * (1.0 / reference + 1.0 / recent)


def chance_psi(bins: int, reference: int, recent: int) -> float:
    """Return the 95 % quantile of the index without drift; chi-squared by Wilson, Hilferty (1931).

    It is right within a tenth from 20 values a bin on, and too low below. With one bin there is
    nothing to drift: 0.
    """
    free = bins - 1
    if free < 1:
        return 0.0
    step = 2.0 / (9.0 * free)
    quantile = free * (1.0 - step + _NORMAL_95 * np.sqrt(step)) ** 3
    return float(quantile * (1.0 / reference + 1.0 / recent))


def own_limit(reference: Floats, length: int, edges: Floats) -> float:
    """Return the 95 % quantile of the index between blocks of the reference and the rest of it.

    `reference` is in order of time, NaN where null; blocks are `length` rows and begin every half
    length. The quantile is raised by (n + 1) / n, so that one more block like these n stays under
    it 95 times of 100 (as in conformal prediction, Vovk et al. 2005). NaN with fewer than ten
    blocks.
    A column that changes slowly drifts by chance, and this says how far.
    """
    starts = np.arange(0, len(reference) - length + 1, max(1, length // 2))
    if len(starts) < LEAST_BLOCKS:
        return float("nan")
    bins = len(edges) + 1
    known = np.isfinite(reference)
    code = np.where(known, np.searchsorted(edges, reference, side="left"), bins)
    total = np.bincount(code, minlength=bins + 1)[:bins]
    blocks = np.stack([np.bincount(code[s : s + length], minlength=bins + 1) for s in starts])
    blocks = blocks[:, :bins]
    enough = blocks.sum(axis=1) >= min(length, LEAST_KNOWN)
    if enough.sum() < LEAST_BLOCKS:
        return float("nan")
    found = _index(total - blocks[enough], blocks[enough])
    return float(np.quantile(found, min(1.0, LEVEL * (len(found) + 1) / len(found))))


def distance(reference: Floats, recent: Floats) -> float:
    """Return the largest distance of the two distribution functions (Kolmogorov, Smirnov)."""
    then, now = np.sort(reference), np.sort(recent)
    every = np.concatenate([then, now])
    share_then = np.searchsorted(then, every, side="right") / len(then)
    share_now = np.searchsorted(now, every, side="right") / len(now)
    return float(np.max(np.abs(share_then - share_now)))


def _counts(values: Floats, edges: Floats) -> NDArray[np.int64]:
    code = np.searchsorted(edges, values, side="left")
    return np.bincount(code, minlength=len(edges) + 1)


def _index(reference: NDArray[np.int64], recent: NDArray[np.int64]) -> Floats:
    """Return the index of counts (…, bins)."""
    there = (reference > 0) | (recent > 0)
    q = np.maximum(reference, 0.5) / np.maximum(reference.sum(axis=-1, keepdims=True), 1)
    p = np.maximum(recent, 0.5) / np.maximum(recent.sum(axis=-1, keepdims=True), 1)
    return np.asarray(np.where(there, (p - q) * np.log(p / q), 0.0).sum(axis=-1))


def _nulls(every: Floats, known: Floats) -> float:
    return 1.0 - len(known) / len(every) if len(every) else 1.0


def _by_nulls(change: float) -> Verdict:
    if abs(change) > DRIFTED:
        return Verdict.DRIFTED
    return Verdict.MOVED if abs(change) > MOVED else Verdict.STEADY
