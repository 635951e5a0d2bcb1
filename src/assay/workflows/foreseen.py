"""What each member foretold at the newest signal of a series, in prices."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from assay.core.calendars.calendar import calendar
from assay.core.errors import HistoryError, NotFoundError
from assay.core.values.reason import Reason
from assay.core.values.timeframe import Timeframe
from assay.store.signals import SignalRow, Signals
from assay.workflows.desk import Desk
from assay.workflows.recorded import as_recorded
from assay.workflows.stored_instruments import known

NOT_KEPT = "the signal was issued before quantiles were kept with it; the next one has them"
NO_PRICE = "the bar it was made on is stored no more, so there is no price to count from"
SPARE_BARS = 14
"""How many times a horizon is looked ahead for its end: a weekend and holidays fit in."""


@dataclass(frozen=True, slots=True)
class Quantile:
    """The probability that it ends below, the log return there, in volatilities, and the price."""

    p: float
    scaled: float
    log_return: float
    price: float


@dataclass(frozen=True, slots=True)
class Foretold:
    """One member's forecast: `fan` are its quantiles where its horizon ends.

    It was made at the close `made_at` at `price`, and ends `horizon_bars` bars of `timeframe`
    later, at `until` by the market's calendar (None where that is not known). `volatility` is the
    expected standard deviation of the log return over the horizon. `absent` says why there is no
    fan; `silent` why there is nothing at all.
    """

    member: str
    family: str
    timeframe: Timeframe
    artefact: str
    weight: float
    probability: float
    p_down: float | None
    p_flat: float | None
    p_up: float | None
    made_at: datetime | None
    until: datetime | None
    horizon_bars: int
    price: float | None
    volatility: float | None
    fan: tuple[Quantile, ...]
    absent: str | None
    silent: str | None


@dataclass(frozen=True, slots=True)
class Foreseen:
    """The newest signal of a series and what each of its members foretold."""

    signal: SignalRow
    digits: int
    members: tuple[Foretold, ...]


def foreseen(desk: Desk, symbol: str, timeframe: Timeframe) -> Foreseen:
    """Return the forecasts kept with the newest signal; none yet is a `NotFoundError`."""
    instrument = known(desk, symbol)
    rows = Signals(desk.journal).newest(instrument.symbol, timeframe)
    if rows is None:
        raise NotFoundError(
            f"No signal of {instrument.symbol} {timeframe} is issued yet; ask for one with POST "
            "/api/v1/signals or assay signal"
        )
    row = as_recorded(desk, rows)
    prices: dict[tuple[Timeframe, datetime], float | None] = {
        (timeframe, row.as_of): row.payload["entry"]
    }
    members = tuple(_foretold(desk, row, part, prices) for part in row.payload["members"])
    return Foreseen(row, instrument.price_digits, members)


def _foretold(
    desk: Desk,
    row: SignalRow,
    part: Mapping[str, Any],
    prices: dict[tuple[Timeframe, datetime], float | None],
) -> Foretold:
    timeframe, classes = Timeframe(part["timeframe"]), part["classes"]
    made_at = datetime.fromisoformat(part["made_at"]) if part["made_at"] else None
    horizon = row.payload["horizon_bars"]
    price = until = None
    if made_at is not None:
        if (timeframe, made_at) not in prices:
            prices[timeframe, made_at] = _close(desk, row.symbol, timeframe, made_at)
        price = prices[timeframe, made_at]
        until = horizon_end(desk, row.symbol, timeframe, made_at, horizon)
    fan, absent = fan_of(part, price)
    return Foretold(
        member=part["member"],
        family=part["family"],
        timeframe=timeframe,
        artefact=part["artefact"],
        weight=part["weight"],
        probability=part["probability"],
        p_down=classes and classes["down"],
        p_flat=classes and classes["flat"],
        p_up=classes and classes["up"],
        made_at=made_at,
        until=until,
        horizon_bars=horizon,
        price=price,
        volatility=part.get("volatility"),
        fan=fan,
        absent=absent if classes else None,
        silent=None if classes else silence_of(part),
    )


def fan_of(part: Mapping[str, Any], price: float | None) -> tuple[tuple[Quantile, ...], str | None]:
    """Return the quantiles of one member's stored forecast, or why there are none.

    A quantile is a log return in units of `volatility`, that of the log return over the horizon,
    so the price there is price x exp(quantile x volatility): see `core.values.forecast`.
    """
    quantiles, volatility = part.get("quantiles"), part.get("volatility")
    if quantiles is None or volatility is None:
        return (), NOT_KEPT
    if price is None:
        return (), NO_PRICE
    return tuple(
        Quantile(float(p), q, q * volatility, price * math.exp(q * volatility))
        for p, q in sorted(quantiles.items(), key=lambda one: float(one[0]))
    ), None


def silence_of(part: Mapping[str, Any]) -> str:
    """Return why a member said nothing, in a sentence."""
    return Reason(part["reason"] or Reason.NOT_FINITE).of_member


def horizon_end(
    desk: Desk, symbol: str, timeframe: Timeframe, made_at: datetime, bars: int
) -> datetime | None:
    """Return the close of the bar `bars` after `made_at` by the calendar, None where unknown."""
    market = calendar(known(desk, symbol).calendar)
    reach = SPARE_BARS * max(bars * timeframe.length, Timeframe.D1.length)
    try:
        closes = market.expected_closes(timeframe, made_at, made_at + reach)
    except HistoryError:
        return None
    after = closes.filter(closes > made_at)
    return after[bars - 1] if len(after) >= bars else None


def _close(desk: Desk, symbol: str, timeframe: Timeframe, at: datetime) -> float | None:
    try:
        bars = desk.bars.read(known(desk, symbol), timeframe, at, at).frame
    except NotFoundError:
        return None
    return float(bars["close"][0]) if bars.height else None
