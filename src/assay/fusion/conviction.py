"""One moment's forecasts to a `Conviction`, through the same arithmetic as the bulk."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np

from assay.core.clock import utc
from assay.core.errors import DataError
from assay.core.values.conviction import Conviction, Evidence, MemberPart, Tier
from assay.core.values.forecast import Forecast
from assay.core.values.reason import Reason
from assay.core.values.timeframe import Timeframe
from assay.fusion.combine import combine
from assay.fusion.evidence import Moments
from assay.fusion.fitted import FittedFusion
from assay.fusion.pool import EVIDENCE, TIERS, Mask, Pooled, allowed, fuse_many


def fuse(
    forecasts: Sequence[Forecast],
    fitted: FittedFusion,
    *,
    as_of: datetime,
    volatility: float,
    ages: Mapping[str, float] | None = None,
    stale: bool = False,
    promoted: frozenset[str] | None = None,
) -> Conviction:
    """Return the conviction that `forecasts` give at `as_of` (UTC).

    The latest forecast of each producer counts; one made after `as_of`, or of another instrument,
    is refused (`DataError`). `volatility` is the expected standard deviation of the log return over
    the decision horizon. `ages` maps an artefact to the age of its forecast in bars of its own
    timeframe; without it the age is by the clock, weekends included. A forecast of a model the
    fusion was not fitted with is shown and weighs nothing. `fuse_many` gives the same numbers.
    """
    moment = utc(as_of, "time of a conviction")
    latest = _latest(forecasts, fitted.symbol, moment)
    moments = _one_moment(latest, fitted, moment, ages)
    pooled = fuse_many(moments, fitted, stale=np.array([stale]), promoted=promoted)
    may = allowed(fitted, promoted)
    parts = (*_parts(pooled, moments, fitted, may), *_strangers(latest, fitted))
    tier, evidence = TIERS[int(pooled.tier[0])], EVIDENCE[int(pooled.evidence[0])]
    agreement = float(pooled.agreement[0])
    return Conviction(
        symbol=fitted.symbol,
        timeframe=fitted.timeframe,
        horizon_bars=fitted.horizon_bars,
        as_of=moment,
        probability=float(pooled.probability[0]),
        low=float(pooled.low[0]),
        high=float(pooled.high[0]),
        base=float(pooled.base[0]),
        log_odds=float(pooled.log_odds[0]),
        score=float(pooled.score[0]),
        agreement=None if np.isnan(agreement) else agreement,
        agreement_by_timeframe=agreement_by_timeframe(moments, fitted, may),
        effective_members=float(pooled.effective_members[0]),
        tier=tier,
        evidence=evidence,
        expected_move=float(pooled.expected_move[0]),
        volatility=volatility,
        parts=parts,
        reasons=_reasons(tier, evidence, parts, one_family=bool(pooled.one_family[0])),
        artefact=fitted.id,
    )


def agreement_by_timeframe(
    moments: Moments, fitted: FittedFusion, may: Mask
) -> dict[Timeframe, float | None]:
    """Return the agreement among the producers of each timeframe, at the first moment.

    The weights are those of the pool, among the timeframe's own producers; None where fewer than
    1.2 effective ones speak.
    """
    order = tuple(Timeframe)
    timeframes = sorted({p.timeframe for p in fitted.producers}, key=order.index)
    own = np.array([[p.timeframe is t for p in fitted.producers] for t in timeframes])
    raw = np.where(own & may, moments.evidence[:1], np.nan)  # one row a timeframe
    fresh = np.broadcast_to(moments.freshness(fitted.settings.half_life_bars)[:1], raw.shape)
    values = combine(raw, fresh, fitted.learned).agreement
    return {
        timeframe: None if np.isnan(value) else float(value)
        for timeframe, value in zip(timeframes, values, strict=True)
    }


def _latest(forecasts: Sequence[Forecast], symbol: str, moment: datetime) -> list[Forecast]:
    latest: dict[tuple[str, Timeframe, str], Forecast] = {}
    for forecast in forecasts:
        if forecast.symbol != symbol:
            raise DataError(f"{symbol}: asked to fuse a forecast of {forecast.symbol}")
        if forecast.made_at > moment:
            raise DataError(
                f"{symbol}: a forecast of {forecast.member} was made at {forecast.made_at}, after "
                f"the decision at {moment}"
            )
        key = (forecast.member, forecast.timeframe, forecast.artefact)
        if key not in latest or forecast.made_at > latest[key].made_at:
            latest[key] = forecast
    return list(latest.values())


def _one_moment(
    latest: Sequence[Forecast],
    fitted: FittedFusion,
    moment: datetime,
    ages: Mapping[str, float] | None,
) -> Moments:
    by_key = {(f.member, f.timeframe, f.artefact): f for f in latest}
    size = len(fitted.producers)
    p, base, move = np.full((1, size), np.nan), np.full((1, size), np.nan), np.zeros((1, size))
    age = np.zeros((1, size))
    for column, producer in enumerate(fitted.producers):
        forecast = by_key.get((producer.member, producer.timeframe, producer.artefact))
        if forecast is None:
            continue
        p[0, column] = forecast.classes.up_if_moved
        base[0, column] = forecast.base.up_if_moved
        move[0, column] = forecast.quantiles[0.5]
        bars = (moment - forecast.made_at) / forecast.timeframe.length
        age[0, column] = bars if ages is None else ages.get(forecast.artefact, bars)
    time = np.array([round(moment.timestamp() * 1e6)], dtype=np.int64)
    return Moments(fitted.producers, time, p, base, age, move, np.array(fitted.horizon_minutes))


def _parts(
    pooled: Pooled, moments: Moments, fitted: FittedFusion, may: Mask
) -> tuple[MemberPart, ...]:
    """Return one part a producer of the fit; one without a forecast shows its base rate."""
    parts, evidence = [], moments.evidence[0]
    for i, producer in enumerate(fitted.producers):
        said = bool(np.isfinite(evidence[i]))
        shown = moments.p_up[0, i] if said else fitted.base
        reason = _why_nothing(said=said, may=bool(may[i]), weighs=fitted.cluster[i] >= 0)
        mapped = float(evidence[i]) * fitted.slope[i] if said else 0.0
        parts.append(
            MemberPart(
                producer.member,
                producer.family,
                producer.timeframe,
                float(shown),
                mapped,
                float(pooled.weight[0, i]),
                float(pooled.part[0, i]),
                fitted.skill[i],
                fitted.skill_error[i],
                producer.artefact,
                reason,
            )
        )
    return tuple(parts)


def _why_nothing(*, said: bool, may: bool, weighs: bool) -> Reason | None:
    if not said:
        return Reason.NOT_FINITE
    if not may:
        return Reason.NOT_PROMOTED
    return None if weighs else Reason.NO_EVIDENCE


def _strangers(latest: Sequence[Forecast], fitted: FittedFusion) -> tuple[MemberPart, ...]:
    known = {(p.member, p.timeframe, p.artefact) for p in fitted.producers}
    return tuple(
        MemberPart(
            f.member,
            f.family,
            f.timeframe,
            f.classes.up_if_moved,
            0.0,
            0.0,
            0.0,
            0.0,
            0.0,
            f.artefact,
            Reason.MISSING_MODEL,
        )
        for f in latest
        if (f.member, f.timeframe, f.artefact) not in known
    )


def _reasons(
    tier: Tier,
    evidence: Evidence,
    parts: tuple[MemberPart, ...],
    *,
    one_family: bool,
) -> tuple[Reason, ...]:
    applies = {
        Reason.STALE: evidence is Evidence.STALE,
        Reason.DIVERGENT: tier is Tier.DIVERGENT,
        Reason.LOW_CONVICTION: tier is Tier.LOW,
        Reason.UNPROVEN: evidence is Evidence.UNPROVEN,
        Reason.NO_EVIDENCE: evidence is Evidence.NONE,
        Reason.NOT_PROMOTED: any(p.reason is Reason.NOT_PROMOTED for p in parts),
        Reason.ONE_FAMILY: one_family,
    }
    return tuple(reason for reason in Reason if applies.get(reason, False))
