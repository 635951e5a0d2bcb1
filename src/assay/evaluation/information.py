"""What columns foretell of an outcome, by ranks: the information coefficient and its doubt."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import erfc

import numpy as np
from numpy.typing import NDArray

from assay.core.errors import DataError
from assay.evaluation.bootstrap import day_counts
from assay.evaluation.many_tests import day_t

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
HONEST = 0.05
"""A rank correlation above this, on bars of a day or shorter, is more often a leak than an edge."""
LEAST_DAYS = 30
COUNT, X, Y, XX, YY, XY = range(6)


@dataclass(frozen=True, slots=True)
class RankSums:
    """The ranks of one series, or of several pooled, summed within days.

    `sums` (6, D, F) holds, for each of D days and F columns, the number of rows and the sums of x,
    y, x², y² and xy, where x and y are ranks within the series over the rows on which the column is
    known, centred and divided by their number. `outcomes` (F,) counts outcomes that do not overlap;
    `varies` (F,) says whether the column takes more than one value.
    """

    columns: tuple[str, ...]
    day: Integers
    sums: Floats
    outcomes: Floats
    varies: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Coefficient:
    """The rank correlation of one column with the outcome, and how far it can be believed.

    `low` to `high` is its 95 % interval over blocks of whole days; `p` is two-sided, of the mean
    product of the ranks being 0. NaN where the column never varies or under 30 days are known.
    """

    column: str
    ic: float
    low: float
    high: float
    p: float
    rows: int
    outcomes: float
    days: int


def average_ranks(values: Floats) -> Floats:
    """Return the ranks (1 to n) within each column of `values` (n, F); equal ones share the mean.

    NaN must not be there.
    """
    count, width = values.shape
    order = np.argsort(values, axis=0)
    ordered = np.take_along_axis(values, order, axis=0)
    rises = np.ones((count, width), dtype=np.bool_)
    rises[1:] = ordered[1:] != ordered[:-1]
    place = np.arange(count)[:, None]
    first = np.maximum.accumulate(np.where(rises, place, 0), axis=0)
    ends = np.ones((count, width), dtype=np.bool_)
    ends[:-1] = rises[1:]
    last = np.minimum.accumulate(np.where(ends, place, count)[::-1], axis=0)[::-1]
    ranks = np.empty((count, width))
    np.put_along_axis(ranks, order, (first + last) / 2.0 + 1.0, axis=0)
    return ranks


def rank_sums(
    columns: Sequence[str],
    x: Floats,
    outcome: Floats,
    weight: Floats,
    *,
    begins: Integers,
    ends: Integers,
    day: Integers,
) -> RankSums:
    """Return the daily sums of ranks of one series.

    `x` (n, F) is what was known at `begins` (n,), `outcome` (n,) what came of it, known at `ends`;
    both NaN where not known, times in UTC microseconds. `weight` (n,) is how much of each outcome
    is its own, where outcomes overlap; `day` never falls. An outcome that was known when its row
    began is a `DataError`: it would foretell the past.
    """
    known = np.isfinite(outcome)
    early = known & (ends <= begins)
    if early.any():
        raise DataError(
            f"{int(early.sum()):,} outcomes were known when their rows began; an outcome must lie "
            "after all that is to foretell it"
        )
    if (np.diff(day) < 0).any():
        raise DataError("Rows must come in the order of their days")
    days, place = np.unique(day, return_inverse=True)
    sums = np.zeros((6, len(days), len(columns)))
    outcomes = np.zeros(len(columns))
    varies = np.zeros(len(columns), dtype=np.bool_)
    for which, rows in _alike(np.isfinite(x) & known[:, None]):
        if len(rows) < 2:
            continue
        part = x[np.ix_(rows, which)].astype(np.float64)
        varies[which] = (part != part[0]).any(axis=0)
        outcomes[which] = weight[rows].sum()
        own = (average_ranks(part) - (len(rows) + 1) / 2) / len(rows)
        came = (average_ranks(outcome[rows, None]) - (len(rows) + 1) / 2) / len(rows)
        sums[:, :, which] = _by_day(own, came, place[rows], len(days))
    return RankSums(tuple(columns), days, sums, outcomes, varies)


def _alike(known: NDArray[np.bool_]) -> Iterator[tuple[Integers, Integers]]:
    """Yield the columns that are known on the same rows, with those rows."""
    packed = np.packbits(known, axis=0)
    kinds: dict[bytes, list[int]] = {}
    for place in range(known.shape[1]):
        kinds.setdefault(packed[:, place].tobytes(), []).append(place)
    for which in kinds.values():
        yield np.array(which), np.flatnonzero(known[:, which[0]])


def _by_day(x: Floats, y: Floats, place: Integers, days: int) -> Floats:
    """Return (6, days, F): the sums within the days; `place` never falls."""
    starts = np.flatnonzero(np.diff(place, prepend=-1))
    found = np.zeros((6, days, x.shape[1]))
    ones = np.ones_like(x)
    for kind, values in ((COUNT, ones), (X, x), (Y, y * ones), (XX, x * x), (YY, y * y * ones)):
        found[kind, place[starts]] = np.add.reduceat(values, starts, axis=0)
    found[XY, place[starts]] = np.add.reduceat(x * y, starts, axis=0)
    return found


def pooled(parts: Sequence[RankSums]) -> RankSums:
    """Return several series as one: a day is the same day of them all, columns go by their name."""
    columns = tuple(dict.fromkeys(name for part in parts for name in part.columns))
    days = np.unique(np.concatenate([part.day for part in parts]))
    sums = np.zeros((6, len(days), len(columns)))
    outcomes = np.zeros(len(columns))
    varies = np.zeros(len(columns), dtype=np.bool_)
    for part in parts:
        to = np.array([columns.index(name) for name in part.columns], dtype=np.int64)
        sums[:, np.searchsorted(days, part.day)[:, None], to] += part.sums
        outcomes[to] += part.outcomes
        varies[to] |= part.varies
    return RankSums(columns, days, sums, outcomes, varies)


def coefficients(
    ranked: RankSums, *, overlap_days: float, draws: int = 1000, seed: int = 0
) -> tuple[Coefficient, ...]:
    """Return the coefficient of every column, in their order.

    The interval keeps each row's rank and draws blocks of whole days again; `overlap_days` is how
    many days an outcome lasts, and the p-value keeps the autocovariances of twice as many, two at
    least. With one series and every row known it is Spearman's (1904).
    """
    total = ranked.sums.sum(axis=1)
    ic = np.where(ranked.varies, _correlation(total), np.nan)
    low, high = _interval(ranked, draws, seed)
    lags = max(2, 2 * int(np.ceil(overlap_days)))
    found = []
    for place, name in enumerate(ranked.columns):
        there = ranked.sums[COUNT, :, place] > 0
        days = int(there.sum())
        t = np.nan
        if ranked.varies[place] and days >= LEAST_DAYS:
            t, _ = day_t(ranked.sums[XY, there, place], ranked.day[there], lags)
        thin = days < LEAST_DAYS
        found.append(
            Coefficient(
                column=name,
                ic=float(ic[place]),
                low=np.nan if thin else float(low[place]),
                high=np.nan if thin else float(high[place]),
                p=erfc(abs(t) / np.sqrt(2.0)) if np.isfinite(t) else np.nan,
                rows=int(total[COUNT, place]),
                outcomes=float(ranked.outcomes[place]),
                days=days,
            )
        )
    return tuple(found)


def _interval(ranked: RankSums, draws: int, seed: int) -> tuple[Floats, Floats]:
    nothing = np.full(len(ranked.columns), np.nan)
    if len(ranked.day) < 2 or not ranked.varies.any():
        return nothing, nothing
    counts = day_counts(len(ranked.day), draws, seed)
    drawn = _correlation(np.stack([counts @ part[:, ranked.varies] for part in ranked.sums]))
    low, high = nothing.copy(), nothing.copy()
    enough = np.isfinite(drawn).all(axis=0)
    places = np.flatnonzero(ranked.varies)[enough]
    if len(places):
        low[places], high[places] = np.quantile(drawn[:, enough], (0.025, 0.975), axis=0)
    return low, high


def _correlation(sums: Floats) -> Floats:
    """Return the correlation of x and y from their sums (6, …); NaN where one does not vary."""
    count = np.maximum(sums[COUNT], 1.0)
    x, y = sums[X] / count, sums[Y] / count
    spread = (sums[XX] / count - x * x) * (sums[YY] / count - y * y)
    with np.errstate(invalid="ignore", divide="ignore"):
        together = sums[XY] / count - x * y
        return np.asarray(np.where(spread > 1e-18, together / np.sqrt(spread), np.nan))
