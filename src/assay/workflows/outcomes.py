"""What came of rows: their outcomes, computed inside a span, alone or as a panel."""

from collections.abc import Sequence
from threading import Lock

import numpy as np
import polars as pl
from numpy.typing import NDArray

from assay.evaluation.splits import Span
from assay.labels.catalog import LABELS
from assay.labels.contract import Label
from assay.labels.uniqueness import average_uniqueness
from assay.models.contract import Ahead, Asked, Samples
from assay.workflows.gather import CLASS_LABEL, HORIZON_BARS, HORIZONS, Came, Floats, Prepared
from assay.workflows.roll import across_roll

REMEMBERED = 12
"""Spans of outcomes a series remembers: three spans of three horizons, and a test."""
_REMEMBERING = Lock()


def span_samples(
    prepared: Prepared,
    span: Span,
    *,
    number: int = 0,
    horizon_bars: int = HORIZON_BARS,
    bars_read: int = 1,
) -> Samples:
    """Return the samples of `span`, their labels computed inside it, so that none looks out.

    `number` is the series' place in the panel it will be joined to; labels look `horizon_bars`
    ahead. One with a single end in the daily roll of currencies is unknown; see `roll`. With
    `bars_read` above 1 each row has so many bars in reach, those before the span too, and outcomes
    over all of `HORIZONS`.
    """
    rows = prepared.rows(span)
    scaled, label, weight, ends = _came(prepared, rows, horizon_bars)
    past, ahead = None, None
    if bars_read > 1 and len(rows):
        past = prepared.asked(rows).cut(bars_read)
        each = [_came(prepared, rows, horizon)[:3] for horizon in HORIZONS]
        ahead = Ahead(
            HORIZONS,
            HORIZONS.index(horizon_bars),
            *(np.stack(parts, axis=1) for parts in zip(*each, strict=True)),
        )
    return Samples(
        columns=prepared.columns,
        series_names=(prepared.series.symbol,),
        time=prepared.time[rows],
        t1=ends,
        series=np.full(len(rows), number, dtype=np.int32),
        x=prepared.x[rows].astype(np.float64),
        scaled=scaled,
        label=label,
        weight=weight,
        past=past,
        ahead=ahead,
    )


def _came(prepared: Prepared, rows: NDArray[np.int64], horizon_bars: int) -> Came:
    told = LABELS.get("three_class")(**(CLASS_LABEL | {"horizon_bars": horizon_bars}))
    return came_of(prepared, rows, told)


def came_of(prepared: Prepared, rows: NDArray[np.int64], label: Label) -> Came:
    """Return what came of consecutive `rows` by `label`, whose values are classes 0, 1 and 2.

    Scaled return over the label's horizon, class, weight and end (UTC microseconds, 0 if unknown),
    computed from these rows alone. An outcome with a single end in the daily roll is unknown. The
    last few are remembered, for every member of a fold and every refit of it asks for the same
    spans; so the arrays are not to be written to.
    """
    key = (int(rows[0]), int(rows[-1]), label) if len(rows) else (0, -1, label)
    found = prepared.remembered.get(key)
    if found is None:
        found = _computed(prepared, rows, label)
        with _REMEMBERING:
            while len(prepared.remembered) >= REMEMBERED:
                del prepared.remembered[next(iter(prepared.remembered))]
            prepared.remembered[key] = found
    return found


def _computed(prepared: Prepared, rows: NDArray[np.int64], label: Label) -> Came:
    bars = prepared.bars.frame[rows[0] : rows[-1] + 1] if len(rows) else prepared.bars.frame[:0]
    volatility = pl.Series(prepared.volatility[rows], dtype=pl.Float64)
    classes = label.values(bars, volatility)
    ahead = {"horizon_bars": label.horizon_bars}
    moves = LABELS.get("scaled_return")(**ahead)
    plain = classes.select(pl.col("t1").dt.epoch("us").fill_null(0), pl.col("value").fill_null(-1))
    ends, moved = plain["t1"].to_numpy(), moves.values(bars, volatility)["value"].to_numpy()
    known = np.isfinite(moved) & (ends > 0)
    known &= ~across_roll(prepared.instrument, prepared.time[rows], ends)
    came = (
        np.where(known, moved, np.nan),
        np.where(known, plain["value"].to_numpy(), -1).astype(np.int8),
        weights_of(prepared.time[rows], ends, known),
        ends,
    )
    for array in came:
        array.flags.writeable = False
    return came


def weights_of(
    time: NDArray[np.int64], ends: NDArray[np.int64], known: NDArray[np.bool_]
) -> Floats:
    """Return the average uniqueness (n,) of outcomes from `time` to `ends`, 0 where unknown."""
    weight = np.zeros(len(time))
    if known.any():
        end_row = np.searchsorted(time, ends[known])
        weight[known] = average_uniqueness(np.flatnonzero(known), end_row)
    return weight


def panel(parts: Sequence[Samples]) -> Samples:
    """Return the samples of several series as one, in order of time, then of series."""
    if len(parts) == 1:
        return parts[0]
    time = np.concatenate([part.time for part in parts])
    series = np.concatenate(
        [np.full(len(part), number, dtype=np.int32) for number, part in enumerate(parts)]
    )
    pasts = [part.past for part in parts if part.past is not None]
    joined = Samples(
        columns=parts[0].columns,
        series_names=tuple(part.series_names[0] for part in parts),
        time=time,
        t1=np.concatenate([part.t1 for part in parts]),
        series=series,
        x=np.concatenate([part.x for part in parts]),
        scaled=np.concatenate([part.scaled for part in parts]),
        label=np.concatenate([part.label for part in parts]),
        weight=np.concatenate([part.weight for part in parts]),
        past=Asked.joined(pasts) if pasts else None,
        ahead=_joined_ahead([part.ahead for part in parts if part.ahead is not None]),
    )
    return joined.take(np.lexsort((series, time)))


def _joined_ahead(parts: Sequence[Ahead]) -> Ahead | None:
    if not parts:
        return None
    return Ahead(
        parts[0].horizons,
        parts[0].decision,
        np.concatenate([part.scaled for part in parts]),
        np.concatenate([part.label for part in parts]),
        np.concatenate([part.weight for part in parts]),
    )
