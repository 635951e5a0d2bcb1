"""What lacks too many bars is not trained on, and no signal of it acts: live as in a backtest."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from assay.core.errors import HistoryError
from assay.core.values.bars import Bars
from assay.core.values.reason import Reason
from assay.core.values.timeframe import Timeframe
from assay.evaluation.report.page import page
from assay.risk.reasons import BIT
from assay.workflows.backtest import backtest
from assay.workflows.covered import sparse
from assay.workflows.desk import Desk
from assay.workflows.explain import explain
from assay.workflows.gather import Series, _waiting, prepare
from assay.workflows.issue import issue
from assay.workflows.replay import situations_of
from assay.workflows.train import train
from tests.factories import make_bars
from tests.workflows.chains import MEMBERS, PLAN, market, stored
from tests.workflows.workspace import copied, open_at

NOW = datetime(2026, 1, 1, tzinfo=UTC)
H1 = Timeframe.H1


def half(bars: Bars) -> Bars:
    """Return every second bar: half of what is expected."""
    return Bars(bars.instrument, bars.timeframe, bars.frame.gather_every(2))


def with_a_hole(bars: Bars, first: int, last: int) -> Bars:
    """Return bars of which three in four are missing in a stretch."""
    row = pl.int_range(pl.len())
    kept = ~row.is_between(first, last) | (row % 4 == 0)
    return Bars(bars.instrument, bars.timeframe, bars.frame.filter(kept))


def test_training_refuses_a_series_by_name_and_goes_on_with_the_others(tmp_path: Path) -> None:
    desk = open_at(tmp_path / "home", NOW)
    desk.bars.append(make_bars(6_000), source="test", known_at=NOW)
    desk.bars.append(half(make_bars(6_000, symbol="USDJPY")), source="test", known_at=NOW)

    done = train(desk, members=["ridge"])

    assert [row.symbols for row in done.members] == [("EURUSD",)]
    [said] = [one for one in done.problems if "USDJPY" in one]
    assert said.startswith("USDJPY 1h: only ")
    assert "% of the bars that FX expects from 2020-01-0" in said
    assert "80% are needed (least_coverage)" in said
    assert "assay data gaps USDJPY --timeframe 1h" in said
    assert "assay data fill-gaps" in said
    with pytest.raises(HistoryError, match="USDJPY 1h: only"):
        train(desk, ["USDJPY"], members=["ridge"])


def test_nought_switches_it_off_and_a_lower_bound_lets_more_in(tmp_path: Path) -> None:
    home = tmp_path / "home"
    desk = open_at(home, NOW)
    desk.bars.append(half(make_bars(9_000)), source="test", known_at=NOW)
    series = Series("EURUSD", H1)

    for least, taken in ((0.8, False), (0.55, False), (0.45, True), (0.0, True)):
        again = open_at(home, NOW)
        again.least_coverage = least
        if taken:
            item = prepare(again, series)
            assert item.sparse is not None
            assert not item.sparse[1_000:].any()
        else:
            with pytest.raises(HistoryError, match="least_coverage"):
                prepare(again, series)

    open_ = open_at(home, NOW)
    open_.least_coverage = 0.0
    assert train(open_, members=["ridge"]).members


@pytest.fixture(scope="module")
def holed(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Return a workspace of 6,000 hours with a stretch in which three of four are missing."""
    desk = open_at(tmp_path_factory.mktemp("holed") / "home", NOW)
    bars = with_a_hole(make_bars(6_000, gaps=False), 4_000, 4_400)
    desk.bars.append(bars, source="test", known_at=NOW)
    return desk


def test_live_it_is_the_same_bars_as_in_a_backtest(holed: Desk) -> None:
    series = Series("EURUSD", H1)
    whole = prepare(holed, series)
    assert whole.sparse is not None
    flagged = np.flatnonzero(whole.sparse[500:]) + 500
    assert 60 < len(flagged) < 400
    edges = {int(flagged[0]) + n for n in (-2, -1, 0, 1)} | {int(flagged[-1]) + n for n in (0, 1)}

    for row in (*sorted(edges), 1_500, 4_700):
        until = whole.bars.frame["time"][row]
        for rows in (950, 1_200):
            live = prepare(holed, series, until=until, rows=rows)
            past = prepare(holed, series, until=until)
            assert live.sparse is not None
            assert past.sparse is not None
            assert live.sparse[-1] == past.sparse[-1] == whole.sparse[row], row


