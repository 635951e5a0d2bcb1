"""The record of issued signals: kinds never mix, hindsight is marked, and formulas are disarmed."""

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from assay.core.calendars.calendar import calendar
from assay.core.errors import SettingsError
from assay.core.values.timeframe import Timeframe
from assay.evaluation.metrics import mean_by_day
from assay.store.reports import Reports
from assay.store.resolutions import Part, Resolutions
from assay.store.signals import Signals
from assay.store.trials import Trials
from assay.workflows.again import NAMESPACE
from assay.workflows.came import came_of
from assay.workflows.desk import Desk
from assay.workflows.issue import issue
from assay.workflows.resolving import resolve
from assay.workflows.track import By, calibration, every_signal, signals, track
from assay.workflows.track_csv import COLUMNS, csv_lines, guarded
from assay.workflows.track_gap import gaps
from assay.workflows.track_rows import EVERY, Asked, Kind, Sample, asked_for, is_late, resolved
from tests.workflows.workspace import EARLIER, HELD_BACK, HandClock, copied, open_at

FRIDAY = datetime(2022, 6, 10, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)
MORE = 45


@pytest.fixture(scope="module")
def home(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace with signals issued live, issued on history, and open ones; resolved."""
    place = copied(workspace, tmp_path_factory.mktemp("track") / "home")
    clock = HandClock(datetime(2022, 1, 3, tzinfo=UTC))
    desk = Desk(home=place, clock=clock, jobs=1)
    times = desk.bars.tail(desk.instrument("EURUSD"), Timeframe.H1, HELD_BACK).frame["time"]
    for at in times[:MORE]:
        clock.at = at + timedelta(minutes=2)
        issue(desk, "EURUSD", Timeframe.H1, as_of=at)
    clock.at = datetime(2022, 1, 3, tzinfo=UTC)
    issue(desk, "EURUSD", Timeframe.H1)
    resolve(desk)
    desk.close()
    return place


@pytest.fixture
def desk(home: Path) -> Desk:
    return open_at(home)


def test_a_signal_is_live_until_the_next_bar_has_closed() -> None:
    fx, hour = calendar("FX"), Timeframe.H1
    monday = datetime(2022, 6, 13, 12, tzinfo=UTC)

    assert not is_late(fx, hour, monday, monday)
    assert not is_late(fx, hour, monday, monday + timedelta(minutes=59))
    assert is_late(fx, hour, monday, monday + HOUR)
    assert is_late(fx, hour, monday, monday + timedelta(days=300))
    assert is_late(fx, hour, monday, monday - timedelta(seconds=1))


def test_over_a_weekend_nothing_closes_so_nothing_is_late() -> None:
    fx, last = calendar("FX"), datetime(2022, 6, 10, 21, tzinfo=UTC)

    assert not is_late(fx, Timeframe.H1, last, last + timedelta(hours=40))
    assert is_late(fx, Timeframe.H1, last, last + timedelta(hours=60))
    assert is_late(calendar("CRYPTO"), Timeframe.H1, last, last + timedelta(hours=40))


def test_a_daily_bar_of_shares_is_live_until_the_next_session_closes() -> None:
    shares, day = calendar("XNYS"), Timeframe.D1
    close = datetime(2022, 6, 10, 20, tzinfo=UTC)

    assert not is_late(shares, day, close, datetime(2022, 6, 13, 19, tzinfo=UTC))
    assert is_late(shares, day, close, datetime(2022, 6, 13, 20, tzinfo=UTC))


def test_live_signals_and_those_issued_on_history_never_share_a_figure(desk: Desk) -> None:
    for by in By:
        found = track(desk, EVERY, by)
        kinds = {one.kind for one in found.groups}
        counts = {
            kind: sum(g.record.count for g in found.groups if g.kind is kind) for kind in kinds
        }
        assert kinds == {Kind.LIVE, Kind.REPLAY}
        if by is not By.MEMBER:
            assert counts == {Kind.LIVE: MORE, Kind.REPLAY: len(EARLIER) + 1}
        assert found.groups[0].kind is Kind.LIVE


def test_signals_of_a_simulated_market_are_never_live(desk: Desk) -> None:
    from assay.workflows.track_rows import kind_of

    about = {"symbol": "EURUSD", "timeframe": "1h", "as_of": FRIDAY, "made_at": FRIDAY}

    assert kind_of(desk, about | {"simulated": False}) is Kind.LIVE
    assert kind_of(desk, about | {"simulated": True}) is Kind.SIMULATED


def test_what_the_fusion_had_learnt_from_is_left_out_and_counted(desk: Desk) -> None:
    out, learnt = track(desk, Asked()), track(desk, Asked(sample=Sample.IN))

    every = [row.payload["in_sample"] for row in Signals(desk.journal).list()]
    assert out.left_out == learnt.groups[0].record.count == sum(every)
    assert out.open == 1
    assert sum(one.record.count for one in out.groups) == len(every) - sum(every) - 1


def test_the_figures_are_those_of_the_outcomes(desk: Desk) -> None:
    (live,) = track(desk, Asked(kind=Kind.LIVE)).groups
    rows, _ = resolved(desk, Asked(kind=Kind.LIVE))

    moved = [row for row in rows if row.came["outcome"] in ("up", "down")]
    hits = [row.came["hit"] for row in moved if row.came["hit"] is not None]
    loss = [(row.came["probability"] - (row.came["outcome"] == "up")) ** 2 for row in moved]
    taken = [row.trade["net"] for row in rows if row.trade and row.trade["taken"]]
    assert (live.record.count, live.record.moved) == (len(rows), len(moved))
    assert live.record.hit_rate.value == pytest.approx(np.mean(hits))
    assert live.record.brier.loss.value == pytest.approx(np.mean(loss))
    assert live.record.net.count == len(taken)
    assert live.record.net.value == pytest.approx(np.mean(taken))


def test_members_are_judged_by_what_they_said_themselves(desk: Desk) -> None:
    found = {one.name: one.record for one in track(desk, Asked(kind=Kind.LIVE), By.MEMBER).groups}
    alone = track(desk, Asked(kind=Kind.LIVE, member="ridge")).groups
    rows, _ = resolved(desk, Asked(kind=Kind.LIVE))

    loss = [
        (part["probability"] - (row.came["outcome"] == "up")) ** 2
        for row in rows
        if row.came["outcome"] in ("up", "down")
        for part in row.came["members"]
        if (part["member"], part["timeframe"]) == ("ridge", "1h")
    ]
    assert {"naive 1h", "momentum 1h", "ridge 1h", "ridge 4h"} <= set(found)
    assert found["ridge 1h"].brier.loss.value == pytest.approx(np.mean(loss))
    known = [row for row in rows if row.came["outcome"] is not None]
    assert found["ridge 1h"].coverage["0.9"].count == len(known)
    assert found["ridge 4h"].coverage["0.9"].count == 0
    assert {one.name for one in alone} == {"ridge 1h", "ridge 4h"}


def test_filters_narrow_the_record(desk: Desk) -> None:
    every = track(desk, EVERY).groups
    none = track(desk, Asked(symbol="GBPUSD", sample=Sample.ALL)).groups
    decisions = {one.name: one.record for one in track(desk, EVERY, By.DECISION).groups}
    waits = track(desk, Asked(decision="WAIT", sample=Sample.ALL)).groups
    late = track(desk, Asked(since=datetime(2030, 1, 1, tzinfo=UTC), sample=Sample.ALL)).groups

    assert none == late == ()
    assert sum(one.record.count for one in waits) < sum(one.record.count for one in every)
    assert set(decisions) == {"LONG", "SHORT", "WAIT"} & {
        row.decision for row in Signals(desk.journal).list()
    }
    assert all(one.record.net.count == 0 for one in waits)
    with pytest.raises(SettingsError, match="give the earlier time first"):
        asked_for(since=FRIDAY, until=FRIDAY - HOUR)


def test_every_signal_is_listed_also_those_that_lost_or_were_withheld(desk: Desk) -> None:
    first = signals(desk, limit=20)
    rest = signals(desk, below=first.items[-1].signal.entry, limit=500)

    every = [*first.items, *rest.items]
    assert (first.more, rest.more) == (True, False)
    assert [one.signal.entry for one in every] == sorted(
        (row.entry for row in Signals(desk.journal).list() if row.entry), reverse=True
    )
    trades = [one.trade.found for one in every if one.trade]
    assert any(one["net"] < 0 for one in trades)
    assert any(one["withheld"] for one in trades)
    assert [one.why.code for one in every if one.why] == ["bars_missing"]
    assert [one.is_open for one in every].count(True) == 1


def test_few_outcomes_are_not_calibrated(desk: Desk) -> None:
    found = calibration(desk, EVERY)

    assert {one.kind for one in found} == {Kind.LIVE, Kind.REPLAY}
    assert all(one.bins is None for one in found if one.count < 30)


def test_the_newest_backtest_stands_beside_the_record(home: Path, tmp_path: Path) -> None:
    desk = open_at(copied(home, tmp_path / "home"))
    chance = np.random.default_rng(3)
    count = 200
    r = chance.normal(0.1, 1.0, count)
    decided = (np.arange(count) * 43_200).tolist()
    report = {
        "symbols": ["GBPUSD", "EURUSD"],
        "round_trips": {
            "symbol": [n % 2 for n in range(count)],
            "decided": decided,
            "r": r.tolist(),
            "pnl": r.tolist(),
        },
        "reliability": {
            "brier": {"n": 900, "score": {"value": 0.25, "low": 0.24, "high": 0.26, "days": 90}}
        },
    }
    trials = Trials(desk.database)
    for timeframe, old in (("1h", True), ("1h", False), ("4h", False)):
        tried = {"symbols": ["EURUSD", "GBPUSD"], "timeframe": timeframe, "old": old}
        trial = trials.start(
            NAMESPACE, tried, data_fingerprint="f", seed=1, at=datetime(2022, 1, 1, tzinfo=UTC)
        )
        kept = Reports(desk.reports).write(trial.id, report)
        trials.finish(
            trial.id, metrics={}, results_digest=kept, at=datetime(2022, 1, 1, tzinfo=UTC)
        )

    live, replay = gaps(desk, EVERY)

    figures = {one.name: one for one in live.figures}
    own = np.arange(count) % 2 == 1
    drawn = mean_by_day(r[own], np.array(decided)[own] // 86_400, seed=desk.seed)
    newest = [one for one in trials.list(NAMESPACE) if one.configuration["timeframe"] == "1h"][-1]
    assert (live.kind, replay.kind, live.trial) == (Kind.LIVE, Kind.REPLAY, newest.id)
    then = figures["r"].then
    assert [then.value, then.low] == pytest.approx([drawn.value, drawn.low])
    assert (figures["r"].over, figures["brier"].over) == (("EURUSD",), ("GBPUSD", "EURUSD"))
    assert figures["r"].difference == pytest.approx(figures["r"].now.value - drawn.value)
    assert np.isnan(figures["r"].low)  # the record is of too few days for an interval
    assert figures["brier"].then.value == 0.25


def test_without_a_backtest_the_gap_says_so(desk: Desk) -> None:
    found = gaps(desk, EVERY)

    assert [one.problem for one in found] == [
        "no backtest of this series has finished; run assay backtest"
    ] * 2


def test_the_table_can_be_read_back_and_runs_no_formula(desk: Desk) -> None:
    rows = list(csv.DictReader(io.StringIO("".join(csv_lines(desk)))))

    every = list(every_signal(desk))
    assert [row["id"] for row in rows] == [one.signal.id for one in every]
    assert list(rows[0]) == list(COLUMNS)
    for row, one in zip(rows, every, strict=True):
        if one.trade:
            assert float(row["trade_r_net"]) == one.trade.found["r_net"]
        assert (row["open"] == "true") == one.is_open


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r", "  =", "\n+"])
def test_text_that_begins_like_a_formula_is_disarmed(start: str) -> None:
    assert guarded(f"{start}cmd|'/c calc'!A1").startswith("'")


def test_numbers_stay_numbers() -> None:
    values = (-1.5, -3, True, None, 1e-9)

    assert [guarded(value) for value in values] == ["-1.5", "-3", "true", "", "1e-09"]


def test_what_is_shown_is_what_the_journal_holds(desk: Desk) -> None:
    row = Signals(desk.journal).list()[-1]
    bars = desk.bars.read(desk.instrument("EURUSD"), Timeframe.H1)

    held = Resolutions(desk.journal).of([row.id])[row.id][Part.HORIZON]
    again = came_of(bars, {row.id: row.payload})[row.id][0]

    assert held.found["scaled"] == again.found["scaled"]
    assert desk.journal.entry(held.entry).payload["found"] == held.found
