"""Samples as an experiment asks for them: its label, seen from one side, inside each span."""

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.core.errors import HistoryError
from assay.core.values.decision import Side
from assay.evaluation.splits import Span
from assay.labels.catalog import LABELS
from assay.labels.contract import Label
from assay.models.contract import FLAT, Ahead, Asked, Samples
from assay.workflows.experiments.asked import Direction, Experiment, ThreeClass, TripleBarrier
from assay.workflows.gather import CLASS_LABEL, Came, Prepared
from assay.workflows.outcomes import came_of, panel

FURTHER = 3
"""Nets learn together what comes after one bar, after the horizon, and after so many of them."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a member is asked to foretell: the label of an experiment, seen from a side.

    `side` is 1 but for a triple barrier asked about short trades: there it is -1, class UP means
    that the trade won, and the scaled return is that of the trade.
    """

    label: Label
    side: int = 1
    _: KW_ONLY
    binary: bool = False
    barrier: bool = False

    @classmethod
    def of(cls, experiment: Experiment, side: int = 1) -> "Question":
        """Return the question that `experiment` puts, about trades of `side`."""
        asked = experiment.label
        if isinstance(asked, TripleBarrier):
            barriers = {
                "stop_atr": asked.stop,
                "target_atr": asked.profit_target,
                "limit_bars": asked.holding_period,
                "side": Side.LONG if side > 0 else Side.SHORT,
            }
            return cls(LABELS.get("triple_barrier")(**barriers), side, barrier=True)
        band = CLASS_LABEL["band"]
        if isinstance(asked, Direction):
            band = 0.0
        elif isinstance(asked, ThreeClass):
            band = asked.band
        return cls(_classes(asked.horizon, band), binary=isinstance(asked, Direction))

    @property
    def band(self) -> float | None:
        """Return half the width of flat in units of the scaled return; None where barriers rule."""
        return None if self.barrier else float(self.label.settings()["band"])

    def came(self, item: Prepared, rows: NDArray[np.int64], label: Label | None = None) -> Came:
        """Return scaled return, class, weight and end of what came of consecutive `rows`."""
        scaled, kind, weight, ends = came_of(item, rows, label or self.label)
        if self.binary:  # a price that did not move answers neither way
            still = kind == FLAT
            scaled = np.where(still, np.nan, scaled)
            weight, kind = np.where(still, 0.0, weight), np.where(still, -1, kind).astype(np.int8)
        return scaled * self.side, kind, weight, ends


def _classes(horizon_bars: int, band: float) -> Label:
    settings = {"horizon_bars": horizon_bars, "band": band}
    return LABELS.get("three_class")(**settings)


def samples_of(
    item: Prepared, spans: Sequence[Span], question: Question, *, bars_read: int
) -> Samples | None:
    """Return the samples of `spans`, labels computed inside each, so that none looks out of it.

    With `bars_read` above 1 each row has so many bars in reach, and outcomes over further horizons
    where the label has a horizon. None where the spans hold no outcome.
    """
    parts = [_of_span(item, span, question, bars_read) for span in spans]
    full = [part for part in parts if part is not None and part.outcomes]
    if not full:
        return None
    return full[0] if len(full) == 1 else _one_series(full)


def panel_of(
    items: Sequence[Prepared], spans: Sequence[Span], question: Question, *, bars_read: int
) -> Samples:
    """Return the samples of several series as one; none with an outcome is a `HistoryError`."""
    parts = [samples_of(item, spans, question, bars_read=bars_read) for item in items]
    known = [part for part in parts if part is not None]
    if not known:
        raise HistoryError(
            f"no outcome is known between {spans[0].start:%Y-%m-%d} and {spans[-1].end:%Y-%m-%d}; "
            "import more history, or look fewer bars ahead"
        )
    return panel(known)


def _of_span(item: Prepared, span: Span, question: Question, bars_read: int) -> Samples | None:
    rows = item.rows(span)
    if not len(rows):
        return None
    scaled, kind, weight, ends = question.came(item, rows)
    deep = bars_read > 1
    return Samples(
        columns=item.columns,
        series_names=(item.series.symbol,),
        time=item.time[rows],
        t1=ends,
        series=np.zeros(len(rows), dtype=np.int32),
        x=item.x[rows].astype(np.float64),
        scaled=scaled,
        label=kind,
        weight=weight,
        past=item.asked(rows).cut(bars_read) if deep else None,
        ahead=_ahead(item, rows, question) if deep and not question.barrier else None,
    )


def _ahead(item: Prepared, rows: NDArray[np.int64], question: Question) -> Ahead:
    own = question.label.horizon_bars
    horizons = tuple(sorted({1, own, FURTHER * own}))
    band = question.band or 0.0
    each = [question.came(item, rows, _classes(horizon, band))[:3] for horizon in horizons]
    scaled, kind, weight = (np.stack(parts, axis=1) for parts in zip(*each, strict=True))
    return Ahead(horizons, horizons.index(own), scaled, kind, weight)


def _one_series(parts: Sequence[Samples]) -> Samples:
    """Return samples of one series from several spans as one, in the order of time."""
    pasts = [part.past for part in parts if part.past is not None]
    aheads = [part.ahead for part in parts if part.ahead is not None]

    def joined(name: str) -> NDArray[Any]:
        return np.concatenate([getattr(part, name) for part in parts])

    return Samples(
        columns=parts[0].columns,
        series_names=parts[0].series_names,
        time=joined("time"),
        t1=joined("t1"),
        series=joined("series"),
        x=joined("x"),
        scaled=joined("scaled"),
        label=joined("label"),
        weight=joined("weight"),
        past=_past(pasts) if pasts else None,
        ahead=Ahead(
            aheads[0].horizons,
            aheads[0].decision,
            *(
                np.concatenate([getattr(ahead, name) for ahead in aheads])
                for name in ("scaled", "label", "weight")
            ),
        )
        if aheads
        else None,
    )


def _past(parts: Sequence[Asked]) -> Asked:
    """Return the questions as one about one series, whatever spans they come from."""
    whole = Asked.joined(parts)
    return Asked(whole.table, whole.at, whole.begin, np.zeros_like(whole.series), whole.names[:1])
