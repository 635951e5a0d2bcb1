"""Where an edge comes from: what each group of features foretells, out of sample."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import numpy as np

from assay.evaluation.many_tests import day_t, false_discovery
from assay.evaluation.splits import Fold, Span
from assay.features.contract import Group
from assay.features.sets import kind_of
from assay.kernel.costs import default_round_trips
from assay.models.catalog import MEMBERS, RUNTIMES
from assay.models.contract import Floats, Runtime, Samples
from assay.workflows.desk import Tick, silent
from assay.workflows.gather import CLASS_LABEL, HORIZON_BARS, Prepared, span_samples
from assay.workflows.learn import in_threads
from assay.workflows.pooling import day_numbers

HORIZONS = (1, 2, HORIZON_BARS)
"""Bars ahead: an edge that is over in one bar is half hidden in the noise of four. These and the
rule were chosen on simulated markets of the seeds 21 to 32; the test judges on 1 to 20."""
RIDGE: dict[str, Any] = {"band": CLASS_LABEL["band"]}
LEVEL = 0.05
PAYS_BY = 1.0
"""Standard errors; as much as the fusion takes off a member's skill before it weighs."""
LEAST_ROWS = 1_000
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
    seed: int,
    threads: int = 1,
    tick: Tick = silent,
) -> list[Finding]:
    """Test every group of features on every instrument by walk-forward ridge regressions.

    Each fold is fitted on its own past alone. One group at most is claimed an instrument: the
    strongest over the horizons, if it is significant after correction for all tests and pays its
    costs over one of them, by a standard error at least.
    """
    raw: list[Finding] = []
    work = in_threads(lambda item: _probe(item, folds, seed), prepared, threads)
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


def _probe(item: Prepared, folds: Sequence[Fold], seed: int) -> list[Finding]:
    groups = item.pipeline.groups
    chosen: dict[Group, list[int]] = {}
    for place, name in enumerate(item.columns):
        chosen.setdefault(groups[name], []).append(place)
    return [
        finding
        for horizon_bars in HORIZONS
        for finding in _probe_at(item, folds, chosen, horizon_bars, seed)
    ]


def _probe_at(
    item: Prepared,
    folds: Sequence[Fold],
    chosen: Mapping[Group, list[int]],
    horizon_bars: int,
    seed: int,
) -> list[Finding]:
    said: dict[Group, list[Floats]] = {group: [] for group in chosen}
    came, day, width = [], [], []
    for fold in folds:
        assert fold.test is not None
        begins, ends = fold.train.start, fold.fuse.end
        cut = ends - HELD_SHARE * (ends - begins)
        spans = (Span(begins, cut), Span(cut + EMBARGO, ends), fold.test)
        past, held, test = (span_samples(item, s, horizon_bars=horizon_bars) for s in spans)
        past, held = past.labelled, held.labelled
        known = np.isfinite(test.scaled)
        if len(past) < LEAST_ROWS or not known.any():
            continue
        for group, columns in chosen.items():
            said[group].append(_said(past, held, test, columns, seed)[known])
        rows = item.rows(fold.test)[known]
        came.append(test.scaled[known])
        day.append(day_numbers(item, item.rows(fold.test))[known])
        width.append(item.volatility[rows] * np.sqrt(horizon_bars))
    if not came:
        return []
    outcome, days, scale = (np.concatenate(part) for part in (came, day, width))
    return [
        _judged(item, group, horizon_bars, np.concatenate(parts), outcome, days, scale)
        for group, parts in said.items()
    ]


def _said(past: Samples, held: Samples, test: Samples, chosen: Sequence[int], seed: int) -> Floats:
    """Return what a ridge on some columns said of the test, less what it usually says."""
    learnt, seen = _columns(past, chosen), _columns(held, chosen)
    weights = MEMBERS.get("ridge")(**RIDGE).fit(learnt, seen, seed=seed, threads=1)
    runtime = RUNTIMES.get(weights.runtime).load(weights, learnt.columns)
    usual = float(np.nanmedian(_centre(runtime, seen)))
    return np.nan_to_num(_centre(runtime, _columns(test, chosen)) - usual, nan=0.0)


def _centre(runtime: Runtime, rows: Samples) -> Floats:
    quantiles = runtime.predict(rows.asked).quantiles
    return quantiles[:, quantiles.shape[1] // 2]


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


def _columns(samples: Samples, chosen: Sequence[int]) -> Samples:
    return Samples(
        columns=tuple(samples.columns[place] for place in chosen),
        series_names=samples.series_names,
        time=samples.time,
        t1=samples.t1,
        series=samples.series,
        x=samples.x[:, list(chosen)],
        scaled=samples.scaled,
        label=samples.label,
        weight=samples.weight,
    )
