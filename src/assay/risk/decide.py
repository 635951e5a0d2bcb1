"""From an opinion to a bounded decision, or to a refusal with every reason that applies."""

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from assay.core.errors import DataError
from assay.core.values.conviction import Conviction, Evidence, Tier
from assay.core.values.decision import Decision, Exposure, Side
from assay.core.values.instrument import Instrument
from assay.core.values.reason import Reason
from assay.core.values.timeframe import Timeframe
from assay.core.values.view import Verdict, VerdictKind
from assay.fusion.pool import EVIDENCE, TIERS
from assay.risk.contract import Bets, Floats
from assay.risk.opinions import Opinions, opinion_of
from assay.risk.reasons import BIT, mask_of, reasons_of
from assay.risk.settings import RiskSettings

Masks = NDArray[np.int64]
Flags = NDArray[np.bool_]
VERDICTS = tuple(VerdictKind)
NO_VERDICT = -1


@dataclass(frozen=True, slots=True)
class Context:
    """What else is known at one decision.

    `cost_fraction` is a round trip (fees, spread, slippage) over the price; `bars_per_year` is of
    the conviction's timeframe. `blocks` are reasons found elsewhere that forbid a position: stale,
    market closed, bad bar, warm-up, missing or quarantined model, loss limit.
    """

    instrument: Instrument
    cost_fraction: float
    bars_per_year: float
    exposures: tuple[Exposure, ...] = ()
    blocks: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Situations:
    """What else is known at n decisions on one instrument, shape (n,) throughout.

    `tick` is its price step and `horizons_per_year` how many decision horizons a year has.
    `verdict` indexes `VERDICTS`, -1 where the analyst was not asked; `size_cap` in [0, 1] is the
    analyst's, `exposure` in [0, 1] the product of all `Exposure` caps; `blocks` are bits of
    reasons (`reasons.mask_of`).
    """

    tick: float
    horizons_per_year: float
    price: Floats
    atr: Floats
    cost_fraction: Floats
    verdict: NDArray[np.int8]
    size_cap: Floats
    exposure: Floats
    blocks: Masks

    def __post_init__(self) -> None:
        if not (self.tick > 0 and self.horizons_per_year > 0):
            raise DataError(
                "Risk: the tick and the horizons per year must be above 0; found "
                f"{self.tick} and {self.horizons_per_year}"
            )
        for name in ("size_cap", "exposure"):
            values = getattr(self, name)
            if not ((values >= 0) & (values <= 1)).all():
                raise DataError(f"Risk: {name} lies in [0, 1]; found a value outside, or NaN")


@dataclass(frozen=True, slots=True)
class Decisions:
    """n decisions, shape (n,): `side` +1, -1 or 0; distances in whole ticks from the fill.

    Where `side` is 0 the ticks and the risk are 0 and `reasons` says why; elsewhere `reasons` says
    what made the risk smaller.
    """

    side: NDArray[np.int8]
    stop_ticks: NDArray[np.int64]
    target_ticks: NDArray[np.int64]
    risk_fraction: Floats
    reasons: Masks

    def __len__(self) -> int:
        return len(self.side)


