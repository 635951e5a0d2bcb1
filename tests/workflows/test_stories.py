"""Stories come in once, linked to what they are about, and are known no sooner than seen."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from assay.core.errors import SettingsError
from assay.core.instruments import equity
from assay.core.values.timeframe import Timeframe
from assay.store.instruments import Instruments
from assay.workflows.desk import FOREVER, Desk
from assay.workflows.gather import Series, frames_of, prepare
from assay.workflows.stories import MARKET, StoriesRead, import_stories, stored_stories, told_of
from tests.factories import make_bars
from tests.workflows.test_imports_real import HOME
from tests.workflows.workspace import open_at

START = datetime(2020, 1, 6, tzinfo=UTC)
GOOD, BAD = "Euro surges on strong growth", "Euro plunges on weak growth"


def table(path: Path, rows: Mapping[str, list[Any]]) -> Path:
    pl.DataFrame(rows).write_csv(path)
    return path


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = open_at(tmp_path / "home")
    bars = make_bars(3_000, symbol="EURUSD", start=START)
    coin = make_bars(3_000, symbol="BTCUSDT", start=START)
    for each in (bars, coin):
        desk.bars.append(each, source="test", known_at=desk.clock.now())
    return desk


def one(desk: Desk, file: Path, **said: str) -> StoriesRead:
    (found,) = import_stories(desk, [file], told_of(**said)).read
    return found


def test_the_same_file_again_adds_nothing(desk: Desk, tmp_path: Path) -> None:
    file = table(
        tmp_path / "a.csv",
        {"headline": [GOOD, BAD, GOOD, GOOD], "date": ["2020-01-08"] * 3 + ["2020-01-09"]},
    )

    first, again = one(desk, file), one(desk, file)

    assert (first.rows, first.added, first.repeats, first.known) == (4, 3, 1, 0)
    assert (again.added, again.repeats, again.known, again.known_earlier) == (0, 1, 3, 0)
    assert len(desk.documents.stories(None, FOREVER, simulated=False)) == 3


def test_a_stored_story_keeps_its_time_and_that_is_said(desk: Desk, tmp_path: Path) -> None:
    file = table(tmp_path / "a.csv", {"headline": [GOOD], "date": ["2020-01-08"]})
    one(desk, file, zone="UTC")

    later, earlier = one(desk, file), one(desk, file, zone="Asia/Tokyo")

    (seen,) = desk.documents.stories(None, FOREVER, simulated=False)["seen_at"]
    assert seen == datetime(2020, 1, 9, tzinfo=UTC)
    assert (later.known, later.known_earlier) == (1, 1)
    assert (earlier.known, earlier.known_earlier) == (1, 0)


def test_a_look_stores_nothing(desk: Desk, tmp_path: Path) -> None:
    file = table(tmp_path / "a.csv", {"headline": [GOOD], "date": ["2020-01-08"]})

    (found,) = import_stories(desk, [file], told_of(), store=False).read

    assert found.added == 1
    assert stored_stories(desk) == []


def test_tickers_stand_for_instruments_and_their_bases(desk: Desk, tmp_path: Path) -> None:
    Instruments(desk.database).add(equity("AAPL"))
    file = table(
        tmp_path / "a.csv",
        {
            "headline": ["a", "b", "c", "d", "e"],
            "date": ["2020-01-08"] * 5,
            "ticker": ["EUR/USD", "BTC", "$AAPL, XYZ", None, "EUR"],
        },
    )

    found = one(desk, file)

    assert found.about == {"AAPL": 1, "XYZ": 1, "BTCUSDT": 1, "EURUSD": 1, "EUR": 1, MARKET: 1}
    assert set(found.strangers) == {"XYZ", "EUR"}
    assert {r["instrument"] for r in stored_stories(desk)} == set(found.about)


def test_what_is_stored_is_told_by_instrument(desk: Desk, tmp_path: Path) -> None:
    file = table(
        tmp_path / "a.csv",
        {
            "headline": ["a", "b", "c"],
            "time": ["2020-01-08T10:00:00Z", "2020-01-09T11:00:00Z", "2020-01-07T12:00:00Z"],
            "source": ["Wire", "Post", "Wire"],
        },
    )
    one(desk, file, symbol="EURUSD")

    (row,) = stored_stories(desk)

    assert row == {
        "instrument": "EURUSD",
        "stories": 3,
        "first": datetime(2020, 1, 7, 12, tzinfo=UTC),
        "last": datetime(2020, 1, 9, 11, tzinfo=UTC),
        "assumed": 0,
        "suspect": 0,
        "sources": ["Wire", "Post"],
        "simulated": False,
    }


def test_stories_that_no_simulated_market_will_read_are_named(tmp_path: Path) -> None:
    desk = open_at(tmp_path / "home")
    bars = make_bars(500, symbol="EURUSD", start=START)
    desk.bars.append(bars, source="s", known_at=desk.clock.now(), simulated=True)
    file = table(tmp_path / "a.csv", {"headline": [GOOD], "date": ["2020-01-08"]})

    market, pair = one(desk, file), one(desk, file, symbol="EURUSD")

    assert (market.unread, pair.unread) == ((MARKET,), ("EURUSD",))


def test_one_file_that_cannot_be_read_does_not_keep_the_others_out(
    desk: Desk, tmp_path: Path
) -> None:
    good = table(tmp_path / "a.csv", {"headline": [GOOD], "date": ["2020-01-08"]})
    bad = table(tmp_path / "b.csv", {"price": [1.0], "volume": [2.0]})

    done = import_stories(desk, [good, bad], told_of())

    assert [one.added for one in done.read] == [1]
    assert "say it with --text" in str(done.refused[0].error)


def test_a_delay_without_a_unit_is_refused() -> None:
    with pytest.raises(SettingsError, match="--delay"):
        told_of(delay="15")


@pytest.mark.parametrize("stamp", ["moment", "day"])
def test_a_story_reaches_no_feature_before_it_was_first_seen(
    desk: Desk, tmp_path: Path, stamp: str
) -> None:
    """What is known at a close is the same with and without every story seen later, to the bit."""
    chance = np.random.default_rng(5)
    hours = np.sort(chance.choice(np.arange(100, 2_800), size=120, replace=False))
    times = [START + timedelta(hours=int(h), minutes=int(chance.integers(60))) for h in hours]
    form = "%Y-%m-%d" if stamp == "day" else "%Y-%m-%dT%H:%M:%SZ"
    rows = {
        "headline": [f"{GOOD if chance.random() < 0.5 else BAD} {n}" for n in range(len(times))],
        "date": [time.strftime(form) for time in times],
    }
    found = one(desk, table(tmp_path / "a.csv", rows))
    series = Series("EURUSD", Timeframe.H1)
    whole = prepare(desk, series)
    stories = desk.documents.stories(["EURUSD"], FOREVER, simulated=False)
    assert found.added == stories.height

    bare = open_at(tmp_path / "bare")
    bare.bars.append(
        make_bars(3_000, symbol="EURUSD", start=START), source="t", known_at=bare.clock.now()
    )
    for cut in (400, 1_300, 2_600):
        moment = datetime.fromtimestamp(int(whole.time[cut]) / 1e6, UTC)
        early = {name: values[: _before(times, form, moment)] for name, values in rows.items()}
        one(bare, table(tmp_path / f"{cut}.csv", early)) if early["date"] else None
        then = prepare(bare, series, peers=whole.peers)
        known = slice(0, cut + 1)
        assert np.array_equal(then.x[known], whole.x[known], equal_nan=True)
    seen = stories["seen_at"].dt.epoch("us").to_numpy()
    counted = frames_of(desk, series).stories["count"].to_numpy()
    first = int(np.searchsorted(whole.time, seen.min()))
    assert not counted[:first].any()
    assert counted.any()


def _before(times: list[datetime], form: str, moment: datetime) -> int:
    """Return how many of the rows could be known at `moment`, by the rule and not by the code."""
    if "%H" in form:
        return sum(time.replace(microsecond=0) <= moment for time in times)
    ends = [time.replace(hour=0, minute=0) + timedelta(days=1, hours=12) for time in times]
    return sum(end <= moment for end in ends)


@pytest.mark.skipif(not HOME.is_dir(), reason=f"the shared development data are not at {HOME}")
def test_tweets_are_seen_when_they_were_created_whatever_their_folder_says(tmp_path: Path) -> None:
    desk = open_at(tmp_path / "home")
    file = HOME / "stocks" / "stocknet_tweets.parquet"

    found = one(desk, file)

    assert (found.rows, found.without_text, found.without_time) == (63_235, 0, 0)
    assert found.added + found.repeats == found.rows
    stored = desk.documents.stories(["AAPL"], FOREVER, simulated=False)
    created = pl.read_parquet(file).filter(pl.col("ticker") == "AAPL")
    first = created.group_by(pl.col("text").str.strip_chars(), day=pl.col("created_at").dt.date())
    earliest = first.agg(pl.col("created_at").min())
    both = stored.with_columns(day=pl.col("event_at").dt.date()).join(earliest, on=["text", "day"])
    assert both.height == stored.height
    assert (both["seen_at"] >= both["created_at"]).all()
