"""Where an edge comes from: what each group of features foretells, out of sample."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np

from assay.evaluation.many_tests import day_t, false_discovery
from assay.evaluation.splits import Fold, Span
from assay.features.contract import Group
from assay.features.pipeline import name_of
from assay.features.sets import kind_of
from assay.kernel.costs import default_round_trips
from assay.models.checking import answerable, learnable
from assay.models.contract import Floats, Samples
from assay.models.shrunk import fit_line
from assay.workflows.desk import Tick, silent
from assay.workflows.gather import HORIZON_BARS, Prepared
from assay.workflows.learn import in_threads
from assay.workflows.outcomes import span_samples
from assay.workflows.pooling import day_numbers

HORIZONS = (1, 2, HORIZON_BARS)
"""Bars ahead: an edge that is over in one bar is half hidden in the noise of four. These and the
rule were chosen on simulated markets of the seeds 21 to 32; the test judges on 1 to 20."""
LEVEL = 0.05
PAYS_BY = 1.0
"""Standard errors; as much as the fusion takes off a member's skill before it weighs."""
LEAST_ROWS = 1_000
LEAST_HELD = 50
HELD_SHARE = 0.15
"""The last part of a fold's past, on which a ridge's penalty is chosen."""
EMBARGO = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one group of features was worth on one instrument and horizon, out of sample.

    `kind` is the kind of information the group carries: price, news or macro. A small regression a
    group finds more than one on everything, which loses a faint edge in the noise of its columns.
    `ic` is the correlation of forecast and outcome, both volatility-scaled; `t` its day-blocked
    statistic, `p` one-sided and `adjusted` for all tests made (Benjamini-Hochberg). `net` is the
    mean log return a trade after costs, when the forecast exceeded a round trip, in basis points,
    over `trades` rows; `net_t` its day-blocked statistic. `claimed` says that this is the
    instrument's one best.
    """

    symbol: str
    group: Group
    kind: str
    horizon_bars: int
    rows: int
    ic: float
    t: float
    p: float
    adjusted: float
    net: float
    net_t: float
    trades: int
    claimed: bool = False


def discover(
    prepared: Sequence[Prepared],
    folds: Sequence[Fold],
    *,
    threads: int = 1,
    tick: Tick = silent,
) -> list[Finding]:
    """Test every group of features on every instrument by walk-forward ridge regressions.

    Each fold is fitted on its own past alone. One group at most is claimed an instrument: the
    strongest over the horizons, if it is significant after correction for all tests and pays its
    costs over one of them, by a standard error at least.
    """
    raw: list[Finding] = []
    work = in_threads(lambda item: _probe(item, folds), prepared, threads)
    for number, found in enumerate(work, 1):
        raw += found
        tick("Testing price, news, macro groups", number, len(prepared))
    adjusted = false_discovery(np.array([finding.p for finding in raw]))
    tested = [replace(f, adjusted=float(a)) for f, a in zip(raw, adjusted, strict=True)]
    return [replace(f, claimed=_claimed(f, tested)) for f in tested]


def _claimed(finding: Finding, all_findings: Sequence[Finding]) -> bool:
    same = [f for f in all_findings if f.symbol == finding.symbol and np.isfinite(f.t)]
    best = max(same, key=lambda f: f.t, default=None)
    pays = any(f.net_t >= PAYS_BY for f in same if f.group is finding.group)
    return best is finding and finding.adjusted <= LEVEL and pays


def _probe(item: Prepared, folds: Sequence[Fold]) -> list[Finding]:
    names: dict[Group, set[str]] = {}
    for feature in item.pipeline.features:
        names.setdefault(feature.group, set()).add(name_of(feature))
    apart = {group: item.only(chosen) for group, chosen in names.items()}
    return [
        finding
        for horizon_bars in HORIZONS
        for finding in _probe_at(item, folds, apart, horizon_bars)
    ]


def _probe_at(
    item: Prepared, folds: Sequence[Fold], apart: Mapping[Group, Prepared], horizon_bars: int
) -> list[Finding]:
    said: dict[Group, list[Floats]] = {group: [] for group in apart}
    came, day, width = [], [], []
    for fold in folds:
        assert fold.test is not None
        begins, ends = fold.train.start, fold.fuse.end
        cut = ends - HELD_SHARE * (ends - begins)
        spans = (Span(begins, cut), Span(cut + EMBARGO, ends), fold.test)
        for group, reads in apart.items():
            past, held, test = (span_samples(reads, s, horizon_bars=horizon_bars) for s in spans)
            known = np.isfinite(test.scaled)
            past, held = past.labelled, held.labelled
            if len(past) < LEAST_ROWS or not known.any():
                break
            said[group].append(_said(past, held, test.x[known]))
        else:
            rows = item.rows(fold.test)
            came.append(test.scaled[known])
            day.append(day_numbers(item, rows)[known])
            width.append(item.volatility[rows[known]] * np.sqrt(horizon_bars))
    if not came:
        return []
    outcome, days, scale = (np.concatenate(part) for part in (came, day, width))
    return [
        _judged(item, group, horizon_bars, np.concatenate(parts), outcome, days, scale)
        for group, parts in said.items()
    ]


def _said(past: Samples, held: Samples, x: Floats) -> Floats:
    """Return what a ridge said of the rows `x`, less what it usually says; 0 where it cannot."""
    rows = learnable(past, member="ridge", span="train", rows_needed=3 * len(past.columns))
    seen = learnable(held, member="ridge", span="stop", rows_needed=LEAST_HELD)
    line = fit_line(rows, seen, np.arange(len(past.columns)))
    usual = float(np.median(line.of(seen.x)))
    return np.where(answerable(x), line.of(x) - usual, 0.0)


def _judged(
    item: Prepared,
    group: Group,
    horizon_bars: int,
    said: Floats,
    came: Floats,
    day: Floats,
    width: Floats,
) -> Finding:
    days = day.astype(np.int64)
    spread = said.std()
    score = (said - said.mean()) / spread if spread > 0 else np.zeros_like(said)
    outcome = came - came.mean()
    t, p = day_t(score * outcome, days)
    ic = float(np.mean(score * outcome) / outcome.std()) if len(outcome) else float("nan")
    price = np.median(item.bars.frame["close"].to_numpy(), keepdims=True)
    cost = float(default_round_trips(item.instrument, price)[0])
    traded = np.abs(said) * width > cost
    gain = np.sign(said[traded]) * came[traded] * width[traded] - cost
    net_t, _ = day_t(gain, days[traded])
    net = float(gain.mean() * 1e4) if traded.any() else 0.0
    return Finding(
        symbol=item.series.symbol,
        group=group,
        kind=kind_of(group),
        horizon_bars=horizon_bars,
        rows=len(said),
        ic=ic,
        t=t,
        p=p,
        adjusted=p,
        net=net,
        net_t=net_t,
        trades=int(traded.sum()),
    )