def decide(
    conviction: Conviction,
    verdict: Verdict | None,
    atr: float,
    price: float,
    settings: RiskSettings,
    context: Context,
) -> Decision:
    """Return LONG or SHORT with stop and target, or WAIT with every reason that applies.

    `atr` is ATR(14) and `price` the last close, both in the quote currency. `decide_many` says the
    rules. Stop and target are rounded to ticks, both **away** from the entry: the stop is never
    nearer than asked, the target never easier. Where a price is missing the entry and the ATR of
    the refusal are 0.
    """
    cap = 1.0
    for exposure in context.exposures:
        cap *= exposure.cap
    one = Situations(
        tick=context.instrument.tick_size,
        horizons_per_year=context.bars_per_year / conviction.horizon_bars,
        price=np.array([price], np.float64),
        atr=np.array([atr], np.float64),
        cost_fraction=np.array([context.cost_fraction], np.float64),
        verdict=np.array(
            [NO_VERDICT if verdict is None else VERDICTS.index(verdict.kind)], np.int8
        ),
        size_cap=np.array([1.0 if verdict is None else verdict.size_cap]),
        exposure=np.array([cap]),
        blocks=np.array([mask_of(context.blocks)], np.int64),
    )
    made = decide_many(opinion_of(conviction), one, settings)
    sign, known = int(made.side[0]), bool(np.isfinite(price) and np.isfinite(atr))
    stop, target = _prices(
        context.instrument.tick, price, sign, int(made.stop_ticks[0]), int(made.target_ticks[0])
    )
    return Decision(
        symbol=conviction.symbol,
        as_of=conviction.as_of,
        side={1: Side.LONG, -1: Side.SHORT, 0: Side.WAIT}[sign],
        entry=price if known else 0.0,
        stop=stop,
        target=target,
        stop_atr=settings.stop_atr,
        target_atr=settings.target_atr,
        atr=atr if known else 0.0,
        risk_fraction=float(made.risk_fraction[0]),
        reasons=reasons_of(int(made.reasons[0])),
    )


def decide_many(opinions: Opinions, situations: Situations, settings: RiskSettings) -> Decisions:
    """Return n decisions; a row leaves WAIT only if nothing at all speaks against it.

    Against it speak: a number that is missing (NOT_FINITE); a stop as far as the price itself
    (BAD_BAR); any block handed in; evidence that is not PROVEN; a tier under MODERATE or
    DIVERGENT; an expected move, on the side taken, that does not exceed `cost_multiple` round trips
    (UNDER_COST); a challenge by the analyst (CHALLENGED); caps that leave nothing (PROTECTED,
    REFEREE_CAPPED); a risk under `least_risk` (TOO_SMALL). The size is that of the sizing rule
    times the exposure cap times the analyst's: nothing can enlarge it, nothing can turn the side.
    Whoever was not asked (verdict -1) does not shrink.
    """
    side = np.sign(opinions.shift)
    finite = _finite(opinions, situations)
    with np.errstate(invalid="ignore", divide="ignore"):
        stop = _ticks(settings.stop_atr * situations.atr, situations.tick, finite)
        target = _ticks(settings.target_atr * situations.atr, situations.tick, finite)
        against = _against(opinions, situations, settings, side, finite)
        against |= np.where(
            finite & (stop * situations.tick >= situations.price), BIT[Reason.BAD_BAR], 0
        )
        size = settings.sizer.fractions(_bets(opinions, situations, side, finite, stop, target))
    cap, told = _referee(situations, settings)
    told |= np.where(situations.exposure < 1.0, BIT[Reason.PROTECTED], 0)
    allowed = cap * situations.exposure
    against |= np.where(allowed <= 0, told, 0)
    risk = size * allowed
    small = finite & (allowed > 0) & (risk < settings.least_risk)
    against |= np.where(small, BIT[Reason.TOO_SMALL], 0)
    trades = (against == 0) & (side != 0)
    reasons = np.where(trades, told, against | told)
    return Decisions(
        np.where(trades, side, 0).astype(np.int8),
        np.where(trades, stop, 0).astype(np.int64),
        np.where(trades, target, 0).astype(np.int64),
        np.where(trades, risk, 0.0),
        reasons.astype(np.int64),
    )


def bars_per_year(
    instrument: Instrument, timeframe: Timeframe, session_minutes: int = 1440
) -> float:
    """Return how many bars a year has; a day of an exchange trades `session_minutes`."""
    bars = session_minutes / timeframe.minutes if timeframe.is_intraday else 1.0
    return instrument.days_per_year * max(bars, 1.0)


