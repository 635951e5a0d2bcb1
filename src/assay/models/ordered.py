"""Down, flat, up as three steps of one ladder: the proportional-odds logit, by Newton's method."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.models.contract import DOWN, FLAT, UP, Floats
from assay.models.empirical import smoothed_rates
from assay.models.location_scale import backtracked, row_dot

STEPS = 50


@dataclass(frozen=True, slots=True)
class Ordered:
    """P(down) = s(cuts[0] - eta), P(up) = 1 - s(cuts[1] - eta), s the logistic function.

    `eta = z . slope` is the evidence for up (McCullagh 1980).
    """

    cuts: Floats
    slope: Floats

    def classes(self, z: Floats) -> Floats:
        """Return (n, 3) probabilities for `z` (n, K)."""
        return ladder(self.cuts, row_dot(z, self.slope, 0.0))


def logistic(at: Floats) -> Floats:
    """Return 1 / (1 + exp(-at)) without overflow."""
    small = np.exp(-np.abs(at))
    return np.where(at >= 0, 1.0, small) / (1.0 + small)


def ladder(cuts: Floats, eta: Floats) -> Floats:
    """Return (n, 3) probabilities of down, flat, up at evidence `eta` (n,); each row sums to 1."""
    down, up = logistic(cuts[0] - eta), logistic(eta - cuts[1])
    return np.stack([down, np.maximum(1.0 - down - up, 0.0), up], axis=1)


def fit_ordered(
    label: NDArray[np.int8], weight: Floats, z: Floats, *, shrink: float = 1.0
) -> Ordered:
    """Return the fit to `label` (n,) with `z` (n, K); the likelihood is concave (Pratt 1981).

    Half an outcome of each class at z = 0 keeps the cuts apart where a class never happened;
    `shrink`, in rows, pulls the slope to zero.
    """
    rates = smoothed_rates(label, weight)
    nothing = np.zeros((3, z.shape[1]))
    label = np.concatenate([label, [DOWN, FLAT, UP]]).astype(np.int8)
    weight, z = np.concatenate([weight, [0.5, 0.5, 0.5]]), np.concatenate([z, nothing])
    first, last = np.cumsum(rates)[:2]
    at = np.concatenate(
        [[np.log(first / (1 - first)), np.log(last / (1 - last))], np.zeros(z.shape[1])]
    )
    penalty = np.concatenate([[0.0, 0.0], np.full(z.shape[1], shrink)])
    high, low = _designs(label, z)

    def loss(candidate: Floats) -> float:
        if candidate[0] >= candidate[1]:
            return np.inf
        chance = _between(candidate, high, low, label)
        if (chance <= 0).any():
            return np.inf
        return float(-np.sum(weight * np.log(chance)) + 0.5 * np.sum(penalty * candidate**2))

    now = loss(at)
    for _ in range(STEPS):
        slope, curve = _derivatives(at, high, low, label, weight)
        step = np.linalg.solve(curve + np.diag(penalty + 1e-9), slope + penalty * at)
        at, then = backtracked(loss, at, step, now)
        if now - then <= 1e-13 * (1 + abs(now)):
            break
        now = then
    return Ordered(at[:2].copy(), at[2:].copy())


def _designs(label: NDArray[np.int8], z: Floats) -> tuple[Floats, Floats]:
    """Return the rows of the upper and lower end of each label's interval, 0 at infinity."""
    high, low = np.zeros((2, len(z), 2 + z.shape[1]))
    high[label == DOWN, 0] = 1
    high[label == FLAT, 1] = 1
    low[label == FLAT, 0] = 1
    low[label == UP, 1] = 1
    high[label != UP, 2:] = -z[label != UP]
    low[label != DOWN, 2:] = -z[label != DOWN]
    return high, low


def _ends(at: Floats, high: Floats, low: Floats, label: NDArray[np.int8]) -> tuple[Floats, Floats]:
    above = np.where(label == UP, 1.0, logistic(high @ at))
    below = np.where(label == DOWN, 0.0, logistic(low @ at))
    return above, below


def _between(at: Floats, high: Floats, low: Floats, label: NDArray[np.int8]) -> Floats:
    above, below = _ends(at, high, low, label)
    return np.where(label == UP, logistic(-(low @ at)), above - below)


def _derivatives(
    at: Floats, high: Floats, low: Floats, label: NDArray[np.int8], weight: Floats
) -> tuple[Floats, Floats]:
    above, below = _ends(at, high, low, label)
    chance = _between(at, high, low, label)
    dense_above, dense_below = above * (1 - above), below * (1 - below)
    score = (dense_above[:, None] * high - dense_below[:, None] * low) / chance[:, None]
    bend_above = weight * dense_above * (1 - 2 * above) / chance
    bend_below = weight * dense_below * (1 - 2 * below) / chance
    curve = score.T @ (score * weight[:, None])
    curve -= high.T @ (high * bend_above[:, None]) - low.T @ (low * bend_below[:, None])
    return -(score.T @ weight), curve
