"""A centre and a width that move with what is known, around one empirical shape."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.models.contract import Floats
from assay.models.empirical import LEVELS, weighted_quantiles

STEPS = 50
WIDEST = 2.0
"""The log width never leaves [-WIDEST, WIDEST] around its own mean: a factor of about 7."""


@dataclass(frozen=True, slots=True)
class LocationScale:
    """Quantiles `centre + width x shape`, of a volatility-scaled log return.

    `centre = location[0] + u . location[1:]` and `log width = spread[0] + v . spread[1:]`; `shape`
    (Q,) are quantiles of the standardised residuals at `PROBABILITIES`.
    """

    location: Floats
    spread: Floats
    shape: Floats

    def centre(self, u: Floats) -> Floats:
        """Return (n,) the centre for `u` (n, K)."""
        return row_dot(u, self.location[1:], self.location[0])

    def width(self, v: Floats) -> Floats:
        """Return (n,) the width for `v` (n, J), above zero."""
        moved = np.clip(row_dot(v, self.spread[1:], 0.0), -WIDEST, WIDEST)
        return np.asarray(np.exp(self.spread[0] + moved))

    def quantiles(self, u: Floats, v: Floats) -> Floats:
        """Return (n, Q) quantiles, rising; a row with a NaN in `u` or `v` is NaN."""
        return self.centre(u)[:, None] + self.width(v)[:, None] * self.shape

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the three arrays by name, for safetensors."""
        return {"location": self.location, "spread": self.spread, "shape": self.shape}

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]]) -> "LocationScale":
        """Return it from `arrays`."""
        return cls(arrays["location"], arrays["spread"], arrays["shape"])


def row_dot(x: Floats, slope: Floats, start: float) -> Floats:
    """Return `start + x @ slope`, each row summed in the same order whatever the batch.

    A matrix product may sum in another order for another number of rows, and a row's answer would
    then hang on its neighbours in the last bit.
    """
    total = np.full(len(x), start)
    for column, weight in enumerate(slope):
        total += x[:, column] * weight
    return total


def fit_location_scale(
    target: Floats, weight: Floats, u: Floats, v: Floats, *, shrink: float = 1.0
) -> LocationScale:
    """Return the fit: centre by least squares, width by Newton, shape by counting.

    The width maximises the exponential quasi-likelihood of the absolute residuals,
    `-(log s + |e| / s)`, which is concave in the coefficients of `log s` and bears fat tails better
    than squares. `shrink` is added to every squared coefficient, in rows.
    """
    location = _least_squares(target, weight, u, shrink)
    residual = target - row_dot(u, location[1:], location[0])
    return around(residual, weight, v, location, shrink=shrink)


def around(
    residual: Floats, weight: Floats, v: Floats, location: Floats, *, shrink: float = 1.0
) -> LocationScale:
    """Return width and shape fitted to residuals of a `location` that is known already."""
    spread = _log_width(np.abs(residual), weight, v, shrink)
    bare = LocationScale(location, spread, np.zeros(len(LEVELS)))
    shape = weighted_quantiles(residual / bare.width(v), weight, LEVELS)
    return LocationScale(location, spread, shape)


def _least_squares(target: Floats, weight: Floats, u: Floats, shrink: float) -> Floats:
    design = np.column_stack([np.ones(len(u)), u])
    gram = design.T @ (design * weight[:, None])
    gram[1:, 1:] += shrink * np.eye(u.shape[1])
    return np.asarray(np.linalg.solve(gram, design.T @ (weight * target)))


def _log_width(size: Floats, weight: Floats, v: Floats, shrink: float) -> Floats:
    design = np.column_stack([np.ones(len(v)), v])
    penalty = np.concatenate([[0.0], np.full(v.shape[1], shrink)])
    floor = max(float(np.average(size, weights=weight)), 1e-12)
    spread = np.concatenate([[np.log(floor)], np.zeros(v.shape[1])])

    def loss(candidate: Floats) -> float:
        log_width = np.clip(design @ candidate, -30, 30)
        total = np.sum(weight * (log_width + size * np.exp(-log_width)))
        return float(total + 0.5 * np.sum(penalty * candidate**2))

    now = loss(spread)
    for _ in range(STEPS):
        ratio = weight * size * np.exp(-np.clip(design @ spread, -30, 30))
        slope = design.T @ (weight - ratio) + penalty * spread
        curve = design.T @ (design * ratio[:, None]) + np.diag(penalty + 1e-9)
        spread, then = backtracked(loss, spread, np.linalg.solve(curve, slope), now)
        if now - then <= 1e-12 * (1 + abs(now)):
            break
        now = then
    return spread


def backtracked(
    loss: Callable[[Floats], float], start: Floats, step: Floats, now: float, halvings: int = 30
) -> tuple[Floats, float]:
    """Return the point after `step`, halved until the loss does not rise, and the loss there."""
    for _ in range(halvings):
        candidate = start - step
        then = loss(candidate)
        if then <= now:
            return candidate, then
        step = step / 2
    return start, now