def test_a_window_longer_than_what_was_read_looks_further_back(holed: Desk) -> None:
    whole = holed.bars.read(holed.instrument("EURUSD"), H1)
    row = int(np.flatnonzero(sparse(whole, 0.8)[500:])[0]) + 500
    few = Bars(whole.instrument, H1, whole.frame[row - 20 : row + 1])

    _, scarce = _waiting(holed, few, 21)

    assert scarce.tolist() == sparse(whole, 0.8)[row - 20 : row + 1].tolist()


def test_a_backtest_waits_where_a_signal_would(holed: Desk) -> None:
    item = prepare(holed, Series("EURUSD", H1))
    rows = np.arange(3_900, 4_400)

    blocks = situations_of(item, rows).blocks

    waits = (blocks & BIT[Reason.LOW_COVERAGE]) != 0
    assert item.sparse is not None
    assert waits.tolist() == item.sparse[rows].tolist()
    assert 0 < waits.sum() < len(rows)


def test_a_backtest_counts_what_waited_and_the_page_says_so(tmp_path: Path) -> None:
    desk = stored(tmp_path / "home", [with_a_hole(bars, 4_000, 4_300) for bars in market(4_500)])

    done = backtest(desk, members=MEMBERS, split=PLAN)

    bit = BIT[Reason.LOW_COVERAGE]
    counted = sum(int(((r.decisions.reasons & bit) != 0).sum()) for r in done.replays)
    assert done.report["soundness"]["lacked"] == counted > 50
    assert f"{counted:,} waited because too many bars before were missing" in page(done.report)
    for replay in done.replays:
        sparse_there = done.prepared[replay.series].sparse
        assert sparse_there is not None
        forbidden = sparse_there[replay.rows]
        assert not replay.decisions.side[forbidden].any()
        assert (((replay.decisions.reasons & bit) != 0) == forbidden).all()


def test_a_backtest_leaves_a_series_out_with_the_sentence(tmp_path: Path) -> None:
    desk = stored(tmp_path / "home", market(4_500))
    desk.bars.append(
        half(make_bars(4_500, symbol="USDJPY")), source="test", known_at=desk.clock.now()
    )

    done = backtest(desk, members=MEMBERS, split=PLAN)

    told = " ".join(done.report["summary"])
    assert "Left out: USDJPY 1h: only" in told
    assert {series.symbol for series in done.prepared} == {"EURUSD", "GBPUSD"}


def test_a_signal_after_a_stretch_without_bars_waits_says_why_and_what_would_lift_it(
    workspace: Path, tmp_path: Path
) -> None:
    desk = open_at(copied(workspace, tmp_path / "home"), NOW)
    sound = issue(desk, "EURUSD", H1)
    bars = desk.bars.read(desk.instrument("EURUSD"), H1).frame
    gone = bars[-160:-1].with_row_index().filter(pl.col("index") % 3 > 0)["time"].to_list()
    nothing = Bars(desk.instrument("EURUSD"), H1, bars.head(0))
    later = NOW + timedelta(days=1)
    desk.bars.correct(nothing, reason="a test", known_at=later, without=gone)

    waiting = issue(open_at(desk.home, NOW + timedelta(days=2)), "EURUSD", H1)

    assert Reason.LOW_COVERAGE not in sound.payload["reasons"]
    assert Reason.LOW_COVERAGE in waiting.payload["reasons"]
    assert waiting.decision == "WAIT"
    told = explain(open_at(desk.home, NOW + timedelta(days=2)), waiting.id)
    [lift] = [one for one in told.what_if.reasons if one.code == Reason.LOW_COVERAGE]
    assert lift.blocks
    assert "missing bars of EURUSD must be stored (assay data fill-gaps)" in lift.lift


def test_switched_off_a_signal_does_not_wait_for_it(workspace: Path, tmp_path: Path) -> None:
    desk = open_at(copied(workspace, tmp_path / "home"), NOW)
    bars = desk.bars.read(desk.instrument("EURUSD"), H1).frame
    gone = bars[-160:-1].with_row_index().filter(pl.col("index") % 3 > 0)["time"].to_list()
    nothing = Bars(desk.instrument("EURUSD"), H1, bars.head(0))
    desk.bars.correct(nothing, reason="a test", known_at=NOW + timedelta(days=1), without=gone)
    off = open_at(desk.home, NOW + timedelta(days=2))
    off.least_coverage = 0.0

    signal = issue(off, "EURUSD", H1)

    assert Reason.LOW_COVERAGE not in signal.payload["reasons"]
