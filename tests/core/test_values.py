"""Values refuse to exist wrong."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.core.errors import AssayError, DataError, NotFoundError, UserError
from assay.core.instruments import instrument
from assay.core.values.bars import BAR_SCHEMA, PRICES, Bars, first_problem
from assay.core.values.conviction import Conviction, Evidence, Tier
from assay.core.values.decision import Decision, Exposure, Side
from assay.core.values.forecast import Classes, Forecast
from assay.core.values.instrument import AssetClass, Instrument
from assay.core.values.reason import Reason
from assay.core.values.release import Release
from assay.core.values.story import Story
from assay.core.values.timeframe import Timeframe
from tests.factories import make_bars

NOW = datetime(2024, 7, 3, 12, tzinfo=UTC)
NAIVE = datetime(2024, 7, 3, 12)  # noqa: DTZ001 - a naive time is what has to be refused


def spoilt(column: str, value: float | None, row: int = 5) -> pl.DataFrame:
    frame = make_bars(20).frame
    at = pl.int_range(frame.height) == row
    return frame.with_columns(pl.when(at).then(pl.lit(value)).otherwise(column).alias(column))


@pytest.mark.parametrize("column", PRICES)
@pytest.mark.parametrize("value", [None, math.nan, math.inf, -math.inf, 0.0, -1.0])
def test_bars_refuse_prices_that_are_none(column: str, value: float | None) -> None:
    with pytest.raises(DataError, match=r"EURUSD 1h: .* in 1 bars, first in row 5 at 2020"):
        Bars(instrument("EURUSD"), Timeframe.H1, spoilt(column, value))


@pytest.mark.parametrize("value", [None, math.nan, math.inf, -1.0])
def test_bars_refuse_volumes_that_are_none_but_not_zero(value: float | None) -> None:
    assert "volume" in str(first_problem(spoilt("volume", value)))
    assert first_problem(spoilt("volume", 0.0)) is None


def test_bars_refuse_prices_outside_high_and_low() -> None:
    frame = make_bars(20).frame

    assert "high is below" in str(first_problem(frame.with_columns(high=pl.col("low") * 0.99)))
    assert "low is above" in str(
        first_problem(frame.with_columns(low=pl.max_horizontal("open", "close") * 1.000001))
    )


def test_bars_refuse_times_that_repeat_or_run_back() -> None:
    frame = make_bars(20).frame

    assert "does not increase" in str(first_problem(pl.concat([frame.head(5), frame.slice(4)])))
    assert "does not increase in 19 bars" in str(first_problem(frame.reverse()))


def test_bars_refuse_other_columns() -> None:
    frame = make_bars(5).frame

    with pytest.raises(DataError, match="bars need the columns"):
        Bars(instrument("EURUSD"), Timeframe.H1, frame.with_columns(spread=pl.lit(1.0)))
    with pytest.raises(DataError, match="bars need the columns"):
        Bars(instrument("EURUSD"), Timeframe.H1, frame.cast({"open": pl.Float32}))


@given(st.integers(0, 49))
def test_bars_until_a_moment_are_those_that_had_closed(row: int) -> None:
    bars = make_bars(50)
    moment = bars.frame["time"][row]

    assert len(bars.until(moment)) == row + 1
    assert len(bars.until(moment - timedelta(microseconds=1))) == row


def test_no_bars_have_no_last_time() -> None:
    none = Bars(instrument("EURUSD"), Timeframe.H1, pl.DataFrame(schema=BAR_SCHEMA))

    with pytest.raises(DataError, match="there are no bars"):
        _ = none.last_time


def test_timeframes_know_their_length_and_their_context() -> None:
    assert [t.minutes for t in Timeframe] == [1, 5, 10, 15, 30, 60, 240, 1440]
    assert all(t.length == timedelta(minutes=t.minutes) for t in Timeframe)
    assert [t for t in Timeframe if not t.is_intraday] == [Timeframe.D1]
    assert Timeframe.D1.higher is None
    for timeframe in list(Timeframe)[:-1]:
        assert timeframe.higher is not None
        assert 4 <= timeframe.higher.minutes / timeframe.minutes <= 8
        assert timeframe.higher.minutes % timeframe.minutes == 0


def test_timeframes_are_read_from_text() -> None:
    assert Timeframe.parse(" 4H ") is Timeframe.H4
    with pytest.raises(NotFoundError, match="No timeframe is called '2h'; there are 1m, 5m"):
        Timeframe.parse("2h")


def test_instruments_refuse_what_cannot_be_traded() -> None:
    known = instrument("EURUSD")

    for symbol in ("eurusd", "", "ÉURUSD"):
        with pytest.raises(DataError, match="upper-case ASCII"):
            replace(known, symbol=symbol)
    for wrong in (Decimal(0), Decimal(-1)):
        with pytest.raises(DataError, match="above zero"):
            replace(known, tick=wrong)
        with pytest.raises(DataError, match="above zero"):
            replace(known, lot=wrong)


@pytest.mark.parametrize(
    ("tick", "digits"), [("0.00001", 5), ("0.010", 2), ("1", 0), ("5", 0), ("100", 0), ("0.25", 2)]
)
def test_price_digits_are_those_of_the_tick(tick: str, digits: int) -> None:
    made = replace(instrument("EURUSD"), tick=Decimal(tick))

    assert made.price_digits == digits
    assert made.tick_size == float(tick)


@pytest.mark.parametrize(
    ("kind", "days"),
    [
        (AssetClass.CRYPTO, 365),
        (AssetClass.FX, 260),
        (AssetClass.METAL, 260),
        (AssetClass.EQUITY, 252),
        (AssetClass.INDEX, 252),
    ],
)
def test_years_have_the_trading_days_of_the_class(kind: AssetClass, days: int) -> None:
    known = instrument("EURUSD")
    made = Instrument(
        "X", kind, known.venue, known.tick, known.lot, known.quote, known.calendar, known.base
    )

    assert made.days_per_year == days


def test_nothing_is_seen_before_it_happened_and_no_time_is_naive() -> None:
    earlier = NOW - timedelta(seconds=1)

    with pytest.raises(DataError, match="before it happened"):
        Story(NOW, earlier, "wire", "text")
    with pytest.raises(DataError, match="has no text"):
        Story(NOW, NOW, "wire", " ")
    with pytest.raises(DataError, match="no time zone"):
        Story(NAIVE, NOW, "wire", "text")
    with pytest.raises(DataError, match="seen at"):
        Release("CPI", "USD", NOW, earlier, 1.0)
    with pytest.raises(DataError, match="no time zone"):
        Release("CPI", "USD", NOW, NAIVE, 1.0)
    assert Story(NOW, NOW, "wire", "text").instruments == ()


@given(st.floats(-0.5, 1.5), st.floats(-0.5, 1.5), st.floats(-0.5, 1.5))
def test_classes_are_probabilities_or_nothing(down: float, flat: float, up: float) -> None:
    right = all(0 <= p <= 1 for p in (down, flat, up)) and abs(down + flat + up - 1) <= 1e-6

    try:
        made = Classes(down, flat, up)
    except DataError:
        assert not right
    else:
        assert right
        assert 0 <= made.up_if_moved <= 1


def test_up_given_a_move_is_even_where_nothing_moves() -> None:
    assert Classes(0.0, 1.0, 0.0).up_if_moved == 0.5
    assert Classes(0.2, 0.2, 0.6).up_if_moved == pytest.approx(0.75)


def forecast(**change: Any) -> Forecast:
    classes = Classes(0.3, 0.3, 0.4)
    usual: dict[str, Any] = {
        "member": "ridge",
        "family": "linear",
        "symbol": "EURUSD",
        "timeframe": Timeframe.H1,
        "horizon_bars": 4,
        "made_at": NOW,
        "quantiles": {0.25: -1.0, 0.5: 0.0, 0.75: 1.0},
        "volatility": 0.01,
        "classes": classes,
        "raw": classes,
        "base": classes,
        "artefact": "m-1",
    }
    return Forecast(**(usual | change))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"quantiles": {0.5: 0.0, 0.25: 1.0}}, "quantiles cross"),
        ({"quantiles": {0.5: math.nan}}, "NaN or infinite"),
        ({"volatility": 0.0}, "volatility must be above zero"),
        ({"volatility": math.nan}, "volatility must be above zero"),
        ({"made_at": NAIVE}, "no time zone"),
    ],
)
def test_forecasts_refuse_what_no_distribution_is(change: dict[str, object], said: str) -> None:
    assert forecast().member == "ridge"
    with pytest.raises(DataError, match=said):
        forecast(**change)


def conviction(**change: Any) -> Conviction:
    usual: dict[str, Any] = {
        "symbol": "EURUSD",
        "timeframe": Timeframe.H1,
        "horizon_bars": 4,
        "as_of": NOW,
        "probability": 0.55,
        "low": 0.5,
        "high": 0.6,
        "base": 0.5,
        "log_odds": 0.2,
        "score": 50.0,
        "agreement": None,
        "agreement_by_timeframe": {},
        "effective_members": 1.0,
        "tier": Tier.LOW,
        "evidence": Evidence.NONE,
        "expected_move": 0.0,
        "volatility": 0.01,
        "parts": (),
        "reasons": (),
        "artefact": "f-1",
    }
    return Conviction(**(usual | change))


@pytest.mark.parametrize(
    "change", [{"low": 0.56}, {"high": 0.54}, {"low": -0.1}, {"score": 100.5}, {"as_of": NAIVE}]
)
def test_convictions_refuse_intervals_and_scores_that_are_none(change: dict[str, object]) -> None:
    assert conviction().score == 50.0
    with pytest.raises(DataError):
        conviction(**change)


def decision(**change: Any) -> Decision:
    usual: dict[str, Any] = {
        "symbol": "EURUSD",
        "as_of": NOW,
        "side": Side.LONG,
        "entry": 1.1,
        "stop": 1.0,
        "target": 1.2,
        "stop_atr": 2.0,
        "target_atr": 3.0,
        "atr": 0.05,
        "risk_fraction": 0.01,
        "reasons": (),
    }
    return Decision(**(usual | change))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"risk_fraction": 1.5}, "risk lies in"),
        ({"risk_fraction": math.nan}, "risk lies in"),
        ({"risk_fraction": 0.0}, "needs a stop, a target and some risk"),
        ({"stop": None}, "needs a stop"),
        ({"side": Side.WAIT}, "no stop, no target and no risk"),
        ({"side": Side.WAIT, "stop": None, "target": None, "risk_fraction": 0.0}, "without a"),
    ],
)
def test_decisions_are_bounded_or_wait_for_a_reason(change: dict[str, object], said: str) -> None:
    waits = {"side": Side.WAIT, "stop": None, "target": None, "risk_fraction": 0.0}
    assert decision().side.sign == 1
    assert decision(**waits, reasons=(Reason.STALE,)).side.sign == 0
    with pytest.raises(DataError, match=said):
        decision(**change)


@pytest.mark.parametrize("cap", [-0.01, 1.01, math.nan])
def test_exposure_never_enlarges(cap: float) -> None:
    with pytest.raises(DataError, match="an exposure cap lies in"):
        Exposure("guard", cap)


def test_a_person_s_mistake_exits_2_and_ours_1() -> None:
    assert (UserError.exit_code, AssayError.exit_code) == (2, 1)
    assert issubclass(DataError, UserError)
