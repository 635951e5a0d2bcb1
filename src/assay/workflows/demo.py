"""The main job on a simulated market whose truth is known: built, traded, and judged."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from assay.core.values.timeframe import Timeframe
from assay.evaluation.splits import SplitPlan
from assay.evaluation.truth import Claim, EdgeKind, Judgement, judge
from assay.store.signals import SignalRow
from assay.workflows.backtest import backtest_prepared, folds_of
from assay.workflows.desk import Desk, Tick, silent
from assay.workflows.discover import Finding, discover
from assay.workflows.gather import Prepared, Series, prepare_all
from assay.workflows.issue import issue
from assay.workflows.reports import write_page
from assay.workflows.simulate import MarketPlan, simulate, simulate_apart
from assay.workflows.train import Trained, train_prepared

YEARS = 6.0
START = datetime(2016, 1, 4, tzinfo=UTC)
TIMEFRAMES = (Timeframe.H1, Timeframe.H4, Timeframe.D1)
SPLIT = SplitPlan(folds=3, tested=0.5)
SHORT: Mapping[str, Any] = {"look_back": 16, "epochs": 4, "rows_an_epoch": 4_096}
SETTINGS = {
    "cnn_lstm": {**SHORT, "filters": 16, "units": 16},
    "patchtst": {**SHORT, "width": 16, "layers": 1, "inner": 32},
}
"""Nets a third as large and as long trained as by default: the demo is to be over in minutes."""


@dataclass(frozen=True, slots=True)
class Demo:
    """What the demo leaves: signals for the board, the report's page, and the judgement."""

    trained: Trained
    board: tuple[SignalRow, ...]
    report: Mapping[str, Any]
    page: Path
    findings: tuple[Finding, ...]
    judgement: Judgement

    def to_json(self) -> dict[str, Any]:
        """Return plain data; every figure in it is simulated."""
        return {
            "simulated": True,
            "trained": self.trained.to_json(),
            "board": [row.payload for row in self.board],
            "report": self.report,
            "page": str(self.page),
            "judgement": self.judgement.plain(),
        }


def demo(desk: Desk, *, years: float = YEARS, tick: Tick = silent) -> Demo:
    """Run the main job end to end; the same seed gives the same results.

    A workspace that has some of it already goes on from there.
    """
    truth = simulate_apart(desk, MarketPlan(desk.seed, years, TIMEFRAMES, START), tick=tick)
    every = [Series(i.symbol, i.timeframe) for i in desk.bars.series() if i.simulated]
    prepared = prepare_all(desk, every, problems=[], tick=tick)
    left_out = _left_out(every, prepared)
    run = backtest_prepared(
        desk, prepared, TIMEFRAMES[0], split=SPLIT, left_out=left_out, settings=SETTINGS, tick=tick
    )
    report, folds = run.report, run.folds
    del run
    page = write_page(desk, report, desk.reports / "demo.html")
    findings = discover(_deciding(prepared), folds, threads=desk.jobs, tick=tick)
    trained = train_prepared(desk, prepared, split=SplitPlan(), settings=SETTINGS, tick=tick)
    board = _board(desk, _deciding(prepared), tick)
    verdict = judge(truth, [Claim(f.symbol, EdgeKind(f.kind)) for f in findings if f.claimed])
    return Demo(trained, board, report, page, tuple(findings), verdict)


def _left_out(every: Sequence[Series], prepared: Mapping[Series, Prepared]) -> list[str]:
    """Return a sentence for each timeframe that a short market leaves too few bars of."""
    short = Counter(series.timeframe for series in every if series not in prepared)
    return [
        f"{timeframe}, {count} of {len(every) // len(TIMEFRAMES)} series: too few bars for the "
        "features to warm up; simulate more years (--years)"
        for timeframe, count in short.items()
    ]


def _deciding(prepared: Mapping[Series, Prepared]) -> list[Prepared]:
    return [item for series, item in prepared.items() if series.timeframe is TIMEFRAMES[0]]


def _board(desk: Desk, items: Sequence[Prepared], tick: Tick) -> tuple[SignalRow, ...]:
    rows = []
    for number, item in enumerate(items, 1):
        rows.append(issue(desk, item.series.symbol, item.series.timeframe))
        tick("Issuing signals", number, len(items))
    return tuple(sorted(rows, key=lambda row: (row.decision == "WAIT", -(row.conviction or 0))))


def judged_claims(desk: Desk, *, years: float = YEARS) -> Judgement:
    """Build a market, look for its edges and judge the claims: the demo's last step alone."""
    truth = simulate(desk, MarketPlan(desk.seed, years, TIMEFRAMES, START))
    every = [Series(i.symbol, i.timeframe) for i in desk.bars.series()]
    items = list(prepare_all(desk, [s for s in every if s.timeframe is TIMEFRAMES[0]]).values())
    findings = discover(items, folds_of(items, SPLIT), threads=desk.jobs)
    return judge(truth, [Claim(f.symbol, EdgeKind(f.kind)) for f in findings if f.claimed])
