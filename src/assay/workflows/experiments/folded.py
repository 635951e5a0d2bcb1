"""One fold of one experiment with one seed: fit, answer, decide, trade, and tell what came."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.core.errors import HistoryError
from assay.evaluation.cuts import Cut
from assay.evaluation.splits import Part, Span
from assay.kernel.barrier import Resolution
from assay.kernel.book import BookResult
from assay.kernel.costs import USUAL, Rates
from assay.kernel.records import Exit
from assay.models.contract import BENCH, Workshop
from assay.risk.decide import Decisions, decide_many
from assay.risk.settings import RiskSettings
from assay.workflows.activity import held_by_day
from assay.workflows.book import START_EQUITY, Book, book_of, buy_and_hold
from assay.workflows.experiments.asked import Experiment, Quantiles
from assay.workflows.experiments.fitted import Answerer, Changed, as_they_are, fit_cut
from assay.workflows.experiments.leaning import (
    Leaning,
    Said,
    leaning_of,
    opinions_of,
    slope_of,
    threshold_of,
    without_skill,
)
from assay.workflows.experiments.scored import joined, scores_of
from assay.workflows.gather import Prepared, Series
from assay.workflows.replay import situations_of

Rows = NDArray[np.int64]
DELAY_BARS = 1
"""How much later than decided the delayed run trades."""
DOUBLE = 2.0


@dataclass(frozen=True, slots=True)
class Placed:
    """What was decided of one series on one test span."""

    series: Series
    rows: Rows
    decisions: Decisions


@dataclass(frozen=True, slots=True)
class FoldResult:
    """What one fold found: figures by name, and arrays by name.

    `arrays` holds `day` (D,) days since 1970 and, on the same days, the returns `net`, `gross` (no
    costs), `double` (costs doubled), `delayed` (one bar late), `optimistic` (a bar that reaches
    stop and target counts as won), `shifted` (orders moved by half the span, a placebo), `naive`
    (always on the side of climatology), `momentum` (always on that of the last move), `hold` (equal
    weights held); beside them the sums of `Scores`.
    """

    metrics: Mapping[str, Any]
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)


def run_fold(
    experiment: Experiment,
    prepared: Mapping[Series, Prepared],
    cut: Cut,
    seed: int,
    *,
    workshop: Workshop = BENCH,
    explained: bool = False,
    changed: Changed = as_they_are,
) -> FoldResult:
    """Return what `experiment` finds on the test spans of `cut`, having learned from the others.

    `prepared` holds the experiment's series with the columns its member reads. The threshold from
    which on it acts, and what its lean is worth, come from the fuse spans.
    """
    items = list(prepared.values())
    known = fit_cut(
        experiment, items, cut, seed, workshop=workshop, explained=explained, changed=changed
    )
    heard = [item for item in items if known.knows(item)]
    judged = [_judged(experiment, known, item, cut) for item in heard]
    told = [each for each in judged if each is not None]
    if not told:
        raise HistoryError(
            f"cut {cut.number}: no series has bars both before and in the test; import more history"
        )
    scores = joined(
        [scores_of(t.item, cut.parts[Part.TEST], t.said, t.leaning, t.fuse) for t in told]
    )
    runs = [_traded(experiment, prepared, told, span) for span in cut.parts[Part.TEST]]
    found = [run for run in runs if run is not None]
    if not found:
        raise HistoryError(f"cut {cut.number}: the test holds no bar")
    arrays = {name: np.concatenate([run.arrays[name] for run in found]) for name in found[0].arrays}
    metrics = _added([run.metrics for run in found])
    metrics |= {"series": [str(t.item.series) for t in told]} | dict(scores.metrics)
    metrics["threshold"] = {str(t.item.series): t.threshold for t in told}
    if explained:
        metrics["importance"] = _importance(known)
    return FoldResult(metrics, arrays | dict(scores.arrays))


@dataclass(frozen=True, slots=True)
class _Judged:
    """One series: its leans and decisions on the test rows, and on the fuse rows before them."""

    item: Prepared
    rows: Rows
    leaning: Leaning
    said: Sequence[Said]
    fuse: Leaning
    threshold: float
    decisions: Decisions
    naive: Decisions
    momentum: Decisions


def _judged(experiment: Experiment, known: Answerer, item: Prepared, cut: Cut) -> _Judged | None:
    before, rows = (_rows(item, cut.parts[part]) for part in (Part.FUSE, Part.TEST))
    if not len(before) or not len(rows):
        return None
    fuse = leaning_of(experiment, known.said(item, before), item, before)
    said = known.said(item, rows)
    leaning = leaning_of(experiment, said, item, rows)
    question = known.questions[0]
    came = [question.came(item, item.rows(span)) for span in cut.parts[Part.FUSE]]
    scaled, _, weight, _ = (np.concatenate([each[n] for each in came]) for n in range(4))
    if isinstance(experiment.label, Quantiles):  # a drift that everyone knows is no opinion
        drift = float(np.average(np.nan_to_num(scaled), weights=weight + 1e-12))
        fuse, leaning = fuse.beside(drift), leaning.beside(drift)
    elif not question.barrier:
        leaning = leaning.worth(slope_of(fuse.shift, scaled, weight))
    threshold = threshold_of(fuse, experiment)
    own = _decided(experiment, item, rows, leaning, threshold)
    naive, momentum = (
        _decided(experiment, item, rows, each, 0.0)
        for each in without_skill(item, rows, leaning.base_up, experiment.horizon_bars)
    )
    return _Judged(item, rows, leaning, said, fuse, threshold, own, naive, momentum)


def _rows(item: Prepared, spans: Sequence[Span]) -> Rows:
    return np.concatenate([item.rows(span) for span in spans])


def _decided(
    experiment: Experiment, item: Prepared, rows: Rows, leaning: Leaning, threshold: float
) -> Decisions:
    opinions = opinions_of(leaning, experiment, item, rows, threshold)
    situations = situations_of(
        item, rows, horizon_bars=experiment.horizon_bars, rates=rates_of(experiment, item)
    )
    return decide_many(opinions, situations, risk_of(experiment))


def risk_of(experiment: Experiment) -> RiskSettings:
    """Return the rules by which the experiment's opinions become decisions."""
    return RiskSettings(
        stop_atr=experiment.stop_atr,
        target_atr=experiment.target_atr,
        cost_multiple=experiment.trade.cost_multiple,
        sizing=experiment.trade.sizing,
        sizing_settings=dict(experiment.trade.sizing_settings),
    )


