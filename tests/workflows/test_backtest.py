"""A backtest is deterministic, adds up, is counted whatever becomes of it, and reports it all."""

import json
import re
from collections.abc import Callable, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assay.core.errors import HistoryError
from assay.core.ids import canonical, digest
from assay.evaluation.page import FIGURES, show
from assay.evaluation.report.page import page
from assay.evaluation.splits import SplitPlan
from assay.kernel.barrier import Resolution
from assay.store.trials import Trials, TrialStatus
from assay.workflows.activity import held_by_day, turnover_by_day
from assay.workflows.again import NAMESPACE
from assay.workflows.backtest import Backtest, backtest
from assay.workflows.book import START_EQUITY, Book, book_of
from assay.workflows.desk import Desk
from assay.workflows.reports import write_page
from tests.workflows.chains import MEMBERS, PLAN, market, stored
from tests.workflows.workspace import open_at


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("backtests")
    stored(folder, market(4_500)).database.close()
    return folder


def run_again(home: Path, **about: Any) -> tuple[Desk, Backtest]:
    desk = open_at(home)
    return desk, backtest(desk, members=MEMBERS, split=PLAN, **about)


@pytest.fixture(scope="module")
def done(home: Path) -> Backtest:
    return run_again(home)[1]


@pytest.fixture(scope="module")
def book(done: Backtest) -> Book:
    return book_of(done.prepared, done.replays)


def test_the_same_seed_and_data_give_the_same_report(home: Path, done: Backtest) -> None:
    _, second = run_again(home)

    assert second.trial != done.trial
    assert without_trial(second) == without_trial(done)


def without_trial(run: Backtest) -> str:
    return canonical(run.report).decode().replace(run.trial, "TRIAL")


def test_equity_is_what_the_fills_made_of_the_start(done: Backtest, book: Book) -> None:
    result = book.run()
    curve = np.array(done.report["equity"]["curves"]["chain"])
    daily = book.daily(result)

    assert np.allclose(curve, np.cumprod(1.0 + daily), rtol=1e-12)
    assert curve[-1] * START_EQUITY == pytest.approx(result.equity[-1], rel=1e-12)
    held = result.positions[result.positions["side"] != 0]
    realised = START_EQUITY + result.trades["pnl"].sum() - held["entry_fees"].sum()
    assert result.account["cash"][0] == pytest.approx(realised, rel=1e-12)
    assert result.account["equity"][0] == result.equity[-1]
    figures = done.report["performance"]["chain"]
    assert figures["total_return"]["value"] == pytest.approx(curve[-1] - 1.0, rel=1e-9)
    assert len(result.trades) > 20


def test_no_trade_is_filled_in_the_bar_it_was_decided_in(done: Backtest, book: Book) -> None:
    trades = book.run().trades

    assert len(trades) > 20
    assert (trades["decided_bar"] < trades["entry_bar"]).all()
    for trade in trades:
        symbol = book.instruments[int(trade["instrument"])].symbol
        replays = [r for r in done.replays if r.series.symbol == symbol]
        times = np.concatenate([r.pooled.time for r in replays])
        sides = np.concatenate([r.decisions.side for r in replays])
        assert sides[times == book.grid[trade["decided_bar"]]] == trade["side"]


def test_costs_only_cost(book: Book) -> None:
    free, assumed, doubled = (book.run(cost_factor=f).equity[-1] for f in (0.0, 1.0, 2.0))

    assert free > assumed > doubled


def test_what_was_held_and_traded_is_what_a_walk_through_the_trades_counts(book: Book) -> None:
    result = book.run()
    day = {number: place for place, number in enumerate(book.days.tolist())}
    before = START_EQUITY * np.cumprod([1.0, *(1.0 + book.daily(result))])
    held, traded = np.zeros(len(day)), np.zeros(len(day))
    for trade in result.trades:
        market, params = book.markets[trade["instrument"]], book.params[trade["instrument"]]
        tradable = np.broadcast_to(market.tradable, len(market))
        rate = np.broadcast_to(market.rate, len(market))
        for bar in range(trade["entry_bar"], trade["exit_bar"]):
            held[day[book.day[bar]]] += bool(tradable[bar])
        for price, at in (("entry", "entry_bar"), ("exit", "exit_bar")):
            place = day[book.day[trade[at]]]
            money = trade["lots"] * trade[price] * params.tick_value * rate[trade[at]]
            traded[place] += money / before[place]

    counted = held_by_day(book, result)

    assert np.array_equal(counted[:, 0], held)
    assert counted[:, 1].sum() == sum(market.tradable.sum() for market in book.markets)
    assert np.allclose(turnover_by_day(book, result), traded, rtol=1e-12)
    assert 0.0 < held.sum() < counted[:, 1].sum()


def test_a_year_has_the_days_that_the_account_trades(done: Backtest, book: Book) -> None:
    rows, year = dict(done.report["trades"]["rows"]), book.instruments[0].days_per_year
    trading = done.report["trading"]

    assert rows["round trips"] == f"{trading['count']:,}"
    assert rows["a year"] == f"{trading['count'] * year / len(book.days):,.0f}"
    assert rows["turnover a year, times equity"] == show(trading["turnover"], digits=1)
    assert rows["time in the market"] == show(trading["exposure"], percent=True, digits=1)


