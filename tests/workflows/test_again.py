"""A report is written again from what was kept, and what it says of single trades is true."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from assay.core.errors import NotFoundError, StoreError
from assay.core.ids import canonical
from assay.core.values.reason import Reason
from assay.core.values.release import Release
from assay.core.values.story import Story
from assay.evaluation.candles import decode
from assay.evaluation.report.page import page
from assay.kernel.records import Exit
from assay.risk.reasons import BIT
from assay.sources.quality.flaw import Code, Flaw
from assay.store.reports import Reports
from assay.store.trials import TrialStatus
from assay.workflows.again import kept_report, past_backtests
from assay.workflows.backtest import Backtest, backtest
from assay.workflows.book import Book, book_of
from assay.workflows.check import check_series
from assay.workflows.gather import moment_of
from assay.workflows.hindsight import USUAL, worst_explained
from assay.workflows.trips import Trips, by_hour
from tests.workflows.chains import MEMBERS, PLAN, market, stored
from tests.workflows.workspace import copied, open_at


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("again") / "home"
    stored(folder, market(4_500)).database.close()
    return folder


@pytest.fixture(scope="module")
def done(home: Path) -> Backtest:
    desk = open_at(home)
    run = backtest(desk, members=MEMBERS, split=PLAN)
    desk.database.close()
    return run


@pytest.fixture(scope="module")
def book(done: Backtest) -> Book:
    return book_of(done.prepared, done.replays)


@pytest.fixture(scope="module")
def trips(done: Backtest, book: Book) -> Trips:
    return Trips.of(book, book.run(), done.replays)


@pytest.fixture
def own(home: Path, done: Backtest, tmp_path: Path) -> Path:
    assert done.report
    return copied(home, tmp_path / "home")


def test_the_kept_report_is_the_one_of_the_run_and_draws_the_same_page(
    home: Path, done: Backtest
) -> None:
    newest, named = kept_report(open_at(home)), kept_report(open_at(home), done.trial[:11])

    assert canonical(newest) == canonical(named) == canonical(done.report)
    assert page(newest) == page(done.report)


def test_a_damaged_report_is_one_sentence(own: Path, done: Backtest) -> None:
    path = Reports(own / "reports").path(done.trial)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])

    with pytest.raises(StoreError, match="damaged"):
        kept_report(open_at(own))

    path.unlink()
    with pytest.raises(NotFoundError, match="not kept"):
        kept_report(open_at(own))
    assert [row.kept for row in past_backtests(open_at(own)) if row.trial == done.trial] == [False]


def test_the_ledger_names_failed_ones_too_and_they_have_no_report(
    own: Path, done: Backtest
) -> None:
    desk = open_at(own)

    def stop(what: str, at: int, total: int) -> None:
        del at, total
        if what.startswith("Fold 1"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        backtest(desk, members=MEMBERS[:2], split=PLAN, tick=stop)

    rows = past_backtests(desk)
    assert [row.status for row in rows] == [TrialStatus.ABORTED, TrialStatus.FINISHED]
    assert kept_report(desk)["trial"] == done.trial
    with pytest.raises(NotFoundError, match="has no report, for it is aborted"):
        kept_report(desk, rows[0].trial)


def test_a_name_nobody_has_and_a_workspace_without_backtests(
    own: Path, done: Backtest, tmp_path: Path
) -> None:
    with pytest.raises(NotFoundError, match="--list"):
        kept_report(open_at(own), "trial-nothing")
    with pytest.raises(NotFoundError, match="run assay backtest first"):
        kept_report(open_at(tmp_path / "empty"))
    assert past_backtests(open_at(tmp_path / "empty")) == []
    assert not (tmp_path / "empty").exists()
    assert done.trial


def test_the_columns_are_the_trades_of_the_account(
    done: Backtest, book: Book, trips: Trips
) -> None:
    columns, trades = done.report["round_trips"], book.run().trades

    assert {len(values) for values in columns.values()} == {len(trades)}
    assert len(trades) > 20
    assert sum(columns["pnl"]) == pytest.approx(trades["pnl"].sum(), abs=0.01 * len(trades))
    assert columns["entry"] == trades["entry"].tolist()
    stopped = np.array(columns["reason"]) == Exit.STOP.name.lower()
    gapped = np.array(columns["gapped"])
    beyond = np.array(columns["side"]) * (np.array(columns["exit"]) - np.array(columns["stop"]))
    usual = stopped & ~gapped
    assert (beyond[gapped] < 0).all()
    r = np.array(columns["r"])
    assert (r[stopped] < -0.99).all(), "a stop loses what it stood to lose, and costs"
    assert (r[usual] > -1.35).all()
    assert trips.bars.max() <= 13


def test_every_trade_finds_the_decision_it_came_from(done: Backtest, trips: Trips) -> None:
    for number in range(len(trips)):
        replay, place = done.replays[trips.replay[number]], trips.place[number]
        trade = trips.trades[number]
        assert replay.pooled.time[place] == trips.book.grid[trade["decided_bar"]]
        assert replay.decisions.side[place] == trade["side"]
        assert replay.asked[place] <= place
        assert replay.asked[place] in replay.words


def test_shown_trades_stand_in_their_window_bar_by_bar(done: Backtest) -> None:
    report = done.report
    columns, charts = report["round_trips"], report["charts"]
    shown = {n for some in report["shown"].values() for n in some}

    assert set(charts["windows"]) == {str(n) for n in shown}
    for number in shown:
        minutes, prices = decode(charts["windows"][str(number)])
        symbol = report["symbols"][columns["symbol"][number]]
        instrument = charts["instruments"][columns["symbol"][number]]
        for when in ("entered", "left"):
            assert columns[when][number] // 60 in minutes.tolist()
        item = next(i for s, i in done.prepared.items() if str(s) == f"{symbol} 1h")
        own = item.bars.frame.filter(
            (pl.col("time") - timedelta(hours=1)).is_in(
                [moment_of(int(m) * 60_000_000) for m in minutes]
            )
        )
        real = own.select("open", "high", "low", "close").to_numpy() / instrument["tick"]
        assert np.abs(real - prices).max() <= 0.51


def test_the_extremes_are_the_extremes(done: Backtest) -> None:
    shown, pnl = done.report["shown"], np.array(done.report["round_trips"]["pnl"])

    assert shown["worst"] == sorted(shown["worst"], key=lambda n: pnl[n])
    assert pnl[shown["worst"][-1]] <= np.sort(pnl)[len(shown["worst"]) - 1] + 0.01
    every = [number for some in shown.values() for number in some]
    assert len(set(every)) == len(every)
    assert len(shown["worst"]) == len(done.report["worst"])


def test_the_hours_count_every_trade_once(done: Backtest) -> None:
    columns, hours = done.report["round_trips"], done.report["hours"]
    daily = by_hour(columns, intraday=False)

    for cells in (hours["cells"], daily["cells"]):
        assert sum(cell[2] for cell in cells) == len(columns["r"])
        mean = sum(cell[2] * cell[3] for cell in cells) / len(columns["r"])
        assert mean == pytest.approx(np.mean(columns["r"]), abs=1e-3)
    assert {cell[1] for cell in daily["cells"]} == {0}


def test_decisions_that_waited_are_those_that_a_flag_forbade(home: Path, done: Backtest) -> None:
    sound, bit = done.report["soundness"], BIT[Reason.BAD_BAR]
    reasons = np.concatenate([replay.decisions.reasons for replay in done.replays])

    assert sound["decided"] == len(reasons)
    assert sound["waited"] == int(((reasons & bit) != 0).sum())
    assert sound["alone"] <= sound["waited"]
    for name, coverage in sound["coverage"]:
        symbol, frame = name.split()
        series = next(s for s in done.prepared if str(s) == f"{symbol} {frame}")
        assert coverage == check_series(open_at(home), symbol, series.timeframe).coverage


def explained(own: Path, done: Backtest, trips: Trips, number: int, **about: Any) -> dict[str, Any]:
    flaws = about.get("flaws", {})
    return worst_explained(open_at(own), trips, [number], done.prepared, flaws)[0]


def test_what_came_to_pass_is_told(own: Path, done: Backtest, trips: Trips) -> None:
    number = done.report["shown"]["worst"][0]
    trade, series = trips.trades[number], done.replays[trips.replay[number]].series
    item = done.prepared[series]
    entered = moment_of(int(trips.opened(trade["entry_bar"])) * 1_000_000)
    soon = entered + timedelta(minutes=10)
    desk = open_at(own)
    told = "The bank surprises <markets>"
    desk.documents.add_stories([Story(soon, soon, "wire", told, (series.symbol,))], simulated=False)
    desk.documents.add_releases(
        [Release("cpi", item.instrument.quote, soon, soon, 2.0, 1.0)], simulated=False
    )
    row = int(np.searchsorted(item.time, trips.book.grid[trade["decided_bar"]]))
    spike = Flaw(Code.SPIKE, row, row, row, entered, entered, "A spike.")

    plain = explained(own, done, trips, number)
    flagged = explained(own, done, trips, number, flaws={series: [spike]})

    assert {"story", "release"} <= set(plain["tags"])
    assert "flagged bar" not in plain["tags"]
    assert "flagged bar" in flagged["tags"]
    after = " ".join(flagged["after"])
    assert told in after
    assert f"{item.instrument.quote} cpi at {soon:%H:%M}" in after
    assert "flagged as spike" in after
    assert USUAL not in after


def test_every_worst_trade_says_why_what_and_how_much(done: Backtest) -> None:
    for one in done.report["worst"]:
        assert one["what"].startswith(("Bought ", "Sold "))
        assert "conviction" in one["why"][0]
        assert any("analyst" in sentence for sentence in one["why"])
        assert one["after"]
        assert "dollars" in one["cost"]
        assert (one["after"][-1] == USUAL) is (not one["tags"])
    json.loads(canonical(done.report["worst"]))


def test_costs_are_told_from_none_to_threefold_and_the_break_even_lies_between(
    done: Backtest,
) -> None:
    stress = done.report["stress"]
    ends, even = stress["total_return"], stress["break_even"]

    assert ends == sorted(ends, reverse=True)
    if even:
        assert 0 < even <= 3
    else:
        assert even == 0 if ends[0] <= 0 else ends[-1] > 0
