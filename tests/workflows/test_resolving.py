"""Outcomes of signals: those of the backtest, once, never early, and again after a correction."""

import math
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.core.instruments import instrument
from assay.core.values.bars import Bars
from assay.core.values.timeframe import Timeframe
from assay.core.values.view import VerdictKind
from assay.evaluation.splits import Span
from assay.fusion.pool import fuse_many
from assay.kernel.costs import default_costs, default_ticks
from assay.kernel.records import Exit
from assay.risk.decide import VERDICTS, Decisions, decide_many
from assay.risk.opinions import opinions_of
from assay.store.resolutions import OUTCOME_STAGE, Part, Resolutions
from assay.store.signals import Signals
from assay.workflows.book import book_of
from assay.workflows.came import OUTCOMES, came_of, plan_of
from assay.workflows.champions import Ground, ground_of
from assay.workflows.desk import Desk
from assay.workflows.gather import HORIZON_BARS, Prepared, Series, micros
from assay.workflows.issue import issue, risk_settings
from assay.workflows.outcomes import span_samples
from assay.workflows.pooling import moments_of
from assay.workflows.promoting import standing
from assay.workflows.replay import LIMIT_BARS, situations_of
from assay.workflows.resolving import Resolved, resolve, why_open
from assay.workflows.train import hear
from tests.factories import make_bars
from tests.workflows.workspace import HELD_BACK, HandClock, copied, open_at

EURUSD = Series("EURUSD", Timeframe.H1)
BARS = 40
"""How many signals are issued, one a bar."""


@dataclass(frozen=True)
class Decided:
    """What was decided bar by bar, as `book_of` reads it."""

    series: Series
    rows: np.ndarray[Any, np.dtype[np.int64]]
    decisions: Decisions