def test_every_belief_about_ambiguous_bars_is_reported(done: Backtest, book: Book) -> None:
    rows = {row[0]: row for row in done.report["resolutions"]["rows"]}
    ends = {belief: book.run(resolution=belief).equity[-1] for belief in Resolution}

    assert set(rows) == {belief.name.lower() for belief in Resolution}
    assert ends[Resolution.PESSIMISTIC] <= ends[Resolution.OPTIMISTIC]
    stress = [row[0] for row in done.report["stress"]["rows"]]
    assert stress == ["none", "half", "as assumed", "half more", "doubled", "tripled"]


def test_the_baselines_stand_beside_the_chain(done: Backtest) -> None:
    assert set(done.report["performance"]) == {"chain", "buy and hold", "naive"}
    days = len(done.report["equity"]["days"])
    for figures in done.report["performance"].values():
        assert figures["days"] == days
        assert {key for key, _, _ in FIGURES} <= set(figures)
    heard = {row[0] for row in done.report["members"]["rows"]}
    assert heard >= {"naive 1h", "ridge 4h", "pool all"}
    for curve in done.report["equity"]["curves"].values():
        assert len(curve) == days
        assert np.isfinite(curve).all()


class Loads(HTMLParser):
    """Collects every tag, and whatever a page would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.fetched: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in ("meta", "link", "br", "hr", "img", "input"):
            self.open.append(tag)
        self.fetched += [f"{n}={v}" for n, v in attrs if n in ("src", "href", "xlink:href", "data")]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if self.open and self.open[-1] == tag:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open, tag
        assert self.open.pop() == tag


def test_the_page_is_one_whole_file_that_loads_nothing(home: Path, done: Backtest) -> None:
    path = write_page(open_at(home), done.report)
    text = path.read_text(encoding="utf-8")
    seen = Loads()
    seen.feed(text)

    assert path.stat().st_size < 3_000_000
    assert seen.open == []
    assert seen.tags[:2] == ["html", "head"]
    assert seen.tags.count("svg") >= 3
    outward = [f for f in seen.fetched if not f.split("=", 1)[1].startswith("#")]
    assert outward == ["href=https://www.tradingview.com/"]
    assert "default-src 'none'" in text
    assert not re.search(r"@import|url\(\s*['\"]?(https?:)?//", text)
    assert not re.search(r"https?://(?!www\.(w3\.org|tradingview\.com|apache\.org)/)", text)
    assert not list(path.parent.glob(".*"))


def test_the_page_is_drawn_from_what_json_prints(done: Backtest) -> None:
    plain = json.loads(canonical(done.report))

    assert page(plain) == page(done.report)


def test_a_finished_run_is_one_trial_and_a_rerun_no_other(home: Path, done: Backtest) -> None:
    desk = open_at(home)
    trials = Trials(desk.database)
    row = trials.get(done.trial)
    before = trials.count_distinct(NAMESPACE)

    backtest(desk, members=MEMBERS, split=PLAN, referee=False)
    other = trials.count_distinct(NAMESPACE)
    backtest(desk, members=MEMBERS, split=PLAN, referee=False)

    assert row.status is TrialStatus.FINISHED
    assert row.results_digest == digest(done.report)
    assert row.metrics is not None
    assert set(row.metrics) == {"chain", "buy and hold", "naive"}
    assert other == before + 1
    assert trials.count_distinct(NAMESPACE) == other


def _raises(error: type[BaseException]) -> Callable[[str, int, int], None]:
    def tick(what: str, done: int, total: int) -> None:
        del done, total
        if what.startswith("Fold 1 of 2: deciding"):
            raise error("here")

    return tick


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (KeyboardInterrupt, TrialStatus.ABORTED),
        (HistoryError, TrialStatus.FAILED),
        (OSError, TrialStatus.FAILED),
        (ZeroDivisionError, TrialStatus.FAILED),
    ],
)
def test_a_run_that_does_not_finish_is_counted_with_its_end(
    home: Path, error: type[BaseException], status: TrialStatus
) -> None:
    desk = open_at(home)

    with pytest.raises(error):
        backtest(desk, members=MEMBERS[:2], split=PLAN, referee=False, tick=_raises(error))

    row = Trials(desk.database).list(NAMESPACE)[-1]
    assert row.status is status
    assert row.reason
    assert row.finished_at is not None


def test_too_many_folds_are_refused_before_anything_is_claimed(home: Path) -> None:
    desk = open_at(home)

    with pytest.raises(HistoryError, match="fewer folds"):
        backtest(desk, members=MEMBERS[:2], split=SplitPlan(folds=200, tested=0.9))

    assert Trials(desk.database).list(NAMESPACE)[-1].status is TrialStatus.FAILED


def test_every_figure_has_its_interval(done: Backtest) -> None:
    def estimates(value: object) -> list[Mapping[str, Any]]:
        if isinstance(value, Mapping):
            own = [value] if {"value", "low", "high"} <= set(value) else []
            return own + [e for each in value.values() for e in estimates(each)]
        return []

    found = estimates(done.report["performance"])
    found += estimates(done.report["trading"])

    assert len(found) >= 3 * len(FIGURES) + 5
    for each in found:
        if each["value"] is not None and each["low"] is not None:
            assert each["low"] <= each["high"]


def test_the_summary_tells_in_which_folds_it_traded(done: Backtest, book: Book) -> None:
    said = next(s for s in done.report["summary"] if s.startswith("Round trips by fold"))

    counts = [
        int(part.split(" in fold")[0]) for part in said.removesuffix(".").split(": ")[1].split(", ")
    ]
    assert len(counts) == PLAN.folds
    assert sum(counts) == len(book.run().trades)
