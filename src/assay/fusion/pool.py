"""Many forecasts to one conviction: in bulk for a backtest, one moment for a signal."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from assay.core.errors import DataError
from assay.core.values.conviction import Evidence, Tier
from assay.fusion.combine import Combined, combine, quadratic, row_sum
from assay.fusion.evidence import Floats, Moments, expit, logit
from assay.fusion.fitted import FittedFusion
from assay.fusion.interval import NORMAL_90

TIERS = tuple(Tier)
EVIDENCE = tuple(Evidence)
Codes = NDArray[np.int8]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Pooled:
    """Convictions at n moments of one instrument, as arrays.

    All as in `Conviction`, shape (n,), but: `agreement` is NaN where there is none to speak of;
    `tier` indexes `TIERS`, `evidence` indexes `EVIDENCE`; `one_family` marks scores kept from HIGH
    because a single model family carries the side. `weight`, `mapped` and `part` are (n, M), one
    column a producer; the parts of a row add up to `log_odds` less logit `base`.
    """

    time: NDArray[np.int64]
    probability: Floats
    low: Floats
    high: Floats
    base: Floats
    log_odds: Floats
    score: Floats
    agreement: Floats
    effective_members: Floats
    kappa: Floats
    expected_move: Floats
    tier: Codes
    evidence: Codes
    one_family: Mask
    weight: Floats
    mapped: Floats
    part: Floats

    def __len__(self) -> int:
        return len(self.time)

    def light(self) -> "Pooled":
        """Return the same without what each producer added, `shift` kept; a long run holds many."""
        none = np.zeros((len(self), 0))
        return replace(self, weight=none, mapped=none, part=self.shift[:, None])

    @property
    def shift(self) -> Floats:
        """Return (n,): the sum of the parts, log-odds less the base; its sign is the side."""
        return row_sum(self.part)


def fuse_many(
    moments: Moments,
    fitted: FittedFusion,
    *,
    stale: Mask | None = None,
    promoted: frozenset[str] | None = None,
) -> Pooled:
    """Pool every row of `moments`, whose producers must be those of `fitted`, in order.

    Rows do not look at each other. `stale` (n,) marks rows whose feed is old: their evidence is
    STALE. `promoted`, where given, silences producers whose artefact is not in it. A pool proven
    with members of which less than `least_present_weight` is here speaks as UNPROVEN.
    """
    if moments.producers != fitted.producers:
        raise DataError(
            f"{fitted.symbol}: the pool was fitted on {_named(fitted.producers)}; asked with "
            f"{_named(moments.producers)}; refit it"
        )
    raw = np.where(allowed(fitted, promoted), moments.evidence, np.nan)
    fresh = moments.freshness(fitted.settings.half_life_bars)
    return pool(moments, raw, combine(raw, fresh, fitted.learned), fitted, stale)


def pool(
    moments: Moments, raw: Floats, pooled: Combined, fitted: FittedFusion, stale: Mask | None
) -> Pooled:
    """Return what `fuse_many` does where the evidence `raw` (n, M) was combined to `pooled`.

    NaN is the evidence of those that say nothing or may not weigh.
    """
    part = pooled.part
    shift = row_sum(part)
    start = logit(moments.pool_base(fitted.timeframe.minutes * fitted.horizon_bars))
    start = np.where(np.isfinite(start), start, logit(np.array(fitted.base)))
    odds = start + shift
    half = NORMAL_90 * np.sqrt(_variance(raw, pooled, fitted))
    heard = np.asarray(pooled.weight.any(axis=1))
    agreed = np.where(heard, pooled.agreement, np.nan)
    score = score_of(np.abs(shift), agreed, fitted)
    tier, one_family = _tiers(score, agreed, part, pooled.weight, fitted)
    medians = np.where(pooled.weight > 0, moments.median_move, 0.0)
    move = row_sum(pooled.kappa[:, None] * pooled.weight * fitted.learned.slope * medians)
    return Pooled(
        moments.time,
        expit(odds),
        expit(odds - half),
        expit(odds + half),
        expit(start),
        odds,
        score,
        agreed,
        np.where(heard, pooled.effective, 0.0),
        pooled.kappa,
        move,
        tier,
        _evidence(raw, heard, stale, fitted),
        one_family,
        pooled.weight,
        pooled.mapped,
        part,
    )


def allowed(fitted: FittedFusion, promoted: frozenset[str] | None) -> Mask:
    """Return (M,): which producers may weigh, by the gate then and now."""
    may = {producer.artefact for producer in fitted.producers}
    for passed in (fitted.promoted, promoted):
        if passed is not None:
            may.intersection_update(passed)
    return np.array([producer.artefact in may for producer in fitted.producers], bool)


def score_of(size: Floats, agreement: Floats, fitted: FittedFusion) -> Floats:
    """Return 0..100: where `size` stands in the fuse span's history, times agreement / 100.

    `size` (n,) is the absolute log-odds less the base; an `agreement` of NaN counts as 100.
    """
    if not fitted.score_values:
        return np.zeros(len(size))
    percentile = np.interp(size, *fitted.scores)
    percentile = np.where(size > 0, percentile, 0.0)
    return percentile * np.where(np.isnan(agreement), 100.0, agreement) / 100.0


def _variance(raw: Floats, pooled: Combined, fitted: FittedFusion) -> Floats:
    """Return (n,): x' covariance x, with x the evidence times its weight relative to the fitted."""
    learned = fitted.learned
    chosen = learned.chosen
    full = learned.kappa * learned.nominal_weight[chosen]
    relative = pooled.kappa[:, None] * pooled.weight[:, chosen] / full
    said = raw[:, chosen]
    e = np.where(np.isfinite(said), said, 0.0) * relative
    x = np.column_stack([np.ones(len(raw)), e])
    return np.maximum(quadratic(x, fitted.covariance_array), 0.0)