def _finite(opinions: Opinions, situations: Situations) -> Flags:
    numbers = (
        opinions.shift,
        opinions.probability,
        opinions.low,
        opinions.high,
        opinions.base,
        opinions.expected_move,
        opinions.volatility,
        situations.price,
        situations.atr,
        situations.cost_fraction,
    )
    finite = np.logical_and.reduce([np.isfinite(n) for n in numbers])
    positive = (situations.price > 0) & (situations.atr > 0) & (opinions.volatility > 0)
    return np.asarray(finite & positive & (situations.cost_fraction >= 0))


def _ticks(distance: Floats, tick: float, finite: Flags) -> Floats:
    """Return whole ticks, rounded up, at least 1; a billionth of a tick is rounding."""
    return np.where(finite, np.maximum(np.ceil(distance / tick - 1e-9), 1.0), 0.0)


def _against(
    opinions: Opinions, situations: Situations, settings: RiskSettings, side: Floats, finite: Flags
) -> Masks:
    gain = side * opinions.expected_move * opinions.volatility
    under = ~(gain > settings.cost_multiple * situations.cost_fraction)
    rules = (
        (Reason.NOT_FINITE, ~finite),
        (Reason.STALE, opinions.evidence == EVIDENCE.index(Evidence.STALE)),
        (Reason.UNPROVEN, opinions.evidence == EVIDENCE.index(Evidence.UNPROVEN)),
        (Reason.NO_EVIDENCE, opinions.evidence == EVIDENCE.index(Evidence.NONE)),
        (Reason.DIVERGENT, opinions.tier == TIERS.index(Tier.DIVERGENT)),
        (Reason.LOW_CONVICTION, (opinions.tier == TIERS.index(Tier.LOW)) | ~(side != 0)),
        (Reason.UNDER_COST, finite & under),
    )
    against = situations.blocks.copy()
    for reason, applies in rules:
        against |= np.where(applies, BIT[reason], 0)
    return against


def _referee(situations: Situations, settings: RiskSettings) -> tuple[Floats, Masks]:
    """Return the analyst's cap (n,) and the reasons it gives (n,)."""
    kind = situations.verdict
    challenged = kind == VERDICTS.index(VerdictKind.CHALLENGE)
    abstained = kind == VERDICTS.index(VerdictKind.ABSTAIN)
    cap = np.where(kind == NO_VERDICT, 1.0, situations.size_cap)
    cap = np.where(abstained, np.minimum(cap, settings.abstain_cap), cap)
    if settings.challenge_vetoes:
        cap = np.where(challenged, 0.0, cap)
    told = np.where(challenged, BIT[Reason.CHALLENGED], 0)
    told |= np.where(abstained, BIT[Reason.REFEREE_ABSTAINED], 0)
    told |= np.where((cap < 1.0) & ~challenged & ~abstained, BIT[Reason.REFEREE_CAPPED], 0)
    return cap, told


def _bets(
    opinions: Opinions,
    situations: Situations,
    side: Floats,
    finite: Flags,
    stop: Floats,
    target: Floats,
) -> Bets:
    long = side > 0
    tick_fraction = np.where(finite, situations.tick / situations.price, np.nan)
    return Bets(
        probability=np.where(long, opinions.probability, 1.0 - opinions.probability),
        low=np.where(long, opinions.low, 1.0 - opinions.high),
        base=np.where(long, opinions.base, 1.0 - opinions.base),
        stop=stop * tick_fraction,
        target=target * tick_fraction,
        cost=situations.cost_fraction,
        volatility=opinions.volatility * np.sqrt(situations.horizons_per_year),
    )


def _prices(
    tick: Decimal, price: float, sign: int, stop_ticks: int, target_ticks: int
) -> tuple[float | None, float | None]:
    if not sign:
        return None, None
    steps = price / float(tick)
    near, far = (np.floor(steps + 1e-9), np.ceil(steps - 1e-9))
    if sign < 0:
        near, far = far, near
    stop, target = int(near) - sign * stop_ticks, int(far) + sign * target_ticks
    return float(tick * stop), float(tick * max(target, 1))
