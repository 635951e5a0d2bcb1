"""The demo finds what was planted, claims little that was not, and never peeks at the truth."""

import multiprocessing
import resource
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import cast

import pytest

from assay.core.instruments import instrument
from assay.core.values.timeframe import Timeframe
from assay.evaluation.splits import SplitPlan
from assay.evaluation.truth import Claim, EdgeKind, judge
from assay.sources.adapters.simulated import Simulated
from assay.store.trials import Trials, TrialStatus
from assay.workflows.again import NAMESPACE
from assay.workflows.backtest import folds_of
from assay.workflows.demo import START, TIMEFRAMES, _left_out, demo, judged_claims
from assay.workflows.desk import Desk
from assay.workflows.discover import Finding, discover
from assay.workflows.gather import Prepared, Series, prepare_all
from tests.workflows.workspace import open_at

NAMES = ("EURUSD", "USDJPY", "XAUUSD")
SEEDS = range(1, 21)


def small_market(home: Path, seed: int = 7) -> tuple[Desk, Path]:
    """Fill a workspace with two and a half years of three instruments; the path is its truth."""
    desk = open_at(home)
    market = Simulated(
        seed=seed, start=START, years=2.5, instruments=[instrument(name) for name in NAMES]
    )
    for one in market.instruments:
        bars = market.bars(one, Timeframe.H1).bars
        desk.bars.append(bars, source="simulated", known_at=desk.clock.now(), simulated=True)
    desk.documents.add_stories(list(market.stories()), simulated=True)
    desk.documents.add_releases(list(market.releases()), simulated=True)
    truth = home / "truth.json"
    market.write_truth(truth)
    return desk, truth


def findings_of(desk: Desk) -> list[Finding]:
    items = list(prepare_all(desk, [Series(name, Timeframe.H1) for name in NAMES]).values())
    return discover(items, folds_of(items, SplitPlan(folds=2)))


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Finding]]:
    desk, truth = small_market(tmp_path_factory.mktemp("market"))
    return truth, findings_of(desk)


def test_every_instrument_is_probed_for_price_news_and_macro(
    searched: tuple[Path, list[Finding]],
) -> None:
    _, findings = searched

    assert {f.symbol for f in findings} == set(NAMES)
    for name in NAMES:
        own = [f for f in findings if f.symbol == name]
        assert {f.kind for f in own} == {"price", "news", "macro"}
        assert len({(f.group, f.horizon_bars) for f in own}) == len(own)
        assert sum(f.claimed for f in own) <= 1
    for found in findings:
        assert 0.0 <= found.p <= found.adjusted <= 1.0
        assert -1.0 <= found.ic <= 1.0
        assert not found.claimed or found.adjusted <= 0.05
        alike = [f.net_t for f in findings if (f.symbol, f.group) == (found.symbol, found.group)]
        assert not found.claimed or max(alike) >= 1


def test_claims_do_not_depend_on_the_truth_being_there(
    searched: tuple[Path, list[Finding]], tmp_path: Path
) -> None:
    desk, truth = small_market(tmp_path)
    truth.unlink()

    assert repr(findings_of(desk)) == repr(searched[1])  # repr: NaN is equal to NaN


def test_claims_are_judged_against_what_was_planted(
    searched: tuple[Path, list[Finding]],
) -> None:
    truth, findings = searched
    claims = [Claim(f.symbol, EdgeKind(f.kind)) for f in findings if f.claimed]

    judgement = judge(truth, claims)
    nothing = judge(truth, [])
    everything = judge(truth, [Claim(n, kind) for n in NAMES for kind in EdgeKind])

    assert judgement.found + judgement.missed == judgement.planted
    assert nothing.found == nothing.false_claims == 0
    assert everything.found == everything.planted
    assert everything.false_claims == len(NAMES) * len(EdgeKind) - everything.planted


def test_a_short_market_says_which_timeframe_it_is_too_short_for() -> None:
    every = [Series(name, timeframe) for name in NAMES for timeframe in TIMEFRAMES]
    ready = {s: cast("Prepared", None) for s in every if s.timeframe is not Timeframe.D1}

    (said,) = _left_out(every, ready)

    assert said.startswith(f"1d, {len(NAMES)} of {len(NAMES)} series: too few bars")
    assert _left_out(every, dict.fromkeys(every, cast("Prepared", None))) == []


@pytest.mark.slow
@pytest.mark.timeout(1_800)
def test_the_whole_demo_is_deterministic_and_leaves_all_it_promises(tmp_path: Path) -> None:
    ticked: list[str] = []

    def tick(what: str, done: int, total: int) -> None:
        assert 0 <= done <= total
        if what not in ticked:
            ticked.append(what)

    first = demo(open_at(tmp_path / "first"), years=2.0, tick=tick)
    second = demo(open_at(tmp_path / "second"), years=2.0)

    assert len(ticked) >= 8
    assert first.page.is_file()
    assert first.report["simulated"] is True
    assert {row.simulated for row in first.board} == {True}
    assert len(first.board) == len({row.symbol for row in first.board}) >= 19
    assert [row.id for row in first.board] == [row.id for row in second.board]
    assert first.judgement == second.judgement
    assert first.report["equity"] == second.report["equity"]
    desk = open_at(tmp_path / "first")
    assert [t.status for t in Trials(desk.database).list(NAMESPACE)] == [TrialStatus.FINISHED]
    assert desk.journal.verify().intact
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 4_000_000


def _judged(seed: int, home: Path) -> tuple[int, float, float, int, int]:
    desk = open_at(home / str(seed))
    desk.seed = seed
    found = judged_claims(desk)
    claims = found.found + found.false_claims
    return seed, found.found_share, found.false_share, found.false_claims, claims


@pytest.mark.slow
@pytest.mark.timeout(7_200)
def test_over_many_markets_most_edges_are_found_and_few_claims_are_false(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=context, max_tasks_per_child=1) as pool:
        told = list(pool.map(_judged, SEEDS, [tmp_path] * len(SEEDS)))

    found = sum(row[1] for row in told) / len(told)
    false = sum(row[2] for row in told) / len(told)
    wrong, claims = sum(row[3] for row in told), sum(row[4] for row in told)
    said = (
        f"found {found:.1%} of the planted edges, something false of {false:.1%} of the "
        f"instruments; {wrong} of {claims} claims were false; by seed: {told}"
    )
    assert found >= 0.60, said
    assert false <= 0.05, said