def _tiers(
    score: Floats, agreement: Floats, part: Floats, weight: Floats, fitted: FittedFusion
) -> tuple[Codes, Mask]:
    settings = fitted.settings
    strong = score >= settings.high
    carrying = np.zeros(len(score), np.int64)
    if strong.any():  # nobody else is asked who carries it
        sign = np.sign(row_sum(part))
        on_side = np.where(part * sign[:, None] > 0, weight, 0.0)
        for own in fitted.families:
            carrying += row_sum(on_side[:, own]) >= max(settings.least_family_weight, 1e-12)
    high = strong & (carrying >= 2)
    up, down = row_sum(np.maximum(part, 0.0)), row_sum(np.maximum(-part, 0.0))
    split = (np.minimum(up, down) > fitted.tau) & (agreement < settings.low_agreement)
    tier = np.full(len(score), TIERS.index(Tier.LOW), np.int8)
    tier[score >= settings.moderate] = TIERS.index(Tier.MODERATE)
    tier[high] = TIERS.index(Tier.HIGH)
    tier[split] = TIERS.index(Tier.DIVERGENT)
    return tier, strong & ~high & ~split


def _evidence(raw: Floats, heard: Mask, stale: Mask | None, fitted: FittedFusion) -> Codes:
    present = row_sum(np.where(np.isfinite(raw), fitted.learned.nominal_weight, 0.0))
    enough = present >= fitted.settings.least_present_weight - 1e-9
    code = np.where(
        enough & fitted.proven,
        EVIDENCE.index(Evidence.PROVEN),
        EVIDENCE.index(Evidence.UNPROVEN),
    )
    code = np.where(heard, code, EVIDENCE.index(Evidence.NONE))
    if stale is not None:
        code = np.where(stale, EVIDENCE.index(Evidence.STALE), code)
    return np.asarray(code, dtype=np.int8)


def _named(producers: tuple[object, ...]) -> str:
    return ", ".join(
        f"{getattr(p, 'member', p)} {getattr(p, 'timeframe', '')} "
        f"{str(getattr(p, 'artefact', ''))[:8]}"
        for p in producers
    )
