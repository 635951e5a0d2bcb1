from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.core.errors import DataError, SettingsError
from assay.kernel.book import BookResult, Limits, run_book, step_book
from assay.kernel.grid import align, align_orders, union
from assay.kernel.market import Market, Orders, Params
from assay.kernel.records import Integers, Records, Refusal, new_account, new_positions, new_trades
from assay.kernel.run import run
from tests.kernel.worlds import (
    conditions,
    make_market,
    once,
    order_lists,
    price_rows,
    priced,
    rules,
)

WIDE = Limits(max_positions=99, max_open_risk=1e6, max_leverage=1e6)
ROWS = 20
FEW = settings(deadline=None, max_examples=25)  # each example draws three whole markets
QUIET = [(100, 101, 99, 100)] * 6


@st.composite
def worlds(draw: st.DrawFn) -> list[tuple[Market, Orders, Params]]:
    extra = [draw(conditions(rows=ROWS)) for _ in range(3)]
    day = extra[0]["day"]  # one calendar: the account's day is the latest of its instruments'
    return [
        (
            make_market(draw(price_rows(rows=ROWS)), **(own | {"day": day})),
            draw(order_lists(rows=ROWS)),
            rules(costs=priced(1.0, 1), tick_value=draw(st.sampled_from([0.1, 1.0]))),
        )
        for own in extra
    ]


LIMITS = st.builds(
    Limits,
    max_positions=st.integers(1, 3),
    max_open_risk=st.floats(0.005, 0.1),
    max_leverage=st.floats(1, 20),
    daily_loss=st.none() | st.floats(0.005, 0.1),
    drawdown=st.none() | st.floats(0.01, 0.2),
)


def row_by_row(world: list[tuple[Market, Orders, Params]], limits: Limits) -> BookResult:
    account, positions = new_account(10_000.0), new_positions(len(world))
    rules_of = np.concatenate([params.record() for _, _, params in world])
    room, parts, curve = new_trades(2 * len(world)), [new_trades(0)], np.empty(ROWS)
    for t in range(ROWS):
        bars = np.concatenate([market.row(t) for market, _, _ in world])
        asked = np.concatenate([orders.row(t) for _, orders, _ in world])
        closed = step_book(account, positions, bars, asked, rules_of, limits.record(), room)
        parts.append(room[:closed].copy())
        curve[t] = account["equity"][0]
        held = carried(positions)
        assert held <= limits.max_positions
    return BookResult(np.concatenate(parts), curve, account, positions)


def carried(positions: Records) -> int:
    return int(((positions["lots"] > 0) | (positions["pending_lots"] > 0)).sum())


@given(world=worlds(), limits=LIMITS)
@FEW
def test_bulk_equals_row_by_row_to_the_bit(
    world: list[tuple[Market, Orders, Params]], limits: Limits
) -> None:
    markets, orders, params = (list(part) for part in zip(*world, strict=True))

    bulk = run_book(markets, orders, params, limits, equity=10_000.0)
    single = row_by_row(world, limits)

    for name in ("trades", "equity", "account", "positions"):
        assert getattr(bulk, name).tobytes() == getattr(single, name).tobytes()


@given(
    prices=price_rows(),
    orders=order_lists(),
    extra=conditions(),
    daily_loss=st.none() | st.floats(0.005, 0.1),
    drawdown=st.none() | st.floats(0.01, 0.2),
)
@FEW
def test_an_account_of_one_is_a_plain_run(
    prices: Integers,
    orders: Orders,
    extra: dict[str, Any],
    daily_loss: float | None,
    drawdown: float | None,
) -> None:
    market, params = make_market(prices, **extra), rules(costs=priced(2.0, 1), max_leverage=20.0)
    guarded = replace(params, daily_loss=daily_loss, drawdown=drawdown)
    limits = replace(WIDE, daily_loss=daily_loss, drawdown=drawdown)

    alone = run(market, orders, guarded, equity=10_000.0)
    book = run_book([market], [orders], [params], limits, equity=10_000.0)

    assert book.trades.tobytes() == alone.trades.tobytes()
    assert book.equity.tobytes() == alone.equity.tobytes()


@given(world=worlds(), limits=LIMITS)
@FEW
def test_equity_is_start_plus_trades_plus_open_positions(
    world: list[tuple[Market, Orders, Params]], limits: Limits
) -> None:
    markets, orders, params = (list(part) for part in zip(*world, strict=True))

    book = run_book(markets, orders, params, limits, equity=10_000.0)

    held = book.positions
    values = np.array([each.tick_value for each in params]) * held["rate"]
    opened = held["side"] * (held["close"] - held["entry"]) * held["lots"] * values
    unpaid = held["entry_fees"][held["side"] != 0].sum()
    expected = 10_000.0 + book.trades["pnl"].sum() + opened.sum() - unpaid
    assert np.isclose(book.equity[-1], expected, rtol=1e-9, atol=0)


