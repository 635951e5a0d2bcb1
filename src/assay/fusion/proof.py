"""Whether the pool has shown skill on outcomes it had not seen."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.fusion.combine import Learned, combine
from assay.fusion.evidence import Floats, History, Integers, expit, log_score, logit
from assay.fusion.inference import DayBlocks, t_above
from assay.fusion.learn import Mask, learn
from assay.fusion.rivals import UNKNOWN, Rivals
from assay.fusion.settings import FusionSettings


@dataclass(frozen=True, slots=True)
class Rows:
    """The labelled rows of a history as plain arrays; `base` is the pool's log-odds.

    `evidence` is without its level (`History.timing`): weights, skills and the proof are learned
    from when a producer leans more or less than it lately did, not from how far it leans on
    average, which a base rate gone stale would reward.
    """

    time: Integers
    t1: Integers
    day: Integers
    evidence: Floats
    fresh: Floats
    base: Floats
    outcome: Floats

    @staticmethod
    def of(history: History, settings: FusionSettings) -> "Rows":
        """Return the rows whose outcome is known."""
        base = logit(history.moments.pool_base(history.horizon_minutes))
        known = np.isfinite(history.outcome) & np.isfinite(base)
        return Rows(
            history.moments.time[known],
            history.t1[known],
            history.day[known],
            history.timing[known],
            history.moments.freshness(settings.half_life_bars)[known],
            base[known],
            history.outcome[known],
        )

    def __len__(self) -> int:
        return len(self.time)

    @property
    def label_days(self) -> float:
        """Return the median time from decision to outcome, in days of 24 hours."""
        return float(np.median(self.t1 - self.time)) / 86_400e6

    @property
    def blocks(self) -> DayBlocks:
        """Return the rows by trading day."""
        return DayBlocks(self.day, self.label_days)

    def take(self, rows: NDArray[Any] | slice) -> "Rows":
        """Return the rows chosen by a mask, indices or a slice."""
        return Rows(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


@dataclass(frozen=True, slots=True)
class Proof:
    """How the pool did, walked forward: every row was pooled with what was learned before it.

    `p_value` is that of the one-sided test that the pool tells up from down at all; `gain` its mean
    log-score gain over the base, nats a row; `over_best_single` and `over_equal_weights` the same
    over the strongest producer of the time and over the plain mean of all log-odds; each with its
    standard error. `kappas` are those of the refits. `rows` and `days` are those in which anyone
    weighed, of `all_rows`.
    """

    p_value: float
    degrees: int
    gain: float
    gain_error: float
    over_best_single: float
    over_best_single_error: float
    over_equal_weights: float
    over_equal_weights_error: float
    kappas: tuple[float, ...]
    rows: int
    all_rows: int
    days: int


@dataclass(frozen=True, slots=True)
class _Stretch:
    rows: slice
    pooled: Floats
    scaled: Floats
    best: Floats
    kappa: float


def prove(
    rows: Rows, eligible: Mask, embargo: int, settings: FusionSettings, rivals: Rivals = ()
) -> Proof:
    """Walk through the rows after `learn_share`, refitting from the past alone `segments` times.

    A refit uses the rows whose outcome was known `embargo` microseconds before the segment starts.
    Because each weight was fixed before the outcomes it is tested on, the sum of score
    contributions (outcome - base) x evidence is a martingale without skill, whatever was selected:
    one-sided t test on whole days. Testing the score, not the log-score gain, is what nested
    forecasts call for (Clark and West 2007): the gain is burdened with the noise of the fit. The
    evidence is without its level and scaled by its past, so that a tilt of the market is not skill
    and every segment counts alike. A base that is off, or drifts, leaves (outcome - base) a slow
    mean of its own; against evidence without slow parts it cancels, as in the partly linear model
    of Robinson (1988), while nothing is taken from the outcomes, whose own level, once estimated,
    would favour producers that bet against the recent past. Segments in which nobody weighs are
    left out. Of `rivals` each segment hears the one that did better before it, so that choosing
    between them is no foresight either.
    """
    edges = _edges(len(rows), settings)
    stretches: list[_Stretch] = []
    for start, stop in pairwise(edges):
        found = _walk(rows, slice(start, stop), eligible, embargo, settings, rivals)
        if found is not None:
            stretches.append(found)
    return _concluded(rows, stretches, eligible, len(rows) - edges[0])


def _edges(count: int, settings: FusionSettings) -> list[int]:
    first = round(count * settings.learn_share)
    return [int(edge) for edge in np.linspace(first, count, settings.segments + 1)]


def _walk(
    rows: Rows,
    segment: slice,
    eligible: Mask,
    embargo: int,
    settings: FusionSettings,
    rivals: Rivals,
) -> _Stretch | None:
    if segment.stop <= segment.start:
        return None
    past = rows.take((rows.t1 + embargo <= rows.time[segment.start]) & _before(rows, segment))
    if not len(past):
        return None
    learned = learn(
        past.evidence,
        past.fresh,
        past.base,
        past.outcome,
        past.blocks,
        eligible,
        settings,
        rivals=rivals,
    )
    if not learned.weighs:
        return None
    then, now = (_shift(part, learned) for part in (past, rows.take(segment)))
    spread = float(np.sqrt(((then - then.mean()) ** 2).mean()))
    if spread <= 0:
        return None
    best = int(np.argmax(learned.strength))
    alone = np.nan_to_num(rows.evidence[segment, best]) * learned.slope[best]
    return _Stretch(segment, now, (now - then.mean()) / spread, alone, learned.kappa)


def _before(rows: Rows, segment: slice) -> Mask:
    return np.asarray(np.arange(len(rows)) < segment.start)


def _shift(rows: Rows, learned: Learned) -> Floats:
    pooled = combine(rows.evidence, rows.fresh, learned)
    return pooled.kappa * pooled.mean


def _concluded(rows: Rows, stretches: list[_Stretch], eligible: Mask, all_rows: int) -> Proof:
    if not stretches:
        nothing = (0.0, UNKNOWN)
        return Proof(1.0, 0, *nothing, *nothing, *nothing, (), 0, all_rows, 0)
    chosen = np.concatenate([np.arange(s.rows.start, s.rows.stop) for s in stretches])
    part = rows.take(chosen)
    blocks = part.blocks
    pooled, scaled, best = (
        np.concatenate([getattr(s, name) for s in stretches])
        for name in ("pooled", "scaled", "best")
    )
    score = blocks.sums((part.outcome - expit(part.base)) * scaled)
    spread = float(blocks.total_error(score))
    t = float(score.sum()) / spread if 0 < spread < np.inf else 0.0
    said = log_score(part.base + pooled, part.outcome)
    rivals = (
        part.base,
        part.base + best,
        part.base + _equal_weights(part.evidence[:, eligible]),
    )
    gains = [blocks.mean(said - log_score(rival, part.outcome)) for rival in rivals]
    (gain, error), (single, single_error), (equal, equal_error) = (
        (float(mean), min(float(spread), UNKNOWN)) for mean, spread in gains
    )
    return Proof(
        p_value=t_above(t, blocks.degrees),
        degrees=blocks.degrees,
        gain=gain,
        gain_error=error,
        over_best_single=single,
        over_best_single_error=single_error,
        over_equal_weights=equal,
        over_equal_weights_error=equal_error,
        kappas=tuple(s.kappa for s in stretches),
        rows=len(part),
        all_rows=all_rows,
        days=blocks.days,
    )


def _equal_weights(evidence: Floats) -> Floats:
    known = np.isfinite(evidence)
    count = np.maximum(known.sum(axis=1), 1)
    return np.asarray(np.where(known, evidence, 0.0).sum(axis=1) / count)
