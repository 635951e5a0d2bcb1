import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.core.errors import DataError, SettingsError
from assay.core.instruments import instrument
from assay.core.values.decision import Decision, Side
from assay.core.values.reason import Reason
from assay.risk.limits import Holding, Limits, PortfolioState, allow
from tests.risk.situations import AS_OF

UNHURRIED = settings(deadline=None, max_examples=200)
NONE = Limits(None, None, None, None, None, None, None, None)
EURUSD = instrument("EURUSD")


def decision(risk: float = 0.01, side: Side = Side.LONG) -> Decision:
    """Return a decision whose stop is 1 % away: its value over the equity is 100 x risk."""
    if side is Side.WAIT:
        return Decision("EURUSD", AS_OF, side, 1.0, None, None, 2.0, 3.0, 0.005, 0.0,
                        (Reason.UNPROVEN,))  # fmt: skip
    return Decision("EURUSD", AS_OF, side, 1.0, 1.0 - side.sign * 0.01, 1.0 + side.sign * 0.015,
                    2.0, 3.0, 0.005, risk, ())  # fmt: skip


def account(*holdings: Holding, equity: float = 100.0, **marks: float) -> PortfolioState:
    return PortfolioState(
        equity,
        marks.get("peak", 100.0),
        marks.get("day", 100.0),
        marks.get("week", 100.0),
        holdings,
    )


def test_with_room_a_decision_stays_as_it_is() -> None:
    made = decision()

    assert allow(made, account(), Limits(), EURUSD) is made


@pytest.mark.parametrize(
    ("limits", "held", "left"),
    [
        (Limits(0.015, None, None, None), Holding("EURUSD", "EUR", "USD", 1.0, 0.01), 0.005),
        (Limits(None, 0.015, None, None), Holding("USDJPY", "USD", "JPY", 1.0, 0.01), 0.005),
        (Limits(None, None, None, 1.5), Holding("USDJPY", "USD", "JPY", -1.0, 0.01), 0.005),
        (Limits(None, None, 1.5, None), Holding("EURGBP", "EUR", "GBP", 1.0, 0.01), 0.005),
        (Limits(None, None, 1.5, None), Holding("GBPUSD", "GBP", "USD", 1.0, 0.01), 0.005),
    ],
)
def test_a_limit_leaves_what_room_there_is(limits: Limits, held: Holding, left: float) -> None:
    made = allow(decision(), account(held), limits, EURUSD)

    assert made.side is Side.LONG
    assert made.risk_fraction == pytest.approx(left)
    assert made.reasons == (Reason.EXPOSURE_LIMIT,)


def test_a_hedge_of_a_full_currency_is_let_through() -> None:
    full = Holding("EURUSD", "EUR", "USD", 1.5, 0.0)
    limits = Limits(None, None, 1.5, None)

    assert allow(decision(side=Side.SHORT), account(full), limits, EURUSD).risk_fraction == 0.01
    refused = allow(decision(), account(full), limits, EURUSD)
    assert (refused.side, refused.reasons) == (Side.WAIT, (Reason.EXPOSURE_LIMIT,))


def test_no_more_instruments_than_allowed() -> None:
    limits = Limits(positions=1)
    other = Holding("USDJPY", "USD", "JPY", 0.1, 0.001)
    same = Holding("EURUSD", "EUR", "USD", 0.1, 0.001)

    assert allow(decision(), account(other), limits, EURUSD).side is Side.WAIT
    assert allow(decision(0.001), account(same), limits, EURUSD).side is Side.LONG


@pytest.mark.parametrize(
    ("limits", "state"),
    [
        (Limits(daily_loss=0.03), account(equity=97.0)),
        (Limits(daily_loss=None, weekly_loss=0.06), account(equity=94.0, day=94.0)),
        (Limits(drawdown=0.15), account(equity=85.0, day=85.0, week=85.0)),
        (NONE, account(equity=0.0)),
        (NONE, account(equity=float("nan"))),
    ],
)
def test_a_loss_limit_ends_new_positions(limits: Limits, state: PortfolioState) -> None:
    made = allow(decision(), state, limits, EURUSD)

    assert (made.side, made.reasons) == (Side.WAIT, (Reason.LOSS_LIMIT,))
    assert (made.risk_fraction, made.stop, made.target) == (0.0, None, None)


def test_just_under_the_loss_limit_trading_goes_on() -> None:
    state = account(equity=97.01)

    assert allow(decision(), state, Limits(daily_loss=0.03), EURUSD).side is Side.LONG


def test_waiting_stays_waiting() -> None:
    made = decision(side=Side.WAIT)

    assert allow(made, account(equity=1.0), Limits(), EURUSD) is made


def test_limits_of_another_market_are_refused() -> None:
    with pytest.raises(DataError, match="GBPUSD"):
        allow(decision(), account(), Limits(), instrument("GBPUSD"))


def test_a_limit_of_nothing_is_refused() -> None:
    with pytest.raises(SettingsError, match="leverage"):
        Limits(leverage=0.0)


holdings = st.lists(
    st.builds(
        lambda pair, value, risk: Holding(pair, pair[:3], pair[3:], value, risk),
        st.sampled_from(["EURUSD", "GBPUSD", "USDJPY", "EURGBP"]),
        st.floats(-8, 8),
        st.floats(0, 0.05),
    ),
    max_size=6,
)
few = st.one_of(st.none(), st.floats(0.001, 0.2))
limit_sets = st.builds(
    Limits,
    few,
    few,
    st.one_of(st.none(), st.floats(0.1, 10)),
    st.one_of(st.none(), st.floats(0.1, 20)),
    st.one_of(st.none(), st.integers(1, 5)),
    few,
    few,
    few,
)


@UNHURRIED
@given(
    held=holdings,
    limits=limit_sets,
    risk=st.floats(1e-4, 0.5),
    side=st.sampled_from([Side.LONG, Side.SHORT]),
    equity=st.floats(50, 120),
)
def test_limits_only_shrink_or_refuse_and_are_then_kept(
    held: list[Holding], limits: Limits, risk: float, side: Side, equity: float
) -> None:
    asked, state = decision(risk, side), account(*held, equity=equity)

    made = allow(asked, state, limits, EURUSD)

    assert made.side in (side, Side.WAIT)
    assert made.risk_fraction <= asked.risk_fraction
    assert made.side is Side.WAIT or (made.stop, made.target) == (asked.stop, asked.target)
    if made.side is not Side.WAIT:
        if limits.total_risk is not None:
            total = sum(h.risk for h in held) + made.risk_fraction
            assert total <= limits.total_risk + 1e-9
        if limits.leverage is not None:
            gross = sum(abs(h.value) for h in held) + made.risk_fraction * 100
            assert gross <= limits.leverage + 1e-6
        if limits.currency_value is not None:
            euro = sum(h.value for h in held if h.base == "EUR")
            after = euro + side.sign * made.risk_fraction * 100
            assert abs(after) <= max(limits.currency_value, abs(euro)) + 1e-6
