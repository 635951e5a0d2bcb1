"""Learn how to pool one instrument's producers, from its fuse span alone."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from assay.core.errors import HistoryError
from assay.evaluation.gate.artefact import foretells
from assay.fusion.combine import Learned, combine
from assay.fusion.evidence import Floats, History, effective_outcomes, expit
from assay.fusion.fitted import FittedFusion
from assay.fusion.interval import coefficient_covariance
from assay.fusion.learn import Mask, fit_slopes, learn
from assay.fusion.proof import Proof, Rows, prove
from assay.fusion.rivals import UNKNOWN, Contest, Rivals, Scores, contest_of, levels_of, standing
from assay.fusion.settings import FusionSettings

GRID = np.linspace(0.0, 100.0, 201)
"""The percentiles at which the score's history is kept."""


def fit(
    history: History,
    settings: FusionSettings | None = None,
    *,
    promoted: frozenset[str] | None = None,
    gate_level: float | None = None,
    rivals: Sequence[tuple[str, str]] = (),
) -> FittedFusion:
    """Return the pool of `history`: weights from all its outcomes, proof walked forward inside it.

    Nothing outside `history` is looked at. The proof refits from the past of each segment
    (`proof.prove`), so that no outcome it is judged by has touched the weights it judges; the
    weights that go into service are then learned from the whole span. `promoted` are ids of
    artefacts that passed the gate: others are measured and weigh nothing; None means that there
    is no gate yet. With `gate_level` the gate is asked here: of what is served, only those weigh
    that foretell better than climatology, one-sided at that level. The proof is of all of them, for
    whoever chose them by the span that proves them would prove the choice. `rivals` are pairs of
    artefacts, champion and challenger, of which the one that did better is kept (`rivals`); the
    proof chooses in every segment by its past, and the gate asks the better of two twice as hard.
    Without producers or labelled rows there is nothing to fit: `HistoryError`.
    """
    chosen = settings or FusionSettings()
    rows = Rows.of(history, chosen)
    if not history.moments.producers or not len(rows):
        raise HistoryError(
            f"{history.symbol}: fusion was asked to fit {len(history.moments.producers)} producers "
            f"on {len(rows)} labelled rows; train members and lengthen the fuse span"
        )
    pairs = _pairs(history, rivals)
    embargo = int(history.horizon_minutes * 60e6)
    proof = prove(rows, _eligible(history, promoted), embargo, chosen, pairs)
    levels = None if gate_level is None else levels_of(rows.evidence.shape[1], pairs, gate_level)
    contests: tuple[Contest, ...] = ()
    if pairs:
        contests, left = _contested(history, rows, pairs)
        history = replace(history, moments=history.moments.hearing(left))
        rows = Rows.of(history, chosen)
        levels = None if levels is None else levels[left]
    eligible = _eligible(history, promoted)
    learned = learn(
        rows.evidence,
        rows.fresh,
        rows.base,
        rows.outcome,
        rows.blocks,
        eligible,
        chosen,
        levels,
    )
    if levels is not None:
        passed = eligible & foretells(learned.skill, learned.skill_error, levels)
        promoted = frozenset(
            producer.artefact
            for producer, kept in zip(history.moments.producers, passed, strict=True)
            if kept
        )
    count = effective_outcomes(rows.time, rows.t1)
    fitted = _named(history, chosen, promoted, rows, learned, proof, count)
    return replace(fitted, contests=contests) if contests else fitted


def is_proven(proof: Proof, learned: Learned, effective: float, settings: FusionSettings) -> bool:
    """Say whether there are outcomes and days enough, a gain, and a significant test.

    `effective` counts the span's outcomes that do not overlap, times the share of the walked rows
    in which anyone weighed: what came before the first producer spoke proves nothing.
    """
    return (
        learned.weighs
        and effective >= settings.least_effective
        and proof.days >= settings.least_days
        and proof.gain > 0
        and proof.p_value <= settings.level
    )


def _pairs(history: History, rivals: Sequence[tuple[str, str]]) -> Rivals:
    """Return the columns of champion and challenger of each pair that was heard here."""
    at = {producer.artefact: place for place, producer in enumerate(history.moments.producers)}
    return tuple((at[one], at[other]) for one, other in rivals if one in at and other in at)


def _contested(history: History, rows: Rows, pairs: Rivals) -> tuple[tuple[Contest, ...], Mask]:
    """Return how each pair did over all rows, and which producers are left."""
    slope, _ = fit_slopes(rows.evidence, rows.base, rows.outcome, rows.blocks)
    scores = Scores(rows.evidence, slope, rows.base, rows.outcome, rows.blocks)
    found = [scores.compared(pair) for pair in pairs]
    producers = history.moments.producers
    contests = tuple(
        contest_of(producers, pair, each) for pair, each in zip(pairs, found, strict=True)
    )
    return contests, standing(len(producers), pairs, found)


def _eligible(history: History, promoted: frozenset[str] | None) -> Mask:
    return np.array(
        [promoted is None or p.artefact in promoted for p in history.moments.producers], bool
    )


def _named(
    history: History,
    settings: FusionSettings,
    promoted: frozenset[str] | None,
    rows: Rows,
    learned: Learned,
    proof: Proof,
    count: int,
) -> FittedFusion:
    covariance = coefficient_covariance(rows, learned, settings)
    heard = count * proof.rows / proof.all_rows if proof.all_rows else 0.0
    values, percentiles, tau = _score_history(history, learned, settings)
    return FittedFusion(
        symbol=history.symbol,
        timeframe=history.timeframe,
        horizon_bars=history.horizon_bars,
        producers=history.moments.producers,
        horizon_minutes=_floats(history.moments.horizon_minutes),
        slope=_floats(learned.slope),
        slope_error=_floats(np.minimum(learned.slope_error, 1e6)),
        skill=_floats(learned.skill),
        skill_error=_floats(np.minimum(learned.skill_error, UNKNOWN)),
        strength=_floats(learned.strength),
        cluster=tuple(int(c) for c in learned.label),
        share=_floats(learned.share),
        correlation=tuple(_floats(row) for row in learned.matrix),
        effective=float(learned.effective),
        kappa=float(learned.kappa),
        base=float(expit(np.array(np.median(rows.base)))),
        covariance=tuple(_floats(row) for row in covariance),
        score_values=values,
        score_percentiles=percentiles,
        tau=tau,
        proof=proof,
        proven=is_proven(proof, learned, heard, settings),
        rows=len(rows),
        effective_outcomes=count,
        first=int(history.moments.time[0]),
        last=int(history.moments.time[-1]),
        promoted=None if promoted is None else tuple(sorted(promoted)),
        settings=settings,
    )


def _score_history(
    history: History, learned: Learned, settings: FusionSettings
) -> tuple[tuple[float, ...], tuple[float, ...], float]:
    """Return increasing absolute log-odds with their percentiles, and the median.

    Where many moments share a value it gets the lowest of its percentiles.
    """
    pooled = combine(
        history.moments.evidence, history.moments.freshness(settings.half_life_bars), learned
    )
    heard = pooled.weight.sum(axis=1) > 0
    if not heard.any():
        return (), (), 0.0
    size = np.abs(pooled.kappa * pooled.mean)[heard]
    values, first = np.unique(np.percentile(size, GRID), return_index=True)
    return _floats(values), _floats(GRID[first]), float(np.median(size))


def _floats(values: Floats) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
