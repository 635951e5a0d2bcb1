"""Limits of a whole account: they shrink or refuse, and never enlarge or turn a decision."""

from collections import defaultdict
from dataclasses import dataclass, replace

from assay.core.errors import DataError, SettingsError
from assay.core.values.decision import Decision, Side
from assay.core.values.instrument import Instrument
from assay.core.values.reason import Reason

SLACK = 1e-12
"""Room smaller than this is none: it is the rounding of sums."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an account may risk; fractions of the equity, None for no limit.

    Open risk is what is lost if stops are hit: `instrument_risk` in one instrument, `total_risk`
    in all. `currency_value` bounds the net value held in any one currency or asset, `leverage`
    the gross value of all positions, `positions` the instruments held. New positions end with
    `daily_loss` or `weekly_loss` (of the equity at the start of the day or week) and with
    `drawdown` from the highest equity.
    """

    instrument_risk: float | None = 0.02
    total_risk: float | None = 0.06
    currency_value: float | None = 5.0
    leverage: float | None = 10.0
    positions: int | None = 10
    daily_loss: float | None = 0.03
    weekly_loss: float | None = 0.06
    drawdown: float | None = 0.15

    def __post_init__(self) -> None:
        for name in self.__dataclass_fields__:
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise SettingsError(f"Limits: {name} must be above 0, or none; found {value}")


@dataclass(frozen=True, slots=True)
class Holding:
    """One open position, or an order that may still become one.

    `value` is its signed market value and `risk` what its stop would lose, both over the equity.
    """

    symbol: str
    base: str
    quote: str
    value: float
    risk: float


@dataclass(frozen=True, slots=True)
class PortfolioState:
    """The account now, in its own currency: equity, its marks, and what is held."""

    equity: float
    peak_equity: float
    day_start_equity: float
    week_start_equity: float
    holdings: tuple[Holding, ...] = ()

    def __post_init__(self) -> None:
        if not min(self.peak_equity, self.day_start_equity, self.week_start_equity) > 0:
            raise DataError("An account's peak and starting equity must be above 0")


def allow(
    decision: Decision, state: PortfolioState, limits: Limits, instrument: Instrument
) -> Decision:
    """Return `decision`, smaller where a limit leaves less room, or WAIT where it leaves none.

    The side, the stop and the target stay; the risk never grows. LOSS_LIMIT refuses, as does an
    account whose equity is gone; EXPOSURE_LIMIT is added where the risk was cut. A trade that
    brings a currency back toward zero is not held up by that currency's limit until it would
    overshoot on the other side.
    """
    if decision.side is Side.WAIT:
        return decision
    if instrument.symbol != decision.symbol:
        raise DataError(f"Limits of {instrument.symbol} were asked about {decision.symbol}")
    if _loss_reached(state, limits):
        return _refused(decision, Reason.LOSS_LIMIT)
    share = min(1.0, *_room(decision, state, limits, instrument))
    if share >= 1.0:
        return decision
    if share <= SLACK:
        return _refused(decision, Reason.EXPOSURE_LIMIT)
    return replace(
        decision,
        risk_fraction=decision.risk_fraction * share,
        reasons=_with(decision.reasons, Reason.EXPOSURE_LIMIT),
    )


def _loss_reached(state: PortfolioState, limits: Limits) -> bool:
    marks = (
        (limits.daily_loss, state.day_start_equity),
        (limits.weekly_loss, state.week_start_equity),
        (limits.drawdown, state.peak_equity),
    )
    if not state.equity > 0:
        return True
    return any(
        limit is not None and 1.0 - state.equity / mark >= limit - SLACK for limit, mark in marks
    )


def _room(
    decision: Decision, state: PortfolioState, limits: Limits, instrument: Instrument
) -> list[float]:
    """Return, per limit, which share of the decision fits in."""
    value = _value(decision)
    own = [h for h in state.holdings if h.symbol == decision.symbol]
    risk, gross = decision.risk_fraction, sum(abs(h.value) for h in state.holdings)
    room = [
        _share(limits.instrument_risk, sum(h.risk for h in own), risk),
        _share(limits.total_risk, sum(h.risk for h in state.holdings), risk),
        _share(limits.leverage, gross, abs(value)),
        _currency_share(limits.currency_value, state, instrument, value),
    ]
    held = {h.symbol for h in state.holdings}
    if limits.positions is not None and not own and len(held) >= limits.positions:
        room.append(0.0)
    return room


def _value(decision: Decision) -> float:
    """Return the signed value of the position over the equity, from the risk and the stop."""
    assert decision.stop is not None
    distance = abs(decision.entry - decision.stop) / decision.entry
    return decision.side.sign * decision.risk_fraction / distance


def _share(limit: float | None, used: float, asked: float) -> float:
    return 1.0 if limit is None else max(0.0, limit - used) / asked


def _currency_share(
    limit: float | None, state: PortfolioState, instrument: Instrument, value: float
) -> float:
    if limit is None:
        return 1.0
    net: dict[str, float] = defaultdict(float)
    for holding in state.holdings:
        net[holding.base] += holding.value
        net[holding.quote] -= holding.value
    shares = []
    for currency, change in ((instrument.base, value), (instrument.quote, -value)):
        towards = limit - net[currency] if change > 0 else limit + net[currency]
        shares.append(max(0.0, towards) / abs(change))
    return min(shares)


def _refused(decision: Decision, reason: Reason) -> Decision:
    return replace(
        decision,
        side=Side.WAIT,
        stop=None,
        target=None,
        risk_fraction=0.0,
        reasons=_with(decision.reasons, reason),
    )


def _with(reasons: tuple[Reason, ...], more: Reason) -> tuple[Reason, ...]:
    both = {*reasons, more}
    return tuple(reason for reason in Reason if reason in both)
