"""The join: on time only, as it was first seen, and never a look ahead."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from assay.core.calendars.calendar import calendar
from assay.core.errors import DataError
from assay.core.instruments import instrument
from assay.core.values.bars import Bars
from assay.core.values.timeframe import Timeframe
from assay.features.catalog import FEATURES
from assay.features.contract import Frames, Input
from assay.features.join import (
    RELEASE_SCHEMA,
    STORY_SCHEMA,
    Figures,
    currencies_of,
    figures,
    figures_for,
    figures_on,
    frames,
)
from tests.factories import make_bars
from tests.features import promises
from tests.features.worlds import World, make_world

FIRST = datetime(2020, 1, 6, 1, tzinfo=UTC)
"""The close of the first of ten hourly bars without gaps."""


def _small(
    *,
    bars: Bars | None = None,
    higher: Bars | None = None,
    peers: dict[str, pl.DataFrame] | None = None,
    stories: pl.DataFrame | None = None,
    releases: pl.DataFrame | None = None,
) -> World:
    return World(bars or make_bars(10, gaps=False), higher, peers or {}, stories, releases)


def _stories(*seen: tuple[float, float]) -> pl.DataFrame:
    """Return stories by hours after the first close, with their scores."""
    rows = [(FIRST + timedelta(hours=hours), score) for hours, score in seen]
    return pl.DataFrame(rows, schema=STORY_SCHEMA, orient="row")


def _releases(*rows: tuple[float, float, float | None], currency: str = "USD") -> pl.DataFrame:
    """Return figures of one series by hours after the first close: actual and consensus."""
    full = [("CPI", currency, FIRST + timedelta(hours=h), a, c) for h, a, c in rows]
    return pl.DataFrame(full, schema=RELEASE_SCHEMA, orient="row")


def _equal(some: Frames, others: Frames, rows: int) -> None:
    for kind in Input:
        assert_frame_equal(
            getattr(some, kind.value).head(rows),
            getattr(others, kind.value).head(rows),
            check_exact=True,
        )


def test_a_story_belongs_to_the_first_bar_that_closes_at_or_after_it() -> None:
    stories = _stories((0.5, 0.4), (1.0, 0.2), (1.001, -1.0), (99.0, 1.0))

    found = _small(stories=stories).frames().stories

    assert found["count"].to_list() == [0, 2, 1, 0, 0, 0, 0, 0, 0, 0]
    assert found["score_sum"].to_list()[:3] == pytest.approx([0.0, 0.6, -1.0])
    assert found["score_squares"].to_list()[:3] == pytest.approx([0.0, 0.2, 1.0])
    assert found["minutes_since"].to_list()[:4] == pytest.approx(
        [None, 0.0, 60 * 0.999, 60 * 1.999], abs=1e-4
    )
    assert found.schema["count"] == pl.UInt32


def test_the_first_bar_holds_one_bar_length_and_no_older_history() -> None:
    stories = _stories((-30.0, 1.0), (-1.0, 1.0), (-0.9, 0.5), (0.0, 0.25))

    found = _small(stories=stories).frames().stories

    assert found["count"][0] == 2
    assert found["score_sum"][0] == 0.75
    later = _small(stories=_stories((-30.0, 1.0))).frames().stories
    assert later["count"].sum() == 0
    assert later["minutes_since"][0] == 30 * 60


def test_what_happens_at_the_weekend_is_known_at_the_next_bar() -> None:
    bars = make_bars(200, gaps=False)
    times = bars.frame["time"]
    monday = int((times.diff() > timedelta(hours=24)).arg_max() or 0)
    seen = times[monday - 1] + timedelta(hours=20)
    stories = pl.DataFrame({"seen_at": [seen], "score": [0.5]}, schema=STORY_SCHEMA)

    found = _small(bars=bars, stories=stories).frames().stories

    assert found["count"].arg_max() == monday
    assert found["count"].sum() == 1


def test_a_higher_bar_is_seen_from_its_close_on_and_not_before() -> None:
    world = make_world(120, timeframe=Timeframe.H1)
    assert world.higher is not None

    joined = world.frames()

    closes = dict(world.higher.frame.select("time", "close").iter_rows())
    for now, seen, close in zip(
        joined.bars["time"], joined.higher["time"], joined.higher["close"], strict=True
    ):
        known = [time for time in closes if time <= now]
        assert seen == (max(known) if known else None)
        assert close == (closes[seen] if known else None)


def test_a_higher_series_that_ended_is_not_taken_for_the_present() -> None:
    world = make_world(400)
    assert world.higher is not None
    rows = world.bars.frame["time"]
    stopped = world.higher.frame.filter(pl.col("time") <= rows[200])
    ended = replace(world, higher=replace(world.higher, frame=stopped)).frames().higher

    whole = world.frames().higher
    ratio = world.higher.timeframe.minutes // world.bars.timeframe.minutes
    last = int((rows < stopped["time"][-1]).sum())

    assert whole["time"].null_count() == whole["time"].head(100).null_count(), "weekends age none"
    fresh = last + 2 * ratio
    assert_frame_equal(ended.head(last + 1), whole.head(last + 1), check_exact=True)
    assert ended["time"].slice(last, 2 * ratio).to_list() == [stopped["time"][-1]] * 2 * ratio
    assert ended.slice(fresh).null_count().row(0) == (400 - fresh,) * 6


@pytest.mark.parametrize(
    "name", ["higher_candle", "higher_position", "higher_return", "higher_trend"]
)
def test_a_hole_in_the_higher_series_is_streamed_as_in_batch(name: str) -> None:
    world = make_world(900)
    assert world.higher is not None
    rows = world.bars.frame["time"]
    hole = pl.col("time").is_between(rows[500], rows[600])
    holed = replace(world.higher, frame=world.higher.frame.filter(~hole))
    feature = FEATURES.get(name)()

    given = replace(world, higher=holed).frames()

    assert given.higher["time"].slice(500, 100).null_count() > 50
    assert given.higher["time"].tail(250).null_count() == 0
    promises.streams_as_in_batch(feature, given, 450)
    promises.has_nulls_only_where_inputs_have(feature, given)


def test_a_higher_bar_that_has_not_closed_changes_nothing() -> None:
    world = make_world(120)
    assert world.higher is not None
    last = world.bars.last_time
    frame = world.higher.frame.filter(pl.col("time") <= last)
    prices = pl.col("open", "high", "low", "close") * 3.0
    tomorrow = frame.tail(1).with_columns(prices, pl.col("time").dt.offset_by("4h"))
    later = replace(world.higher, frame=frame.vstack(tomorrow))

    before = replace(world, higher=replace(world.higher, frame=frame)).frames()

    _equal(replace(world, higher=later).frames(), before, 120)


def test_peers_join_at_exactly_the_same_time() -> None:
    bars = make_bars(10, gaps=False)
    times = bars.frame["time"]
    peer = pl.DataFrame({"time": times, "close": [float(i + 1) for i in range(10)]})
    shifted = peer.with_columns(pl.col("time").dt.offset_by("1m"))
    peers = {"USDJPY": peer.filter(pl.col("close") != 4.0), "GBPUSD": shifted}

    found = _small(peers=peers).frames().peers

    assert found.columns == ["GBPUSD", "USDJPY"]
    assert found["GBPUSD"].null_count() == 10
    assert found["USDJPY"].to_list() == [1.0, 2.0, 3.0, None, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0]


def test_nothing_given_is_nothing_seen() -> None:
    found = _small().frames()

    assert found.peers.shape == (10, 0)
    assert found.higher.null_count().row(0) == (10,) * 6
    assert found.stories["count"].sum() == 0
    assert found.macro.select("surprise_base", "surprise_quote").sum().row(0) == (0.0, 0.0)
    assert found.macro["minutes_since"].null_count() == 10


def test_a_surprise_is_measured_by_those_before_it() -> None:
    past = [(0.5, 1.0, 0.0), (1.5, -1.0, 0.0), (2.5, 2.0, 0.0)]
    releases = _releases(*past, (3.5, 3.0, 0.0), (4.5, 9.0, None))

    found = _small(releases=releases).frames().macro

    spread = float(np.std([1.0, -1.0, 2.0], ddof=1))
    assert found["surprise_quote"].to_list()[:6] == pytest.approx(
        [0.0, 0.0, 0.0, 0.0, 3.0 / spread, 0.0]
    )
    assert found["surprise_base"].sum() == 0.0
    assert found["count"].to_list()[:7] == [0, 1, 1, 1, 1, 1, 0]


def test_figures_of_one_moment_do_not_measure_each_other() -> None:
    past = [(0.5, 1.0, 0.0), (1.5, -1.0, 0.0), (3.5, 2.0, 0.0), (3.5, 5.0, 0.0)]

    found = _small(releases=_releases(*past)).frames().macro

    assert found["surprise_quote"].abs().sum() == 0.0


@pytest.mark.parametrize(
    ("currency", "base", "quote"), [("EUR", True, False), ("USD", False, True), ("JPY", 0, 0)]
)
def test_a_figure_counts_for_its_currency(currency: str, base: bool, quote: bool) -> None:
    rows = [(0.5 + i, float((-1) ** i), 0.0) for i in range(6)]

    found = _small(releases=_releases(*rows, currency=currency)).frames().macro

    assert bool(found["surprise_base"].abs().sum()) == base
    assert bool(found["surprise_quote"].abs().sum()) == quote
    assert found["count"].sum() == (6 if base or quote else 0)


def test_dollars_move_what_is_quoted_in_tether() -> None:
    rows = [(0.5 + i, float((-1) ** i), 0.0) for i in range(6)]
    bars = make_bars(10, symbol="BTCUSDT", gaps=False)

    found = _small(bars=bars, releases=_releases(*rows)).frames().macro

    assert found["surprise_quote"].abs().sum() > 0


def _levels(series: str, currency: str, *rows: tuple[float, float]) -> pl.DataFrame:
    table = _releases(*((at, level, None) for at, level in rows), currency=currency)
    return table.with_columns(series=pl.lit(series))


def test_a_rate_holds_from_when_it_was_seen_to_the_next_one() -> None:
    rates = _levels("policy_rate_percent", "USD", (2.5, 1.0), (5.0, 1.25), (7.2, 1.5))

    found = _small(releases=rates).frames().macro

    assert found["policy_quote"].to_list()[2:9] == [None, 1.0, 1.0, 1.25, 1.25, 1.25, 1.5]
    assert found["policy_base"].null_count() == 10
    assert found["count"].sum() == 3


def test_a_yield_of_the_market_is_a_level_and_no_announcement() -> None:
    yields = _levels("yield_10y_percent", "EUR", (1.5, 2.0))

    found = _small(releases=yields).frames().macro

    assert found["long_base"].to_list()[:4] == [None, None, 2.0, 2.0]
    assert found["count"].sum() == 0
    assert found["minutes_since"].null_count() == 10


def test_what_is_no_currency_bears_no_interest() -> None:
    bars = make_bars(10, symbol="BTCUSDT", gaps=False)
    rates = _levels("policy_rate_percent", "USD", (0.5, 5.0))

    found = _small(bars=bars, releases=rates).frames().macro

    assert found["policy_base"].to_list() == [0.0] * 10
    assert found["policy_quote"].to_list()[-1] == 5.0


def test_a_late_revision_of_an_old_rate_does_not_replace_a_newer_one() -> None:
    first = _levels("policy_rate_percent", "USD", (1.5, 1.0), (3.5, 2.0))
    first = first.with_columns(event_at=pl.col("seen_at"))
    late = first.head(1).with_columns(
        pl.lit(0.9).alias("actual"), seen_at=pl.col("seen_at").dt.offset_by("4h")
    )

    found = _small(releases=pl.concat([first, late])).frames().macro["policy_quote"]

    assert found.to_list()[1:8] == [None, 1.0, 1.0, 2.0, 2.0, 2.0, 2.0]


def test_novelty_is_summed_bar_by_bar_and_one_where_nobody_says() -> None:
    seen = _stories((0.5, 0.1), (0.7, 0.2), (2.5, 0.3))

    told = _small(stories=seen.with_columns(novelty=pl.Series([0.5, 0.25, 1.0]))).frames()

    assert told.stories["novelty_sum"].to_list()[1:4] == [0.75, 0.0, 1.0]
    assert _small(stories=seen).frames().stories["novelty_sum"].to_list()[1:4] == [2.0, 0.0, 1.0]


def test_a_revision_is_no_second_surprise_and_changes_nothing_before_it() -> None:
    rows = [(0.5 + i, float((-1) ** i), 0.0) for i in range(5)]
    first = _releases(*rows).with_columns(event_at=pl.col("seen_at"))
    revised = first.tail(1).with_columns(
        pl.lit(9.0).alias("actual"), seen_at=pl.col("seen_at").dt.offset_by("2h")
    )

    plain = _small(releases=first).frames()
    after = _small(releases=pl.concat([revised, first])).frames()

    _equal(after, plain, 10)
    unnamed = _small(releases=pl.concat([first, revised]).drop("event_at")).frames()
    _equal(unnamed, plain, 7)
    assert unnamed.macro["count"][7] == 1


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(400)


@settings(max_examples=40, deadline=None)  # the machine may be busy
@given(cut=st.integers(1, 399), seed=st.integers(0, 2**32 - 1))
def test_a_row_stays_whatever_the_future_brings(world: World, cut: int, seed: int) -> None:
    moment = world.bars.frame["time"][cut - 1]
    now = world.frames()

    _equal(world.until(moment).frames(), now, cut)
    _equal(_with_another_future(world, moment, seed).frames(), now, cut)


def _with_another_future(world: World, moment: datetime, seed: int) -> World:
    """Return the world with everything after `moment` changed, doubled or taken away."""
    chance = np.random.default_rng(seed)
    assert world.stories is not None
    assert world.releases is not None
    assert world.higher is not None
    past = world.until(moment)
    past_stories, past_releases = past.stories, past.releases
    assert past_stories is not None
    assert past_releases is not None

    def later(frame: pl.DataFrame, time: str, value: str) -> pl.DataFrame:
        future = frame.filter(pl.col(time) > moment)
        factor = pl.Series(chance.uniform(0.1, 1.0, future.height), dtype=pl.Float64)
        return future.with_columns((pl.col(value) * factor).alias(value)).sample(
            fraction=0.7, seed=int(chance.integers(1, 1000))
        )

    prices = pl.col("open", "high", "low", "close") * float(chance.uniform(0.5, 2.0))
    after = pl.col("time") > moment

    def moved(bars: Bars) -> Bars:
        future = bars.frame.filter(after).with_columns(prices)
        return replace(bars, frame=bars.until(moment).frame.vstack(future))

    return World(
        moved(world.bars),
        moved(world.higher),
        {
            name: pl.concat([later(peer, "time", "close"), past.peers[name]])
            for name, peer in world.peers.items()
        },
        pl.concat([later(world.stories, "seen_at", "score"), past_stories]),
        pl.concat([later(world.releases, "seen_at", "actual"), past_releases]),
    )


def test_the_order_of_arrival_changes_no_bit(world: World) -> None:
    assert world.stories is not None
    releases = world.releases
    assert releases is not None
    together = world.stories.with_columns(pl.col("seen_at").dt.truncate("6h"))
    world = replace(world, stories=together)
    shuffled = replace(
        world,
        stories=together.sample(fraction=1.0, shuffle=True, seed=1),
        releases=releases.sample(fraction=1.0, shuffle=True, seed=2),
        peers={n: p.sample(fraction=1.0, shuffle=True, seed=3) for n, p in world.peers.items()},
    )

    _equal(shuffled.frames(), world.frames(), 400)


def _refused(message: str, world: World) -> None:
    with pytest.raises(DataError, match=message):
        world.frames()


def test_what_cannot_be_joined_is_refused() -> None:
    bars = make_bars(10, gaps=False)
    peer = bars.frame.select("time", "close")
    story = _stories((0.5, 0.1))
    nan = pl.lit(float("nan"))

    def peered(frame: pl.DataFrame, symbol: str = "GBPUSD") -> World:
        return _small(peers={symbol: frame})

    def told(score: float) -> World:
        return _small(stories=story.with_columns(score=pl.lit(score)))

    _refused("two bars at one time", peered(pl.concat([peer, peer.head(1)])))
    _refused("its own peer", peered(peer, "EURUSD"))
    _refused("zero or below", peered(peer.with_columns(close=-pl.col("close"))))
    _refused("peer GBPUSD: close", peered(peer.select("time")))
    _refused("peer GBPUSD: close has a missing", peered(peer.with_columns(close=nan)))
    _refused("stories: score has a missing", told(float("nan")))
    _refused(r"lies in \[-1, 1\]", told(1.5))
    dated = story.with_columns(pl.col("seen_at").dt.date())
    _refused("stories: seen_at", _small(stories=dated))
    _refused("releases: actual", _small(releases=_releases((0.5, float("inf"), None))))
    _refused("higher bars are longer", _small(higher=bars))
    other = make_bars(5, symbol="GBPUSD", timeframe=Timeframe.H4)
    _refused("of the same instrument", _small(higher=other))


def test_the_calendar_must_be_that_of_the_bars() -> None:
    bars = make_bars(10, gaps=False)
    columns = calendar("FX").calendar_columns(bars.frame["time"], bars.timeframe)

    def joined(given: pl.DataFrame) -> Frames:
        return frames(
            bars, higher=None, peers={}, stories=None, releases=None, calendar_columns=given
        )

    with pytest.raises(DataError, match="lack first_of_day"):
        joined(columns.drop("first_of_day"))
    with pytest.raises(DataError, match="10 bars need as many calendar rows; found 9"):
        joined(columns.head(9))
    late = columns.with_columns(time=bars.frame["time"].dt.offset_by("1h"))
    with pytest.raises(DataError, match="other times"):
        joined(late)
    assert joined(columns).calendar.height == 10
    assert joined(columns).instrument == instrument("EURUSD")


def test_figures_of_all_times_say_of_each_bar_what_was_known_then() -> None:
    known = [(0.5, 2.0, 1.0), (1.5, 3.0, 1.0), (2.5, 1.0, 1.5), (3.0, 2.0, None), (4.0, 2.5, 2.0)]
    later = [*known, (7.5, 9.0, 1.0), (300.0, 4.0, 2.0)]
    bars = make_bars(10, gaps=False)
    seen = Bars(bars.instrument, bars.timeframe, bars.frame.head(6))
    columns = calendar(bars.instrument.calendar).calendar_columns(
        seen.frame["time"], seen.timeframe
    )

    def macro(releases: pl.DataFrame | Figures) -> pl.DataFrame:
        return frames(
            seen, higher=None, peers={}, stories=None, releases=releases, calendar_columns=columns
        ).macro

    by_then = macro(_releases(*known))
    from_all = macro(figures(_releases(*later), bars.instrument))

    assert by_then["surprise_quote"].abs().sum() > 0
    assert_frame_equal(by_then, from_all, check_exact=True)


@pytest.mark.parametrize("symbol", ["EURUSD", "XAUUSD"])
def test_what_is_said_on_each_currency_is_what_all_say_to_the_market(symbol: str) -> None:
    world = make_world(600)
    asked = instrument(symbol)

    whole = figures(world.releases, asked)
    apart = figures_for(asked, *(figures_on(one, world.releases) for one in currencies_of(asked)))

    for name in ("seen", "surprise_base", "surprise_quote"):
        np.testing.assert_array_equal(getattr(apart, name), getattr(whole, name))
    assert apart.levels.keys() == whole.levels.keys()
    for name, (seen, level) in whole.levels.items():
        np.testing.assert_array_equal(apart.levels[name][0], seen)
        np.testing.assert_array_equal(apart.levels[name][1], level)
    assert np.abs(whole.surprise_quote).sum() > 0
    assert not (whole.surprise_base * whole.surprise_quote).any(), "each is of one currency"


def test_of_a_coin_pegged_to_its_quote_the_figures_count_for_both_legs() -> None:
    known = [(0.5, 2.0, 1.0), (1.5, 3.0, 1.0), (2.5, 1.0, 1.5), (3.0, 2.0, None), (4.0, 2.5, 2.0)]
    coin = replace(instrument("BTCUSDT"), base="USDT", quote="USD")

    found = figures(_releases(*known), coin)

    assert found.seen.size == len(known)
    assert np.abs(found.surprise_base).sum() > 0
    np.testing.assert_array_equal(found.surprise_base, found.surprise_quote)


def test_the_order_in_which_stories_of_one_moment_came_changes_no_bit() -> None:
    chance = np.random.default_rng(4)
    rows = [(float(at), float(score)) for at, score in chance.integers(0, 3, (200, 2)) / 3]
    stories = _stories(*rows).with_columns(novelty=pl.Series(chance.uniform(0.1, 1, len(rows))))

    first = _small(stories=stories).frames().stories
    again = _small(stories=stories.sample(fraction=1.0, shuffle=True, seed=5)).frames().stories

    assert first["novelty_sum"].sum() > 0
    assert_frame_equal(first, again, check_exact=True)


def test_peers_are_joined_whatever_the_order_of_their_rows() -> None:
    bars = make_bars(10, gaps=False)
    peer = pl.DataFrame({"time": bars.frame["time"], "close": np.arange(1.0, 11.0)})
    some = peer.filter(pl.col("close") != 4.0)

    joined = _small(bars=bars, peers={"GBPUSD": some[::-1]}).frames().peers["GBPUSD"]

    assert joined.to_list() == [1.0, 2.0, 3.0, None, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0]
