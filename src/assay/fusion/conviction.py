"""One moment's forecasts to a `Conviction`, through the same arithmetic as the bulk."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np

from assay.core.clock import utc
from assay.core.errors import DataError
from assay.core.values.conviction import Conviction, Evidence, MemberPart, Tier
from assay.core.values.forecast import Forecast
from assay.core.values.reason import Reason
from assay.core.values.timeframe import Timeframe
from assay.fusion.combine import Combined, combine
from assay.fusion.evidence import Floats, Moments
from assay.fusion.fitted import FittedFusion
from assay.fusion.pool import EVIDENCE, TIERS, Mask, Pooled, allowed, pool

_SILENT = (math.nan, math.nan, 0.0, 0.0)
"""What a producer says that has no forecast: p up, base, age, median move."""


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
    said, may = moments.evidence, allowed(fitted, promoted)
    raw = np.where(may, said, np.nan)
    combined = _combined(raw, moments, fitted)
    pooled = pool(moments, raw, combined.first, fitted, np.array([stale]))
    parts = (*_parts(pooled, moments, said, fitted, may), *_strangers(latest, fitted))
    tier, evidence = TIERS[int(pooled.tier[0])], EVIDENCE[int(pooled.evidence[0])]
    agreement, *by_timeframe = (
        None if math.isnan(value) else value
        for value in (*pooled.agreement.tolist(), *combined.agreement[1:].tolist())
    )
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
        agreement=agreement,
        agreement_by_timeframe=dict(zip(fitted.timeframes, by_timeframe, strict=True)),
        effective_members=float(pooled.effective_members[0]),
        tier=tier,
        evidence=evidence,
        expected_move=float(pooled.expected_move[0]),
        volatility=volatility,
        parts=parts,
        reasons=_reasons(tier, evidence, parts, one_family=bool(pooled.one_family[0])),
        artefact=fitted.id,
    )


def _combined(raw: Floats, moments: Moments, fitted: FittedFusion) -> Combined:
    """Return the pool of all evidence `raw` (1, M), and below it that of each timeframe alone.

    The weights of a timeframe are those of the pool, among its own producers.
    """
    alone = np.where(fitted.on_timeframe, raw, np.nan)
    fresh = moments.freshness(fitted.settings.half_life_bars)
    rows = np.vstack([raw, alone])
    return combine(rows, np.broadcast_to(fresh, rows.shape), fitted.learned)


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
    said = []  # a row a producer
    for producer in fitted.producers:
        forecast = by_key.get((producer.member, producer.timeframe, producer.artefact))
        if forecast is None:
            said.append(_SILENT)
            continue
        age = None if ages is None else ages.get(forecast.artefact)
        if age is None:
            age = (moment - forecast.made_at) / forecast.timeframe.length
        up, base = forecast.classes.up_if_moved, forecast.base.up_if_moved
        said.append((up, base, age, forecast.quantiles[0.5]))
    p, base, age, move = np.array(said, dtype=np.float64).reshape(-1, 4).T[:, None].copy()
    time = np.array([round(moment.timestamp() * 1e6)], dtype=np.int64)
    return Moments(fitted.producers, time, p, base, age, move, fitted.horizons)


def _parts(
    pooled: Pooled, moments: Moments, evidence: Floats, fitted: FittedFusion, may: Mask
) -> tuple[MemberPart, ...]:
    """Return one part a producer of the fit; one without a forecast shows its base rate."""
    columns = evidence[0], moments.p_up[0], pooled.weight[0], pooled.part[0], may
    parts = []
    for i, found in enumerate(zip(*(column.tolist() for column in columns), strict=True)):
        leans, p_up, weight, part, heard = found
        producer, said = fitted.producers[i], math.isfinite(leans)
        parts.append(
            MemberPart(
                producer.member,
                producer.family,
                producer.timeframe,
                p_up if said else fitted.base,
                leans * fitted.slope[i] if said else 0.0,
                weight,
                part,
                fitted.skill[i],
                fitted.skill_error[i],
                producer.artefact,
                _why_nothing(said=said, may=heard, weighs=fitted.cluster[i] >= 0),
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
