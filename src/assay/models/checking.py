"""Which rows a member may learn from or answer; everything else is refused or left NaN."""

import numpy as np
from numpy.typing import NDArray

from assay.core.errors import DataError, HistoryError
from assay.models.contract import Floats, Samples

MISSING_SHARE = 0.25
"""A row with a larger share of unknown columns is not answered, and not learned from."""

_NAMES = ("down", "flat", "up")


def answerable(x: Floats, share: float = MISSING_SHARE) -> NDArray[np.bool_]:
    """Return (n,) which rows of `x` (n, F) can be answered.

    Not those with an infinite value, nor those in which more than `share` of the columns is NaN.
    """
    if x.shape[1] == 0:
        return np.ones(len(x), dtype=np.bool_)
    finite = np.isfinite(x)
    if finite.all():
        return np.ones(len(x), dtype=np.bool_)
    missing = np.isnan(x)
    known = (missing.mean(axis=1) <= share) & (finite | missing).all(axis=1)
    return np.asarray(known)


def learnable(
    samples: Samples,
    *,
    member: str,
    span: str,
    rows_needed: int,
    columns: NDArray[np.int64] | None = None,
) -> Samples:
    """Return the rows with a known outcome of which `columns` (all when None) can be answered.

    Infinite features, negative or unknown weights are a `DataError`; fewer than `rows_needed` rows,
    or outcomes that are all the same, a `HistoryError`.
    """
    _refuse_infinite(samples, member)
    if not (np.isfinite(samples.weight).all() and (samples.weight >= 0).all()):
        raise DataError(f"{member}: weights must be finite and not negative; {span} has others")
    known = (samples.label >= 0) & np.isfinite(samples.scaled) & (samples.weight > 0)
    known &= answerable(samples.x if columns is None else samples.x[:, columns])
    rows = samples if known.all() else samples.take(known)
    if len(rows) < rows_needed:
        raise HistoryError(
            f"{member} needs {rows_needed:,} labelled rows in the {span} span and found "
            f"{len(rows):,} of {len(samples):,}; bring more history"
        )
    if (rows.label == rows.label[0]).all():
        raise HistoryError(
            f"{member}: all {len(rows):,} outcomes of the {span} span are "
            f"{_NAMES[int(rows.label[0])]}; there is nothing to tell apart"
        )
    return rows


def one_series(samples: Samples, member: str) -> None:
    """Refuse rows of several series: this member learns one at a time."""
    if len(samples) and (samples.series != samples.series[0]).any():
        names = ", ".join(samples.series_names[i] for i in np.unique(samples.series)[:4])
        raise DataError(f"{member} learns one series at a time and was handed {names}")


def of_width(x: Floats, columns: int) -> Floats:
    """Return `x` as float64 (n, F); another number of columns than `columns` is refused."""
    given = np.asarray(x, dtype=np.float64)
    if given.ndim != 2 or given.shape[1] != columns:
        raise DataError(f"The model reads {columns} columns; x was of shape {given.shape}")
    return given


def _refuse_infinite(samples: Samples, member: str) -> None:
    infinite = np.isinf(samples.x)
    if infinite.any():
        row, column = np.argwhere(infinite)[0]
        raise DataError(
            f"{member}: column {samples.columns[column]!r} is infinite in row {row}; "
            "an unknown value is NaN"
        )
