"""Nothing that happens after a moment changes what the chain says or does at that moment."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from assay.core.values.bars import Bars
from assay.core.values.release import Release
from assay.core.values.story import Story
from assay.core.values.timeframe import Timeframe
from assay.evaluation.splits import Fold, Part, Span, SplitPlan
from assay.fusion.fit import fit as fit_fusion
from assay.workflows.backtest import Backtest, backtest, folds_of
from assay.workflows.desk import Desk
from assay.workflows.gather import Prepared, Series, micros, prepare_all
from assay.workflows.issue import issue
from assay.workflows.learn import Learned, Voice, answers_of, learn_fold, plans_of
from assay.workflows.pooling import history_of, moments_of
from assay.workflows.replay import Replayed
from assay.workflows.train import hear, stored_series, train
from tests.workflows.chains import (
    END,
    MEMBERS,
    PLAN,
    SYMBOLS,
    market,
    other_future,
    stored,
    until,
)
from tests.workflows.workspace import copied, open_at

ONE_FOLD = SplitPlan(folds=1, tested=0.15)
EURUSD_H1 = Series("EURUSD", Timeframe.H1)
DECIDED = ("side", "stop_ticks", "target_ticks", "risk_fraction", "reasons")
POOLED = ("probability", "log_odds", "score", "tier", "evidence", "low", "high", "weight", "part")
Arrays = dict[str, np.ndarray]


def decided(replay: Replayed, rows: np.ndarray) -> Arrays:
    """Return all that was said and decided at some rows of a test span."""
    found = {name: getattr(replay.decisions, name)[rows] for name in DECIDED}
    return found | {name: getattr(replay.pooled, name)[rows] for name in POOLED}


def of_span(done: Backtest, symbol: str, first: datetime, last: datetime) -> list[Arrays]:
    """Return what was decided at bars of `symbol` that close after `first` and up to `last`."""
    low, high = micros(first), micros(last)
    found = []
    for replay in (r for r in done.replays if r.series.symbol == symbol):
        time = replay.pooled.time
        found.append(decided(replay, (time > low) & (time <= high)))
    return found


def same(left: Sequence[Arrays], right: Sequence[Arrays]) -> bool:
    """Say whether two runs agree to the bit."""
    return len(left) == len(right) and all(
        a[name].dtype == b[name].dtype and a[name].tobytes() == b[name].tobytes()
        for a, b in zip(left, right, strict=True)
        for name in a
    )


def news(first: datetime, last: datetime, seed: int) -> tuple[list[Story], list[Release]]:
    """Return strongly worded stories and releases first seen between `first` and `last`."""
    chance = np.random.default_rng(seed)
    hours = int((last - first) / timedelta(hours=1))
    stories, releases = [], []
    for number in sorted(chance.choice(hours, hours // 8, replace=False).tolist()):
        at = first + timedelta(hours=number, minutes=int(chance.integers(1, 59)))
        word = chance.choice(["surges", "plunges"])
        text = f"Euro {word} against the dollar, traders say in note {seed}-{number}"
        stories.append(Story(at - timedelta(minutes=1), at, "wire", text, SYMBOLS))
        if number % 4 == 0:
            actual, asked = chance.normal(2.0, 1.0, 2).tolist()
            currency = str(chance.choice(["EUR", "USD", "GBP"]))
            releases.append(
                Release(f"CPI {currency}", currency, at - timedelta(minutes=1), at, actual, asked)
            )
    return stories, releases


def told(desk: Desk, first: datetime, last: datetime, seed: int) -> None:
    stories, releases = news(first, last, seed)
    desk.documents.add_stories(stories, simulated=False)
    desk.documents.add_releases(releases, simulated=False)


@pytest.fixture(scope="module")
def bars() -> list[Bars]:
    return market()


@pytest.fixture(scope="module")
def as_is(bars: list[Bars], tmp_path_factory: pytest.TempPathFactory) -> dict[Series, Prepared]:
    """Return the series of the world as it came to be, without words."""
    return prepared_of(stored(tmp_path_factory.mktemp("as_is"), bars))


@pytest.fixture(scope="module")
def folds(as_is: Mapping[Series, Prepared]) -> tuple[Fold, ...]:
    return folds_of([as_is[EURUSD_H1]], PLAN)


@pytest.fixture(scope="module")
def known(folds: Sequence[Fold]) -> datetime:
    """Return a moment in the middle of the last test span, where the future is cut off."""
    test = folds[-1].test
    assert test is not None
    middle = test.start + (test.end - test.start) * 0.5
    return middle.replace(minute=0, second=0, microsecond=0)


@pytest.fixture(scope="module")
def first_news(bars: list[Bars]) -> datetime:
    start = bars[0].frame["time"][0]
    assert isinstance(start, datetime)
    return start


@pytest.fixture(scope="module")
def before(
    bars: list[Bars],
    known: datetime,
    first_news: datetime,
    tmp_path_factory: pytest.TempPathFactory,
) -> Backtest:
    """Return the backtest of the world as it came to be."""
    desk = stored(tmp_path_factory.mktemp("before"), bars)
    told(desk, first_news, known, 1)
    return backtest(desk, members=MEMBERS, split=PLAN)


def prepared_of(desk: Desk) -> dict[Series, Prepared]:
    return prepare_all(desk, stored_series(desk, (), ()))


def test_another_future_changes_no_earlier_decision(
    before: Backtest,
    bars: list[Bars],
    known: datetime,
    first_news: datetime,
    tmp_path: Path,
) -> None:
    desk = stored(tmp_path, [other_future(each, known) for each in bars])
    told(desk, first_news, known, 1)
    told(desk, known, END, 2)

    after = backtest(desk, members=MEMBERS, split=PLAN)

    assert after.folds == before.folds
    for symbol in SYMBOLS:
        past, now = (of_span(done, symbol, first_news, known) for done in (before, after))
        assert same(past, now)
        later = [of_span(done, symbol, known, END) for done in (before, after)]
        assert not same(*later)
    acted = sum(
        int(np.count_nonzero(arrays["side"]))
        for symbol in SYMBOLS
        for arrays in of_span(before, symbol, first_news, known)
    )
    assert acted > 50, "the test sees nothing where the chain always waits"
    assert sum(n for r in before.replays for n in r.verdicts.values()) > 20


@pytest.mark.parametrize("earlier_news", [False, True])
def test_words_and_figures_seen_later_change_no_earlier_decision(
    bars: list[Bars],
    known: datetime,
    first_news: datetime,
    tmp_path: Path,
    *,
    earlier_news: bool,
) -> None:
    runs = []
    for name, later in (("without", False), ("with", True)):
        desk = stored(tmp_path / name, bars)
        if earlier_news:
            told(desk, first_news, known, 1)
        if later:
            told(desk, known, END, 2)
        runs.append(backtest(desk, members=MEMBERS, split=ONE_FOLD, referee=False))

    for symbol in SYMBOLS:
        assert same(*(of_span(run, symbol, first_news, known) for run in runs))
        columns = [run.prepared[Series(symbol, Timeframe.H1)] for run in runs]
        row = np.searchsorted(columns[0].time, micros(known), side="right")
        assert columns[0].x[:row].tobytes() == columns[1].x[:row].tobytes()
        assert columns[0].x[row:].tobytes() != columns[1].x[row:].tobytes()


@pytest.fixture(scope="module")
def common_folds(as_is: Mapping[Series, Prepared]) -> tuple[Fold, ...]:
    """Return folds that begin with the younger timeframe, so that both are cut at one moment."""
    return folds_of([as_is[Series("EURUSD", Timeframe.H4)]], PLAN)


def learned_of(prepared: Mapping[Series, Prepared], fold: Fold) -> list[Learned]:
    return learn_fold(prepared, fold, plans_of(MEMBERS), PLAN, seed=7, threads=1)


def weights_of(learned: Sequence[Learned]) -> list[Any]:
    return [
        (
            each.plan.name,
            [str(s) for s in each.series],
            {name: np.asarray(a).tobytes() for name, a in each.fitted.weights.arrays.items()},
            dict(each.fitted.weights.texts),
        )
        for each in learned
    ]


def calibration_of(learned: Sequence[Learned]) -> list[str]:
    return [repr(each.fitted.calibration) for each in learned]


def fusions_of(prepared: Mapping[Series, Prepared], learned: Sequence[Learned]) -> list[str]:
    voices = [Voice.of(each) for each in learned]
    found = []
    for item in prepared.values():
        fuse = learned[0].fold.fuse
        found.append(fit_fusion(history_of(item, fuse, hear(voices, prepared, item))).to_json())
    return found


Made = Callable[[Mapping[Series, Prepared], Fold], object]
LEARNS: dict[Part, Made] = {
    Part.STOP: lambda prepared, fold: weights_of(learned_of(prepared, fold)),
    Part.CALIBRATE: lambda prepared, fold: calibration_of(learned_of(prepared, fold)),
    Part.FUSE: lambda prepared, fold: fusions_of(prepared, learned_of(prepared, fold)),
}
"""What is learned by the end of each span."""


@pytest.mark.parametrize("part", list(LEARNS))
def test_what_is_learned_on_a_span_never_looks_past_its_end(
    bars: list[Bars],
    as_is: Mapping[Series, Prepared],
    common_folds: Sequence[Fold],
    tmp_path: Path,
    part: Part,
) -> None:
    fold, learns = common_folds[-1], LEARNS[part]
    end = fold.spans[part].end
    inside = end - (end - fold.spans[part].start) / 2
    worlds = [
        prepared_of(stored(tmp_path / name, [other_future(each, moment) for each in bars]))
        for name, moment in (("after", end), ("inside", inside))
    ]

    as_it_was, other_after, other_inside = (learns(world, fold) for world in (as_is, *worlds))

    assert as_it_was == other_after
    assert as_it_was != other_inside


def test_a_member_is_not_heard_before_its_own_fuse_span(
    bars: list[Bars], folds: Sequence[Fold], tmp_path: Path
) -> None:
    late = folds[-1].train.start + timedelta(days=60)
    desk = stored(tmp_path, bars[:1])
    younger = Series("EURUSD", Timeframe.H4)
    prepared = prepared_of(desk)
    prepared[younger] = _from(prepared[younger], late)
    fold = folds[-1]

    voices = [Voice.of(each) for each in learned_of(prepared, fold)]

    own = prepared[EURUSD_H1]
    rows = own.rows(Span(fold.train.start, END))
    since = {voice.timeframe: voice.since for voice in voices}
    assert since[Timeframe.H4] > since[Timeframe.H1] == fold.fuse.start
    for voice in voices:
        answers = answers_of(voice, prepared[Series("EURUSD", voice.timeframe)], END)
        heard = np.isfinite(moments_of(own, rows, [answers]).p_up[:, 0])
        times = own.time[rows]
        assert answers.time.min() > micros(voice.since)
        assert not heard[times <= micros(voice.since)].any()
        assert heard[times > micros(voice.since + 3 * voice.timeframe.length)].any()


def _from(item: Prepared, first: datetime) -> Prepared:
    rows = item.rows(Span(first, END))
    return replace(
        item,
        bars=Bars(item.instrument, item.series.timeframe, item.bars.frame[rows[0] :]),
        time=item.time[rows],
        x=item.x[rows],
        volatility=item.volatility[rows],
        atr=item.atr[rows],
    )


LATER = ("made_at", "sealed")
"""When a thing was written, and the digest of that: nothing about the market."""
JOURNAL = ("entry", "digest")


def test_a_signal_is_the_same_whether_or_not_later_bars_and_words_exist(
    bars: list[Bars], known: datetime, first_news: datetime, tmp_path: Path
) -> None:
    now = known + timedelta(minutes=5)
    short = stored(tmp_path / "short", [until(each, known) for each in bars], now=now)
    told(short, first_news, known, 1)
    train(short, members=MEMBERS)
    short.database.close()
    copied(tmp_path / "short", tmp_path / "long")
    grown = stored(tmp_path / "long", [other_future(each, known) for each in bars])
    told(grown, known, END, 2)
    times = bars[0].frame.filter(pl.col("time") <= known)["time"]
    moments = [times[-1], times[-3], times[-50]]

    for moment in moments:
        early = issue(open_at(tmp_path / "short", now), "EURUSD", Timeframe.H1, as_of=moment)
        late = issue(grown, "EURUSD", Timeframe.H1, as_of=moment)

        assert early.as_of == late.as_of == moment
        assert _market_part(early.payload) == _market_part(late.payload)
        assert early.id == late.id
    newest = issue(grown, "EURUSD", Timeframe.H1)
    assert newest.as_of > known


def _market_part(payload: Mapping[str, Any]) -> dict[str, Any]:
    plain = json.loads(json.dumps(payload, default=str))
    for stage in ("view", "verdict"):
        plain[stage] = {k: v for k, v in plain[stage].items() if k not in LATER}
    plain["view"] = {k: v for k, v in plain["view"].items() if k not in JOURNAL}
    return {k: v for k, v in plain.items() if k not in LATER}


def test_markets_without_skill_are_rarely_proven(tmp_path: Path) -> None:
    proven = fitted = 0
    for seed in (101, 202):
        desk = stored(tmp_path / str(seed), market(4_000, edge=0.0, seed=seed))
        done = backtest(desk, members=MEMBERS, split=PLAN, referee=False)
        proven += sum(replay.proven for replay in done.replays)
        fitted += len(done.replays)

    assert fitted >= 6
    assert proven <= 1, f"{proven} of {fitted} fusions of noise were PROVEN"