def rates_of(experiment: Experiment, item: Prepared) -> Rates:
    """Return what trading `item` costs in this experiment."""
    asked, usual = experiment.costs, USUAL[item.instrument.asset_class]
    own = {n: getattr(asked, n) for n in ("fee", "half_spread", "slippage")}
    told = {name: getattr(usual, name) if value is None else value for name, value in own.items()}
    return Rates(**{name: value * asked.times for name, value in told.items()})


def _traded(
    experiment: Experiment,
    prepared: Mapping[Series, Prepared],
    told: Sequence[_Judged],
    span: Span,
) -> FoldResult | None:
    """Return the account's days on one test span, under each assumption."""
    told = [each for each in told if len(each.item.rows(span))]
    if not told:
        return None
    placed, naive, momentum = (
        [_placed(each, getattr(each, name), span) for each in told]
        for name in ("decisions", "naive", "momentum")
    )
    rates = {each.series: rates_of(experiment, prepared[each.series]) for each in placed}

    def book(moved: Sequence[Placed]) -> Book:
        return book_of(prepared, moved, limit_bars=experiment.limit_bars, rates=rates)

    own = book(placed)
    result = own.run()
    half = max(len(each.rows) for each in placed) // 2
    others = {
        "delayed": [_late(each, DELAY_BARS) for each in placed],
        "shifted": [_moved(each, half) for each in placed],
        "naive": naive,
        "momentum": momentum,
    }
    run = {name: book(moved) for name, moved in others.items()}
    arrays = {
        "day": own.days,
        "net": own.daily(result),
        "gross": own.daily(own.run(cost_factor=0.0)),
        "double": own.daily(own.run(cost_factor=DOUBLE)),
        "optimistic": own.daily(own.run(resolution=Resolution.OPTIMISTIC)),
        "hold": buy_and_hold(own),
    }
    arrays |= {name: each.daily(each.run()) for name, each in run.items()}
    return FoldResult(_trades(own, result), arrays)


def _placed(judged: _Judged, decisions: Decisions, span: Span) -> Placed:
    own = judged.item.rows(span)
    at = np.searchsorted(judged.rows, own)
    return Placed(judged.item.series, own, _taken(decisions, at))


def _taken(decisions: Decisions, at: Rows) -> Decisions:
    return Decisions(*(getattr(decisions, name)[at] for name in decisions.__dataclass_fields__))


def _late(placed: Placed, bars: int) -> Placed:
    """Return the same decisions so many bars later; at the start of the span there are none yet."""
    moved = _moved(placed, bars).decisions
    early = np.arange(len(placed.rows)) < bars
    side = np.where(early, 0, moved.side).astype(np.int8)
    stop, target = (np.where(early, 0, each) for each in (moved.stop_ticks, moved.target_ticks))
    risk = np.where(early, 0.0, moved.risk_fraction)
    return replace(placed, decisions=Decisions(side, stop, target, risk, moved.reasons))


def _moved(placed: Placed, bars: int) -> Placed:
    """Return the same decisions so many bars later; those that leave the span come in at its start.

    Half a span leaves nothing of what was known at the time.
    """
    count = len(placed.rows)
    return replace(placed, decisions=_taken(placed.decisions, (np.arange(count) - bars) % count))


def _trades(book: Book, result: BookResult) -> dict[str, Any]:
    """Return counts that add up over spans."""
    trades = result.trades
    made = float(trades["pnl"].sum()) if len(trades) else 0.0
    left = float(result.equity[-1] - START_EQUITY) - made if len(result.equity) else 0.0
    return {
        "trades": len(trades),
        "won": int((trades["pnl"] > 0).sum()),
        "long": int((trades["side"] > 0).sum()),
        "ambiguous": int((trades["ambiguous"] != 0).sum()),
        "stopped": int((trades["reason"] == Exit.STOP).sum()),
        "fees": float(trades["fees"].sum()) / START_EQUITY,
        "costs": float(trades["cost"].sum()) / START_EQUITY,
        "left_open": left / START_EQUITY,
        "still_open": int((result.positions["side"] != 0).sum()),
        "bars": sum(int(np.broadcast_to(m.tradable, len(m)).sum()) for m in book.markets),
        "held": float(held_by_day(book, result)[:, 0].sum()),
    }


def _added(parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {name: sum(part[name] for part in parts) for name in parts[0]}


def _importance(known: Answerer) -> dict[str, float]:
    """Return how much the answers hang on each column, averaged over the fits."""
    total: dict[str, list[float]] = {}
    for fit in {id(fit): fit for fit in known.fits.values()}.values():
        told = fit.metrics["explanation"]
        for column, by in zip(fit.columns, told["swapped"], strict=True) if told else ():
            total.setdefault(column, []).append(float(by))
    return {column: float(np.mean(values)) for column, values in sorted(total.items())}
