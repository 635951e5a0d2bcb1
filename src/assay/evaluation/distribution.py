"""One column over its history: its spread, its memory, and where its present value stands."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
BINS = 40
TAIL = 0.005
"""The share of values at either end that may lie outside a histogram's bins."""


@dataclass(frozen=True, slots=True)
class Distribution:
    """What is to be said of a column; None where too little is known for it.

    `autocorrelation` is that of a value with the one a bar before. `percentile` is the share of
    known values below the present one, equal ones half counted (0 to 100). `edges` and `counts` are
    the histogram; what lies outside is counted in the end bins, `outside` says how many those are.
    """

    rows: int
    known: int
    mean: float | None
    deviation: float | None
    least: float | None
    most: float | None
    autocorrelation: float | None
    present: float | None
    percentile: float | None
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    outside: int

    @property
    def null_share(self) -> float:
        """Return the share of rows on which the column is not known."""
        return 1.0 - self.known / self.rows if self.rows else 1.0


def distribution(values: Floats, bins: int = BINS) -> Distribution:
    """Return the distribution of `values` (n,) in order of time, NaN where not known."""
    known = values[np.isfinite(values)]
    if not len(known):
        return Distribution(len(values), 0, *(None,) * 7, (), (), 0)
    present = float(values[-1]) if np.isfinite(values[-1]) else None
    edges, counts, outside = histogram(known, bins)
    return Distribution(
        rows=len(values),
        known=len(known),
        mean=float(known.mean()),
        deviation=float(known.std(ddof=1)) if len(known) > 1 else None,
        least=float(known.min()),
        most=float(known.max()),
        autocorrelation=first_autocorrelation(values),
        present=present,
        percentile=None if present is None else percentile(known, present),
        edges=tuple(edges.tolist()),
        counts=tuple(counts.tolist()),
        outside=outside,
    )


def percentile(known: Floats, value: float) -> float:
    """Return how many of 100 `known` values are below `value`; equal ones count half."""
    below, equal = np.sum(known < value), np.sum(known == value)
    return float((below + equal / 2) / len(known) * 100)


def first_autocorrelation(values: Floats) -> float | None:
    """Return the correlation of `values` with those a row before; None where it is not defined.

    Pairs with an unknown end are left out.
    """
    before, after = values[:-1], values[1:]
    both = np.isfinite(before) & np.isfinite(after)
    if both.sum() < 3:
        return None
    x, y = before[both] - before[both].mean(), after[both] - after[both].mean()
    scale = np.sqrt((x @ x) * (y @ y))
    return float(x @ y / scale) if scale > 0 else None


def histogram(known: Floats, bins: int = BINS) -> tuple[Floats, NDArray[np.int64], int]:
    """Return edges (bins + 1,), counts (bins,) and how many of `known` lie outside the edges."""
    low, high = np.quantile(known, (TAIL, 1.0 - TAIL))
    if not high > low:
        low, high = known.min(), known.max()
    if not high > low:
        pad = abs(low) * 0.05 or 0.5
        low, high = low - pad, high + pad
    edges = np.linspace(low, high, bins + 1)
    counts, _ = np.histogram(np.clip(known, low, high), bins=edges)
    return edges, counts.astype(np.int64), int(np.sum((known < low) | (known > high)))
