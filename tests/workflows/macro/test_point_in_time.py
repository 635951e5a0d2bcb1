"""What a model is shown of the economy is what was known then: none early, no row rewritten."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from assay.core.calendars.calendar import calendar
from assay.core.values.bars import Bars
from assay.core.values.instrument import AssetClass
from assay.core.values.release import LEVELS, Release
from assay.core.values.timeframe import Timeframe
from assay.features.catalog import FEATURES
from assay.features.contract import Input
from assay.features.join import RATES, frames
from assay.sources.published import PUBLISHED, Kind
from assay.store.documents import RELEASE_SCHEMA, DocumentStore
from assay.workflows.desk import FOREVER, Desk
from assay.workflows.gather import Series, frames_of
from assay.workflows.macro.feed import MacroFeed
from assay.workflows.macro.sync import sync_macro
from tests.doubles.macrodesk import SINCE
from tests.doubles.market import NOW
from tests.factories import make_bars
from tests.workflows.macro.conftest import World
from tests.workflows.workspace import HandClock

BARS = make_bars(300, start=datetime(2026, 9, 1, tzinfo=UTC), timeframe=Timeframe.H4)
FIRST, LAST = BARS.first_time, BARS.last_time
FED = ("carry", "yield_differential", "rate_momentum", "term_spread")
PAIRS = ("EURUSD", "GBPUSD", "USDJPY", "USDCHF", "AUDUSD", "NZDUSD", "USDCAD", "XAUUSD")


def macro(bars: Bars, releases: pl.DataFrame | None) -> pl.DataFrame:
    columns = calendar(bars.instrument.calendar).calendar_columns(
        bars.frame["time"], bars.timeframe
    )
    return frames(
        bars, higher=None, peers={}, stories=None, releases=releases, calendar_columns=columns
    ).macro


def rows(releases: Sequence[Release]) -> pl.DataFrame:
    return pl.DataFrame(
        {name: [getattr(one, name) for one in releases] for name in RELEASE_SCHEMA},
        schema=RELEASE_SCHEMA,
    )


@st.composite
def versions(draw: st.DrawFn) -> list[Release]:
    """Draw versions of figures and rates of two currencies, revisions among them."""
    span = int((LAST - FIRST).total_seconds()) // 60
    found = []
    for _ in range(draw(st.integers(1, 12))):
        series = draw(st.sampled_from([*RATES.values(), "cpi_yoy", "unemployment_rate"]))
        due = FIRST + timedelta(minutes=draw(st.integers(-span // 10, span)))
        seen = due
        for _ in range(draw(st.integers(1, 3))):
            value = draw(st.floats(-5, 5))
            found.append(
                Release(series, draw(st.sampled_from(["EUR", "USD"])), due, seen, value, 1.0)
            )
            seen += timedelta(minutes=draw(st.integers(1, span // 4)))
    return found


@settings(max_examples=60, deadline=None)
@given(told=versions(), known=st.integers(1, 299))
def test_what_comes_later_changes_no_earlier_row(told: list[Release], known: int) -> None:
    by = BARS.frame["time"][known - 1]
    then = rows([one for one in told if one.seen_at <= by]).sort("seen_at", maintain_order=True)
    now = rows(told).sort("seen_at", maintain_order=True)
    cut = Bars(BARS.instrument, BARS.timeframe, BARS.frame.head(known))

    assert_frame_equal(macro(cut, then), macro(BARS, now).head(known), check_exact=True)


@settings(max_examples=40, deadline=None)
@given(told=versions())
def test_no_bar_that_closed_before_a_figure_was_seen_knows_of_it(told: list[Release]) -> None:
    first = min(one.seen_at for one in told)

    found = macro(BARS, rows(told)).filter(BARS.frame["time"] < first)

    assert (found["count"] == 0).all()
    assert found["minutes_since"].is_null().all()
    assert (
        found.select(f"{role}_{leg}" for role in RATES for leg in ("base", "quote"))
        .null_count()
        .sum_horizontal()[0]
        == 6 * found.height
    )


def test_a_synced_vintage_is_in_no_row_before_it(world: World) -> None:
    world.later(NOW - world.clock.at)
    world.desk.bars.append(BARS, source="test", known_at=NOW)
    sync_macro(world.desk, MacroFeed(("fred", "fmp"), ("USD", "GBP"), SINCE))
    yields = world.desk.documents.releases(["USD"], FOREVER, simulated=False).filter(
        pl.col("series") == "yield_10y_percent"
    )

    found = frames_of(world.desk, Series("EURUSD", Timeframe.H4)).macro["long_quote"]

    for time, value in zip(BARS.frame["time"], found, strict=True):
        told = yields.filter(pl.col("seen_at") <= time).sort("event_at", "seen_at")
        assert value == (told["actual"][-1] if told.height else None)
    assert found.null_count() < found.len()


def test_a_quotation_of_every_day_is_no_announcement(world: World) -> None:
    quoted = {one.name for one in PUBLISHED.values() if one.kind is Kind.QUOTED}
    told = [
        Release(name, "USD", FIRST + timedelta(days=3), FIRST + timedelta(days=3), 1.0)
        for name in sorted(LEVELS)
    ]

    found = macro(BARS, rows(told))

    assert quoted <= LEVELS
    assert found["count"].sum() == 0


def test_more_unemployment_than_expected_is_bad_for_the_currency() -> None:
    chance = [0.1, -0.1, 0.2, -0.2, 0.5]
    told = [
        Release(name, "USD", at, at, 4.0 + surprise, 4.0)
        for name in ("unemployment_rate", "retail_sales_mom")
        for at, surprise in zip(
            (FIRST + timedelta(days=2 * n) for n in range(1, 6)), chance, strict=True
        )
    ]

    worse = macro(BARS, rows([one for one in told if one.series == "unemployment_rate"]))
    better = macro(BARS, rows([one for one in told if one.series == "retail_sales_mom"]))

    assert worse["surprise_quote"].sum() < 0
    assert (worse["surprise_quote"] == -better["surprise_quote"]).all()


@pytest.mark.parametrize("symbol", PAIRS)
def test_the_rates_of_both_sides_reach_the_features_of_every_pair(
    symbol: str, tmp_path: Path
) -> None:
    desk = _desk(tmp_path)
    bars = make_bars(
        300, symbol=symbol, start=datetime(2026, 9, 1, tzinfo=UTC), timeframe=Timeframe.H4
    )
    desk.bars.append(bars, source="test", known_at=NOW)
    is_metal = bars.instrument.asset_class is AssetClass.METAL
    legs = (bars.instrument.base, bars.instrument.quote)[is_metal:]
    told = [
        Release(series, money, at, at, level + 0.25 * step * (1 + place))
        for place, money in enumerate(legs)
        for series, level in ((RATES["policy"], 2.0 + place), (RATES["short"], 3.0 + 2 * place),
                              (RATES["long"], 3.5 + 4 * place))
        for step, at in enumerate((FIRST - timedelta(days=9), FIRST + timedelta(days=20 + place)))
    ]  # fmt: skip
    desk.documents.add_releases(told, simulated=False)

    seen = frames_of(desk, Series(symbol, Timeframe.H4))

    made = {name: FEATURES.get(name)() for name in FED}
    assert all(Input.MACRO in one.inputs for one in made.values())
    for name, one in made.items():
        columns = one.columns(seen)
        assert any((columns[column] != 0).any() for column in columns.columns), name
    assert seen.macro["policy_base"][-1] == (0.0 if is_metal else 2.25)


def test_a_figure_whose_time_is_assumed_gives_way_to_one_that_is_told(tmp_path: Path) -> None:
    store = DocumentStore(tmp_path)
    day = datetime(2026, 3, 2, tzinfo=UTC)
    late = Release("cpi_index", "USD", day, day, 301.0, period="2026-01", assumed=True)
    told = Release("cpi_index", "USD", day, day + timedelta(days=3), 300.0, period="2026-01")
    other = Release("cpi_index", "USD", day, day, 302.0, period="2026-02", assumed=True)
    store.add_releases([late, other], simulated=False)
    before = store.releases(None, FOREVER, simulated=False)

    store.add_releases([told], simulated=False)
    again = store.add_releases([late, other, told], simulated=False)

    assert before["actual"].to_list() == [301.0, 302.0]
    assert again == 0
    for by in (day, FOREVER):
        found = store.releases(None, by, simulated=False)
        assert 301.0 not in found["actual"].to_list()
    assert store.releases(None, FOREVER, simulated=False)["actual"].to_list() == [302.0, 300.0]


def _desk(tmp_path: Path) -> Desk:
    return Desk(home=tmp_path / "home", clock=HandClock(NOW))
