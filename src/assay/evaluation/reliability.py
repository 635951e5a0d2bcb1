"""Were the probabilities right: bins with intervals, and the Brier score taken apart."""

from dataclasses import dataclass
from math import pi, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.evaluation.bootstrap import Estimate, day_codes, day_counts

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

BINS = 10
LEAST_IN_BIN = 30
DRAWS = 1000
NORMAL_95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Bins:
    """Forecasts in groups of equal size, k of them: `said` and `happened` are the means (k,).

    `low` and `high` hold 95 % of the share that happened, `count` says how many forecasts, `left`
    and `right` between which probabilities.
    """

    said: Floats
    happened: Floats
    low: Floats
    high: Floats
    count: Integers
    left: Floats
    right: Floats

    def to_json(self) -> dict[str, list[float]]:
        """Return plain lists."""
        return {
            "said": self.said.tolist(),
            "happened": self.happened.tolist(),
            "low": self.low.tolist(),
            "high": self.high.tolist(),
            "n": self.count.tolist(),
            "left": self.left.tolist(),
            "right": self.right.tolist(),
        }


@dataclass(frozen=True, slots=True)
class Brier:
    """The Brier score, taken apart by Murphy (1973) over bins.

    `score` = `reliability` - `resolution` + `uncertainty` + `within`, exactly; the last is what the
    forecasts' spread inside the bins adds (Stephenson, Coelho & Jolliffe 2008). `error` is the
    expected calibration error, the mean distance of said and happened over bins; `by_chance` is
    what that would be of forecasts that are right, on as many days.
    """

    count: int
    score: Estimate
    reliability: float
    resolution: float
    uncertainty: float
    within: float
    error: float
    by_chance: float

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "n": self.count,
            "score": self.score.to_json(),
            "reliability": self.reliability,
            "resolution": self.resolution,
            "uncertainty": self.uncertainty,
            "within": self.within,
            "error": self.error,
            "by_chance": self.by_chance,
        }


def reliability(
    said: Floats, up: NDArray[np.bool_], day: Integers, *, bins: int = BINS, seed: int = 0
) -> tuple[Bins, Brier] | None:
    """Return the bins of `said` (n,) against `up` (n,), and the Brier score; None with too few.

    `day` (n,) numbers the trading day. A bin's interval is the wider of Wilson's and that of
    resampled blocks of days, for outcomes overlap and days hang together, and a bin that was always
    right has no spread to resample.
    """
    if len(said) < bins * LEAST_IN_BIN or day.min() == day.max():
        return None
    place, edges = _placed(said, bins)
    count = np.bincount(place).astype(np.int64)
    rises = np.bincount(place, up).astype(np.float64)
    happened = rises / count
    mean_said = np.bincount(place, said) / count
    drawn, score = _resampled(said, up, day, place, len(count), seed)
    low, high = wilson(rises, count)
    with np.errstate(invalid="ignore"):
        blocks = np.nanquantile(drawn, (0.025, 0.975), axis=0)
        spread = np.nanstd(drawn, axis=0)
    found = Bins(
        mean_said,
        happened,
        np.fmin(low, blocks[0]),
        np.fmax(high, blocks[1]),
        count,
        edges[:-1],
        edges[1:],
    )
    return found, _brier(said, up, place, found, spread, score)


def wilson(hits: Floats, count: Integers, z: float = NORMAL_95) -> tuple[Floats, Floats]:
    """Return the score interval of `hits` out of `count` (Wilson 1927)."""
    share = hits / count
    middle = share + z**2 / (2 * count)
    half = z * np.sqrt(share * (1 - share) / count + z**2 / (4 * count**2))
    scale = 1 + z**2 / count
    return np.asarray((middle - half) / scale), np.asarray((middle + half) / scale)


def _placed(said: Floats, bins: int) -> tuple[Integers, Floats]:
    """Return the bin of each forecast and the edges; equal forecasts share a bin, none is empty.

    The highest value has a bin of its own where it was said often, else it joins the one below.
    """
    edges = np.unique(np.quantile(said, np.linspace(0, 1, bins + 1)))
    place = np.searchsorted(edges, said, side="right") - 1
    if len(edges) > 1 and (place == len(edges) - 1).sum() < LEAST_IN_BIN:
        place = np.minimum(place, len(edges) - 2)
    kept, place = np.unique(place, return_inverse=True)
    last = min(int(kept[-1]) + 1, len(edges) - 1)
    return place.astype(np.int64), np.concatenate([edges[kept], edges[last : last + 1]])


def _resampled(
    said: Floats, up: NDArray[np.bool_], day: Integers, place: Integers, bins: int, seed: int
) -> tuple[Floats, Estimate]:
    """Return the share of rises by bin in each draw of days, and the Brier score's interval."""
    days, code = day_codes(day)
    cell = code * bins + place
    size = days * bins
    rises = np.bincount(cell, up, minlength=size).reshape(days, bins)
    seen = np.bincount(cell, minlength=size).reshape(days, bins)
    loss = (said - up) ** 2
    sums = np.column_stack([rises, seen, np.bincount(code, loss), np.bincount(code)])
    drawn = day_counts(days, DRAWS, seed) @ sums
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = drawn[:, :bins] / drawn[:, bins : 2 * bins]
    low, high = np.quantile(drawn[:, -2] / drawn[:, -1], (0.025, 0.975))
    return shares, Estimate(float(loss.mean()), float(low), float(high), days)


def _brier(
    said: Floats,
    up: NDArray[np.bool_],
    place: Integers,
    bins: Bins,
    spread: Floats,
    score: Estimate,
) -> Brier:
    share = bins.count / len(said)
    base = float(up.mean())
    distance = np.abs(bins.said - bins.happened)
    apart = said - bins.said[place]
    within = float(np.mean(apart**2) - 2.0 * np.mean(apart * (up - bins.happened[place])))
    return Brier(
        count=len(said),
        score=score,
        reliability=float(share @ distance**2),
        resolution=float(share @ (bins.happened - base) ** 2),
        uncertainty=base * (1.0 - base),
        within=within,
        error=float(share @ distance),
        by_chance=float(share @ np.nan_to_num(spread)) * sqrt(2.0 / pi),
    )