@pytest.fixture(scope="module")
def home(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace with a signal of each of `BARS` bars, none of them resolved."""
    place = copied(workspace, tmp_path_factory.mktemp("resolving") / "home")
    desk = open_at(place)
    for at in span_of(desk):
        issue(desk, *("EURUSD", Timeframe.H1), as_of=at)
    desk.close()
    return place


@pytest.fixture
def fresh(home: Path, tmp_path: Path) -> Path:
    return copied(home, tmp_path / "home")


def span_of(desk: Desk) -> list[datetime]:
    times = desk.bars.tail(instrument("EURUSD"), Timeframe.H1, HELD_BACK).frame["time"]
    return list(times[:BARS])


def found_of(desk: Desk) -> dict[str, dict[Part, Mapping[str, Any]]]:
    ids = [row.id for row in Signals(desk.journal).list()]
    of = Resolutions(desk.journal).of(ids)
    return {
        name: {part: {**each.found, "due": each.due} for part, each in parts.items()}
        for name, parts in of.items()
    }


@pytest.fixture(scope="module")
def ground(home: Path) -> Ground:
    return ground_of(open_at(home), ["EURUSD"], [Timeframe.H1])


def issued_in_span(desk: Desk) -> list[Mapping[str, Any]]:
    span = set(span_of(desk))
    rows = [row for row in Signals(desk.journal).list() if row.as_of in span]
    return [row.payload for row in sorted(rows, key=lambda row: row.as_of)]


def replayed(desk: Desk, ground: Ground, said: list[Mapping[str, Any]]) -> Decided:
    """Return the decisions of the same models over the same bars, by the backtest's functions.

    What the referee said of each bar is taken from the signals: a backtest asks it less often.
    """
    item, fitted = ground.prepared[EURUSD], ground.known.fusions[EURUSD]
    first = int(np.searchsorted(item.time, micros(datetime.fromisoformat(said[0]["as_of"]))))
    rows = np.arange(first, first + len(said))
    voices = [ground.known.voices[producer.artefact] for producer in fitted.producers]
    answers = hear(voices, ground.prepared, item)
    pooled = fuse_many(moments_of(item, rows, answers), fitted, promoted=standing(desk, fitted))
    situations = replace(
        situations_of(item, rows),
        verdict=np.array(
            [VERDICTS.index(VerdictKind(one["verdict"]["kind"])) for one in said], dtype=np.int8
        ),
        size_cap=np.array([one["verdict"]["size_cap"] for one in said]),
    )
    volatility = item.volatility[rows] * np.sqrt(HORIZON_BARS)
    return Decided(
        EURUSD,
        rows,
        decide_many(opinions_of(pooled, volatility), situations, risk_settings(desk)),
    )


def test_the_outcomes_are_the_labels_of_the_backtest(fresh: Path, ground: Ground) -> None:
    desk = open_at(fresh)
    resolve(desk)
    item, said = ground.prepared[EURUSD], issued_in_span(desk)
    begin = datetime.fromisoformat(said[0]["as_of"]) - timedelta(hours=1)
    span = Span(begin, item.bars.last_time)
    samples = span_samples(item, span)
    place = {time: row for row, time in enumerate(samples.time.tolist())}

    came = found_of(desk)

    known = 0
    for one in said:
        row, found = place[micros(datetime.fromisoformat(one["as_of"]))], came[one["id"]]
        horizon, label = found[Part.HORIZON], int(samples.label[row])
        assert horizon["outcome"] == (None if label < 0 else OUTCOMES[label])
        if label >= 0:
            known += 1
            assert horizon["scaled"] == pytest.approx(samples.scaled[row], rel=1e-12)
            assert micros(horizon["due"]) == samples.t1[row]
    assert known > BARS / 2


def test_the_trades_are_those_of_the_replayed_account(fresh: Path, ground: Ground) -> None:
    desk = open_at(fresh)
    resolve(desk)
    said = issued_in_span(desk)
    decided = replayed(desk, ground, said)
    signs = {"LONG": 1, "SHORT": -1, "WAIT": 0}
    came, tick = found_of(desk), instrument("EURUSD").tick_size
    tail = np.arange(decided.rows[-1] + 1, len(ground.prepared[EURUSD].time))
    made, calm = decided.decisions, np.zeros(len(tail), dtype=np.int64)
    whole = Decided(
        EURUSD,
        np.concatenate([decided.rows, tail]),
        Decisions(
            np.concatenate([made.side, calm.astype(np.int8)]),
            np.concatenate([made.stop_ticks, calm]),
            np.concatenate([made.target_ticks, calm]),
            np.concatenate([made.risk_fraction, calm.astype(np.float64)]),
            np.concatenate([made.reasons, calm]),
        ),
    )

    trades = book_of(ground.prepared, [whole]).run().trades

    assert decided.decisions.side.tolist() == [signs[one["decision"]] for one in said]
    alike = [trade for trade in trades if trade["reason"] != Exit.OPPOSITE]
    assert alike
    for trade in alike:
        found = came[said[int(trade["decided_bar"])]["id"]][Part.TRADE]
        assert found["taken"]
        assert found["end"] == Exit(int(trade["reason"])).name.lower()
        assert found["ambiguous"] == bool(trade["ambiguous"])
        for name in ("entry", "exit", "stop", "target"):
            assert round(found[name] / tick) == int(trade[name])
        risked = abs(int(trade["entry"]) - int(trade["stop"])) * int(trade["lots"])
        unit = float(instrument("EURUSD").tick * instrument("EURUSD").lot)
        assert found["r_net"] == pytest.approx(trade["pnl"] / (risked * unit), rel=1e-9)


def test_each_signal_alone_is_a_backtest_of_one_order(fresh: Path, ground: Ground) -> None:
    desk = open_at(fresh)
    resolve(desk)
    item, came = ground.prepared[EURUSD], found_of(desk)
    tick, checked = instrument("EURUSD").tick_size, 0

    for one in issued_in_span(desk):
        plan, found = plan_of(one, tick), came[one["id"]].get(Part.TRADE)
        if plan is None or found is None:
            continue
        trade = book_of(item_of(item), [alone(item, one, plan)]).run().trades[0]
        for name in ("entry", "exit", "stop", "target"):
            assert round(found[name] / tick) == int(trade[name])
        assert found["end"] == Exit(int(trade["reason"])).name.lower()
        assert found["hypothetical"] == (one["decision"] == "WAIT")
        checked += 1

    assert checked > BARS / 2


def item_of(item: Prepared) -> dict[Series, Prepared]:
    return {EURUSD: item}


def alone(item: Prepared, one: Mapping[str, Any], plan: Any) -> Decided:
    first = int(np.searchsorted(item.time, micros(datetime.fromisoformat(one["as_of"]))))
    rows = np.arange(first, len(item.time))
    sole = np.eye(1, len(rows))[0]
    return Decided(
        EURUSD,
        rows,
        Decisions(
            (sole * plan.side).astype(np.int8),
            (sole * plan.stop_ticks).astype(np.int64),
            (sole * plan.target_ticks).astype(np.int64),
            sole * 0.005,
            np.zeros(len(rows), np.int64),
        ),
    )


def test_nothing_is_known_before_the_horizon_is_over(fresh: Path) -> None:
    at = span_of(open_at(fresh))[-1]
    clock = HandClock(at)
    desk = Desk(home=fresh, clock=clock, jobs=1)
    horizons = []

    for bars in range(HORIZON_BARS + 1):
        clock.at = at + bars * timedelta(hours=1)
        resolve(desk)
        newest = [row for row in Signals(desk.journal).list() if row.as_of == at]
        horizons.append(
            sum(
                Part.HORIZON in parts
                for parts in Resolutions(desk.journal).of([newest[0].id]).values()
            )
        )

    assert horizons == [0, 0, 0, 0, 1]
    for parts in found_of(desk).values():
        for part in parts.values():
            assert part["due"] <= clock.at


def test_an_outcome_does_not_change_with_what_comes_later(fresh: Path) -> None:
    desk = open_at(fresh)
    bars = desk.bars.read(instrument("EURUSD"), Timeframe.H1)
    said = {row.id: row.payload for row in Signals(desk.journal).list()}
    whole = came_of(bars, said)

    for known in range(len(bars) - HELD_BACK, len(bars), 7):
        part = came_of(Bars(bars.instrument, bars.timeframe, bars.frame.head(known)), said)
        last = bars.frame["time"][known - 1]
        expected = {
            name: due
            for name, each in whole.items()
            if (due := [one for one in each if one.due <= last])
        }
        assert part == expected


def test_twice_is_once_and_the_journal_stays_intact(fresh: Path) -> None:
    desk = open_at(fresh)

    first, second = resolve(desk), resolve(desk)

    assert first.horizons > BARS
    assert first.trades > 0
    assert (second.horizons, second.trades, second.corrected) == (0, 0, 0)
    assert desk.journal.verify().intact
    for row in Signals(desk.journal).list():
        stages = [entry.stage for entry in desk.journal.entries(row.id)]
        assert stages.count(OUTCOME_STAGE) <= 2


def test_two_who_resolve_at_once_write_each_outcome_once(fresh: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: resolve(open_at(fresh)), range(2)))

    desk = open_at(fresh)
    count = len(Signals(desk.journal).list())
    assert sum(each.horizons for each in both) == count
    assert desk.journal.verify().intact
    for row in Signals(desk.journal).list():
        revisions = [one.revision for one in Resolutions(desk.journal).history(row.id)]
        assert revisions == [1] * len(revisions)


def test_resolving_little_by_little_finds_the_same(fresh: Path, tmp_path: Path) -> None:
    other = copied(fresh, tmp_path / "other")
    at_once = open_at(fresh)
    resolve(at_once)
    last = at_once.bars.info("EURUSD", Timeframe.H1).last

    clock = HandClock(span_of(at_once)[0])
    slowly = Desk(home=other, clock=clock, jobs=1)
    while clock.at < last:
        clock.at += timedelta(hours=3)
        resolve(slowly)

    assert found_of(slowly) == found_of(at_once)


@settings(max_examples=10, deadline=None)
@given(order=st.permutations(range(12)))
def test_the_order_of_signals_does_not_matter(order: list[int]) -> None:
    bars = make_bars(60)
    said = [told(bars, row=3 * n, side=1 if n % 2 else -1, name=f"sig-{n}") for n in range(12)]

    there = came_of(bars, {one["id"]: one for one in said})
    back = came_of(bars, {said[n]["id"]: said[n] for n in order})

    assert there == back


def test_a_correction_makes_a_second_entry_and_keeps_the_first(fresh: Path) -> None:
    desk = open_at(fresh)
    resolve(desk)
    times = span_of(desk)
    before = found_of(desk)
    old = desk.bars.read(instrument("EURUSD"), Timeframe.H1, times[20], times[20]).frame
    moved = old.with_columns(pl.col("close") * 1.01, high=pl.col("close") * 1.02)
    desk.clock.at += timedelta(hours=1)  # type: ignore[attr-defined]
    desk.bars.correct(
        Bars(instrument("EURUSD"), Timeframe.H1, moved), reason="a test", known_at=desk.clock.now()
    )

    first, second = resolve(desk), resolve(desk)

    assert first.corrected > 0
    assert (first.horizons, second) == (0, replace(second, corrected=0))
    changed = [name for name, parts in found_of(desk).items() if parts != before[name]]
    assert changed
    for name in changed:
        history = Resolutions(desk.journal).history(name)
        assert {one.revision for one in history} == {1, 2}
        kept = {one.part: {**one.found, "due": one.due} for one in history if one.revision == 1}
        assert kept == before[name]
    assert desk.journal.verify().intact


def test_a_signal_whose_bars_are_missing_stays_open_and_says_why(
    workspace: Path, tmp_path: Path
) -> None:
    desk = open_at(copied(workspace, tmp_path / "home"))
    newest = desk.bars.info("EURUSD", Timeframe.H1).last
    row = issue(desk, "EURUSD", Timeframe.H1)
    kept = Resolutions(desk.journal)

    missing = resolve(desk)
    why = why_open(desk, [one for one in kept.open() if one.id == row.id])[row.id]
    desk.clock.at = newest + timedelta(hours=1)  # type: ignore[attr-defined]
    early = why_open(desk, [one for one in kept.open() if one.id == row.id])[row.id]

    assert row.as_of == newest
    assert missing.waiting == {"bars_missing": 1}
    assert why.code == "bars_missing"
    assert why.sentence.startswith("4 of the 4 bars after the signal are not stored")
    assert early.code == "not_due"


def test_a_simulated_market_lacks_nothing_that_it_has_not_made_yet(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = open_at(copied(workspace, tmp_path / "home"))
    issue(desk, "EURUSD", Timeframe.H1)
    monkeypatch.setattr(type(desk), "is_simulated", lambda *_: True)

    assert resolve(desk).waiting == {"not_due": 1}


def test_where_no_signal_was_ever_issued_nothing_is_done(tmp_path: Path) -> None:
    assert resolve(open_at(tmp_path)) == Resolved(0, 0, 0, {})
    assert not open_at(tmp_path).has_database


def told(
    bars: Bars, *, row: int, side: int, name: str = "sig", atr: float = 0.002
) -> dict[str, Any]:
    """Return what came_of reads of a signal."""
    return {
        "id": name,
        "symbol": bars.instrument.symbol,
        "timeframe": bars.timeframe.value,
        "as_of": bars.frame["time"][row].isoformat(),
        "horizon_bars": HORIZON_BARS,
        "volatility": 0.003,
        "probability": 0.55,
        "base": 0.5,
        "direction": "UP" if side > 0 else "DOWN",
        "decision": "LONG" if side > 0 else "SHORT",
        "stop_atr": 2.0,
        "target_atr": 3.0,
        "atr": atr,
        "in_sample": False,
        "members": [],
    }


def oracle(bars: Bars, row: int, side: int, stop: int, target: int) -> tuple[str, int, int] | None:
    """Return why, on which row and at which tick (before costs) a trade ends; in plain Python.

    Written from the rules, not from the kernel: in at the next open, worse by half the spread and
    the slippage, as the exit is; the open decides first, then the stop, then the target; after
    `LIMIT_BARS` bars it is closed at the next open.
    """
    tick = bars.instrument.tick_size
    ticks = [
        tuple(round(value / tick) for value in each)
        for each in bars.frame.select("open", "high", "low", "close").rows()
    ]
    spread, slip = (
        each.tolist() for each in default_ticks(bars.instrument, bars.frame["open"].to_numpy())
    )
    least = default_costs(bars.instrument, bars.frame["open"][row]).slippage_ticks
    if row + 1 >= len(ticks):
        return None
    paid = spread[row + 1] + max(slip[row + 1], least)
    entry = ticks[row + 1][0] + side * paid
    at_stop, at_target = entry - side * stop, entry + side * target
    for k in range(row + 1, len(ticks)):
        opened, high, low, _ = ticks[k]
        if k == row + 1 + LIMIT_BARS:
            return "time", k, opened
        worst, best = (low, high) if side > 0 else (high, low)
        if side * (opened - at_stop) <= 0:
            return "stop", k, opened
        if side * (opened - at_target) >= 0:
            return "target", k, opened
        if side * (worst - at_stop) <= 0:
            return "stop", k, at_stop
        if side * (best - at_target) >= 0:
            return "target", k, at_target
    return None


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    row=st.integers(0, 30),
    side=st.sampled_from([1, -1]),
    atr=st.floats(2e-4, 6e-3),
    symbol=st.sampled_from(["EURUSD", "USDJPY", "BTCUSDT"]),
)
def test_the_trade_ends_as_a_slow_oracle_says(
    seed: int, row: int, side: int, atr: float, symbol: str
) -> None:
    bars = make_bars(34, seed=seed, symbol=symbol)
    price = float(bars.frame["close"][0])
    said = told(bars, row=row, side=side, atr=atr * price)
    tick = bars.instrument.tick_size
    stop, target = (max(math.ceil(k * atr * price / tick - 1e-9), 1) for k in (2, 3))

    parts = {one.part: one for one in came_of(bars, {"sig": said}).get("sig", [])}
    expected = oracle(bars, row, side, stop, target)

    assert (Part.TRADE in parts) == (expected is not None)
    assert (Part.HORIZON in parts) == (row + HORIZON_BARS < len(bars))
    if expected is None:
        return
    why, at, price_ticks = expected
    found = parts[Part.TRADE].found
    assert (found["end"], parts[Part.TRADE].due) == (why, bars.frame["time"][at])
    slip = round(side * (price_ticks - found["exit"] / tick))
    spread, slippage = default_ticks(bars.instrument, bars.frame["open"].to_numpy())
    least = default_costs(bars.instrument, bars.frame["open"][row]).slippage_ticks
    more = max(int(slippage[at]) - least, 0)
    assert slip == int(spread[at]) + more + (0 if why == "target" else least)
    assert found["net"] < found["gross"]
    assert found["r_net"] < found["r_gross"]


def test_a_gap_fills_at_the_worse_price_and_both_barriers_are_a_stop() -> None:
    bars = make_bars(12, gaps=False)
    flat = bars.frame.with_columns(
        *(pl.lit(1.2).alias(name) for name in ("open", "high", "low", "close"))
    )
    gap = flat.with_columns(
        *(
            pl.when(pl.int_range(pl.len()) >= 3).then(1.19).otherwise(1.2).alias(name)
            for name in ("open", "high", "low", "close")
        )
    )
    both = flat.with_columns(
        high=pl.when(pl.int_range(pl.len()) == 3).then(1.22).otherwise(1.2),
        low=pl.when(pl.int_range(pl.len()) == 3).then(1.18).otherwise(1.2),
    )

    def ended(frame: pl.DataFrame) -> Mapping[str, Any]:
        now = Bars(bars.instrument, bars.timeframe, frame)
        parts = came_of(now, {"sig": told(now, row=0, side=1)})["sig"]
        return next(one.found for one in parts if one.part is Part.TRADE)

    gapped, touched = ended(gap), ended(both)

    assert (gapped["end"], gapped["gapped"], gapped["ambiguous"]) == ("stop", True, False)
    assert gapped["exit"] < gapped["stop"] - 0.005
    assert gapped["r_net"] < -1.5
    assert (touched["end"], touched["gapped"], touched["ambiguous"]) == ("stop", False, True)


def test_a_withheld_signal_says_what_its_plan_would_have_given() -> None:
    bars = make_bars(40, seed=4)
    said = {
        str(row): told(bars, row=row, side=1, name=str(row)) | {"decision": "WAIT"}
        for row in range(20)
    }

    found = [
        one.found
        for parts in came_of(bars, said).values()
        for one in parts
        if one.part is Part.TRADE
    ]

    assert {each["withheld"] for each in found} == {"missed", "spared"}
    assert all(each["hypothetical"] and not each["taken"] for each in found)
    assert all((each["net"] > 0) == (each["withheld"] == "missed") for each in found)


def test_no_side_and_no_price_have_no_trade() -> None:
    bars = make_bars(40)
    none = told(bars, row=2, side=1) | {"decision": "WAIT", "direction": "NONE"}
    priceless = told(bars, row=3, side=1) | {"decision": "WAIT", "atr": 0.0}

    came = came_of(bars, {"none": none, "priceless": priceless})

    assert [[(one.part, one.parts) for one in parts] for parts in came.values()] == [
        [(Part.HORIZON, 1)],
        [(Part.HORIZON, 1)],
    ]


def test_a_fan_is_held_against_the_outcome_of_its_own_timeframe_alone() -> None:
    bars = make_bars(40, gaps=False)
    member = {
        "member": "momentum",
        "timeframe": "1h",
        "probability": 0.6,
        "classes": {"down": 0.3, "flat": 0.2, "up": 0.5},
        "volatility": 0.003,
        "quantiles": {"0.05": -9.0, "0.25": 5.0, "0.75": 6.0, "0.95": 9.0},
    }
    parts = [member, member | {"timeframe": "4h"}, member | {"quantiles": None}]
    silent = member | {"classes": None}
    said = told(bars, row=5, side=1) | {"members": [*parts, silent]}

    (horizon, *_) = came_of(bars, {"sig": said})["sig"]

    assert [one["inside"] for one in horizon.found["members"]] == [
        {"0.5": False, "0.9": True},
        None,
        None,
    ]


def test_bars_missing_in_between_are_counted() -> None:
    bars = make_bars(40, gaps=False)
    holed = Bars(bars.instrument, bars.timeframe, bars.frame.filter(pl.int_range(pl.len()) != 7))

    whole = came_of(bars, {"sig": told(bars, row=5, side=1)})["sig"][0]
    short = came_of(holed, {"sig": told(bars, row=5, side=1)})["sig"][0]

    assert (whole.found["gaps"], short.found["gaps"]) == (0, 1)
    assert short.due == bars.frame["time"][10]


def test_a_return_across_the_daily_roll_and_one_without_a_scale_are_no_outcomes() -> None:
    bars = make_bars(60, gaps=False)
    still = told(bars, row=5, side=1, name="still") | {"volatility": 0.0}
    rolled = {str(row): told(bars, row=row, side=1, name=str(row)) for row in range(24)}

    found = {
        name: parts[0].found for name, parts in came_of(bars, {**rolled, "still": still}).items()
    }

    unknown = [name for name, each in found.items() if each["unknown"] == "roll"]
    assert unknown  # 22:00 and 23:00 UTC are the roll in winter
    assert all(found[name]["outcome"] is found[name]["hit"] is None for name in unknown)
    assert (found["still"]["unknown"], found["still"]["scaled"]) == ("no_scale", None)