def test_the_second_gets_what_the_first_left_of_the_risk() -> None:
    market = make_market(QUIET)
    orders = once(6, 1, stop=50, lots=0, risk_fraction=0.02)
    limits = replace(WIDE, max_open_risk=0.03)

    book = run_book([market] * 3, [orders] * 3, [rules()] * 3, limits, equity=10_000.0)

    assert book.positions["lots"].tolist() == [4, 2, 0]
    assert book.positions["risk"].sum() == 300.0
    assert book.positions["refusal"].tolist() == [
        Refusal.NONE,
        Refusal.NONE,
        Refusal.EXPOSURE_LIMIT,
    ]


def test_gross_leverage_counts_both_sides() -> None:
    market = make_market(QUIET)
    orders = [once(6, side, stop=50, lots=70) for side in (1, -1)]
    limits = replace(WIDE, max_leverage=1.0)

    book = run_book([market] * 2, orders, [rules()] * 2, limits, equity=10_000.0)

    assert book.positions["lots"].tolist() == [70, 30]


def test_a_reversal_frees_its_own_room() -> None:
    market = make_market(QUIET)
    orders = Orders.of([1, 0, -1, 0, 0, 0], stop=50, lots=1)

    book = run_book([market], [orders], [rules()], replace(WIDE, max_positions=1), equity=10_000.0)

    assert book.positions["side"].tolist() == [-1]


def test_a_trade_names_its_instrument() -> None:
    quiet, falling = make_market(QUIET), make_market([*QUIET[:2], (90, 91, 89, 90), *QUIET[:3]])

    book = run_book(
        [quiet, falling],
        [once(6, 1, stop=5)] * 2,
        [rules()] * 2,
        WIDE,
        equity=10_000.0,
    )

    assert book.trades["instrument"].tolist() == [1]
    assert book.equity.tolist() == [10_000.0] * 2 + [9_990.0] * 4


def test_going_on_equals_going_through() -> None:
    rows = np.random.default_rng(4).integers(-20, 20, (6, 4))
    rows[:] = np.sort(rows)[:, [1, 3, 0, 2]] + 1000
    market = make_market(rows)
    orders = Orders.of([1, -1, 1, -1, 1, -1], stop=9, target=9, lots=1)

    def cut(part: slice) -> tuple[list[Market], list[Orders]]:
        own = Orders(orders.side[part], *[getattr(orders, n) for n in orders.__slots__[1:]])
        return [make_market(rows[part])], [own]

    whole = run_book([market], [orders], [rules()], WIDE, equity=10_000.0)
    first = run_book(*cut(slice(3)), [rules()], WIDE, equity=10_000.0)
    second = run_book(*cut(slice(3, 6)), [rules()], WIDE, resume=first)

    assert np.concatenate([first.trades, second.trades]).tobytes() == whole.trades.tobytes()
    assert second.account.tobytes() == whole.account.tobytes()


def test_a_missing_bar_keeps_the_mark_and_the_waiting_order() -> None:
    times = [np.array([10, 20, 30, 40]), np.array([10, 40])]
    grid, rows = union(times)
    steady = make_market(QUIET[:4])
    rare = make_market([(200, 201, 199, 200), (210, 212, 208, 211)])

    markets = [align(steady, rows[0], grid.size), align(rare, rows[1], grid.size)]
    orders = [
        align_orders(once(4, 0), rows[0], grid.size),
        align_orders(once(2, 1, stop=50), rows[1], grid.size),
    ]
    book = run_book(markets, orders, [rules()] * 2, WIDE, equity=10_000.0)

    assert grid.tolist() == [10, 20, 30, 40]
    assert book.positions["entry"][1] == 210
    assert book.positions["entry_bar"][1] == 3
    assert book.equity.tolist() == [10_000.0] * 3 + [10_001.0]


def test_a_bar_without_a_session_does_not_begin_a_day() -> None:
    market = make_market(QUIET, tradable=[True, True, True, False, True, True], day=[0] * 6)
    odd = replace(market, day=np.array([0, 0, 0, 9, 0, 0]))

    plain, other = (
        run_book([each], [once(6, 1, stop=50)], [rules()], WIDE, equity=10_000.0)
        for each in (market, odd)
    )

    assert other.account["day"][0] == 0
    assert plain.account.tobytes() == other.account.tobytes()


def test_what_does_not_fit_together_is_refused() -> None:
    market, orders = make_market(QUIET), once(6, 1)

    with pytest.raises(DataError, match="one grid"):
        run_book([market], [once(5, 1)], [rules()], WIDE, equity=1.0)
    with pytest.raises(DataError, match="an instrument"):
        run_book([market], [orders], [], WIDE, equity=1.0)
    with pytest.raises(DataError, match="one of them"):
        run_book([market], [orders], [rules()], WIDE)
    with pytest.raises(DataError, match="do not increase"):
        union([np.array([2, 1])])
    with pytest.raises(SettingsError, match="max_positions"):
        Limits(max_positions=0)
    with pytest.raises(SettingsError, match="drawdown"):
        Limits(drawdown=2.0)
    with pytest.raises(SettingsError, match="max_open_risk"):
        Limits(max_open_risk=0.0)
