"""Stories and releases from memory: the same as from the files, and the same frame while it can."""

import shutil
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import TypeAlias

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from assay.core.clock import FixedClock
from assay.core.instruments import instrument
from assay.core.values.release import Release
from assay.core.values.story import Story
from assay.core.values.timeframe import Timeframe
from assay.store import seen
from assay.store.circumstances import Circumstances
from assay.store.documents import DocumentStore
from assay.workflows.briefing import NO_STORIES
from assay.workflows.desk import FOREVER, Desk
from assay.workflows.gather import Prepared, Series, prepare
from assay.workflows.warm import warm
from assay.workflows.warm_stores import WarmDocuments
from tests.workflows.workspace import copied, open_at

EURUSD = instrument("EURUSD")
DAY = datetime(2026, 3, 2, tzinfo=UTC)
SYMBOLS = ("EURUSD", "GBPUSD")
CURRENCIES = ("EUR", "USD")
BOTH: TypeAlias = tuple[DocumentStore, WarmDocuments]


def hour(count: float) -> datetime:
    return DAY + timedelta(hours=count)


def story(hours: float, text: str, *about: str) -> Story:
    return Story(DAY, hour(hours), "a wire of news", text, about)


def release(hours: float, actual: float, currency: str, *, period: str = "") -> Release:
    return Release("cpi_yoy_percent", currency, DAY, hour(hours), actual, 2.0, period)


def assumed(hours: float, actual: float, currency: str, period: str) -> Release:
    at = hour(hours)
    return Release("cpi_yoy_percent", currency, DAY, at, actual, None, period, assumed=True)


@pytest.fixture(autouse=True)
def few_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Merge the parts of a store after three, so that it happens in a test."""
    monkeypatch.setattr(seen, "MOST_PARTS", 3)


@pytest.fixture
def both(tmp_path: Path) -> BOTH:
    return DocumentStore(tmp_path), WarmDocuments(tmp_path)


def check(both: BOTH) -> None:
    """Compare what can be asked of the two."""
    plain, kept = both
    spans = ((FOREVER, None), (hour(9), None), (hour(9), hour(6)), (FOREVER, hour(6)))
    for (until, since), simulated in product(spans, (False, True)):
        for symbol in SYMBOLS:
            assert_frame_equal(
                kept.stories([symbol], until, since, simulated=simulated),
                plain.stories([symbol], until, since, simulated=simulated),
            )
        for currency in CURRENCIES:
            assert_frame_equal(
                kept.releases([currency], until, since, simulated=simulated),
                plain.releases([currency], until, since, simulated=simulated),
            )


texts = st.integers(0, 40).map(lambda number: f"report number {number} beats every hope")
named = st.lists(st.sampled_from((*SYMBOLS, "XAUUSD")), max_size=2)
told = st.builds(
    lambda hours, text, about: story(hours, text, *about), st.integers(0, 12), texts, named
)
money = st.sampled_from(CURRENCIES)
values, hours = st.integers(1, 4).map(float), st.integers(0, 12)
periods = st.sampled_from(("2026-01", "2026-02"))
figures = st.one_of(
    st.builds(release, hours, values, money, period=periods),
    st.builds(assumed, hours, values, money, periods),
)


@settings(max_examples=15, deadline=None)
@given(
    batches=st.lists(
        st.tuples(
            st.lists(told, max_size=4),
            st.lists(figures, max_size=4),
            st.booleans(),
            st.booleans(),
            st.booleans(),
        ),
        max_size=9,
    )
)
def test_memory_says_what_the_files_say_and_a_mark_stands_for_it(
    tmp_path_factory: pytest.TempPathFactory,
    batches: list[tuple[list[Story], list[Release], bool, bool, bool]],
) -> None:
    home = tmp_path_factory.mktemp("law")
    plain, kept = DocumentStore(home), WarmDocuments(home)
    said: dict[tuple[object, ...], tuple[object, ...]] = {}
    for stories, releases, simulated, copies, looked in batches:
        origin = Circumstances(origin="another" if copies else "")
        met = [origin] * len(stories)
        plain.add_stories(stories, simulated=simulated, circumstances=met)
        plain.add_releases(releases, simulated=simulated)
        if not looked:
            continue
        check((plain, kept))
        for moment in (hour(3), hour(9)):
            marks = kept.marks_until(moment, "EURUSD", CURRENCIES, simulated=True)
            rows: tuple[object, ...] = (
                plain.stories(["EURUSD"], moment, simulated=True).rows(),
                *(plain.releases([one], moment, simulated=True).rows() for one in CURRENCIES),
            )
            key = moment, *marks
            assert said.setdefault(key, rows) == rows


def test_what_says_nothing_about_a_symbol_leaves_it_as_it_is(both: BOTH) -> None:
    plain, kept = both
    plain.add_stories([story(1, "Euro rises", "EURUSD"), story(2, "All calm")], simulated=False)
    plain.add_releases([release(1, 2.0, "EUR"), release(1, 3.0, "USD")], simulated=False)
    euro = kept.stories(["EURUSD"], FOREVER, simulated=False)
    figure = kept.releases(["EUR"], FOREVER, simulated=False)
    marks = kept.marks_until(hour(5), "EURUSD", ["EUR"], simulated=False)

    for number in range(8):  # merged twice on the way
        plain.add_stories([story(3, f"Pound falls {number}", "GBPUSD")], simulated=False)
        plain.add_stories([story(3, f"Euro {number}", "EURUSD")], simulated=True)
        plain.add_releases([release(3 + number, number, "USD")], simulated=False)

        assert kept.stories(["EURUSD"], FOREVER, simulated=False) is euro
        assert kept.releases(["EUR"], FOREVER, simulated=False) is figure
        assert kept.marks_until(hour(5), "EURUSD", ["EUR"], simulated=False) == marks
    check(both)


def test_later_stories_go_on_and_earlier_ones_alter(both: BOTH) -> None:
    plain, kept = both
    plain.add_stories([story(4, "Euro rises", "EURUSD")], simulated=False)
    root, count = kept.mark("EURUSD", simulated=False)

    for number in range(8):
        plain.add_stories([story(5 + number, f"Calm day {number}")], simulated=False)
        assert kept.mark("EURUSD", simulated=False) == (root, count + number + 1)
    plain.add_stories([story(3, "Euro falls", "EURUSD")], simulated=False)
    altered, more = kept.mark("EURUSD", simulated=False)

    assert altered is not root
    assert more == count + 9
    check(both)


def test_a_figure_that_is_told_puts_the_assumed_one_out_of_force(both: BOTH) -> None:
    plain, kept = both
    plain.add_releases([assumed(1, 2.0, "EUR", "2026-01")], simulated=False)
    check(both)
    marks = kept.marks_until(hour(5), "EURUSD", ["EUR"], simulated=False)

    plain.add_releases([release(9, 2.5, "EUR", period="2026-01")], simulated=False)

    assert kept.releases(["EUR"], hour(5), simulated=False).is_empty()
    assert kept.marks_until(hour(5), "EURUSD", ["EUR"], simulated=False) != marks
    check(both)


def test_another_store_in_its_place_is_noticed(both: BOTH, tmp_path: Path) -> None:
    plain, kept = both
    plain.add_stories([story(1, "Euro rises", "EURUSD")], simulated=False)
    shutil.copytree(tmp_path / "stories", tmp_path / "copy")
    plain.add_stories([story(2, "Euro falls", "EURUSD")], simulated=False)
    check(both)
    before = kept.mark("EURUSD", simulated=False)

    shutil.rmtree(tmp_path / "stories")
    (tmp_path / "copy").rename(tmp_path / "stories")

    check(both)
    assert kept.mark("EURUSD", simulated=False) != before
    shutil.rmtree(tmp_path / "stories")
    check(both)


@pytest.mark.parametrize("since", [None, hour(36)])
def test_stories_scored_one_after_the_other_are_those_scored_at_once(
    tmp_path: Path, since: datetime | None
) -> None:
    plain = Desk(tmp_path, FixedClock(hour(900)))
    kept = warm(plain)
    before = scored(kept, since)
    chance = np.random.default_rng(3)
    for number in range(60):
        at = (40 if number > 3 else 0) + 3.0 * number + float(chance.uniform(0, 2))
        about = (("EURUSD",), ("EURUSD", "GBPUSD"), (), ("GBPUSD",))[number % 4]
        words = " and ".join(chance.choice(("rates", "growth", "jobs", "trade"), 2))
        text = f"Euro {('rallies', 'sinks')[number % 3 == 0]} on news of {words}"
        plain.documents.add_stories([story(at, text, *about)], simulated=False)
        if number == 40:
            plain.documents.add_stories([story(90, "Euro sinks", "EURUSD")], simulated=False)

        after = scored(kept, since)

        assert_frame_equal(after, scored(Desk(tmp_path, FixedClock(hour(900))), since))
        if about == ("GBPUSD",):
            assert len(after) == len(before)
        before = after
    assert 20 < len(before) < 45, "some are copies"


def scored(desk: Desk, since: datetime | None) -> pl.DataFrame:
    found = desk.scored_stories(EURUSD, simulated=False, since=since)
    return NO_STORIES.with_columns(novelty=pl.lit(0.0)) if found is None else found


def test_what_was_prepared_stays_until_it_would_be_other(workspace: Path, tmp_path: Path) -> None:
    plain = open_at(copied(workspace, tmp_path / "home"))
    desk, series = warm(plain), Series("EURUSD", Timeframe.H1)
    last = desk.bars.info("EURUSD", Timeframe.H1).last
    ago = timedelta(hours=5)

    def prepared() -> Prepared:
        return desk.prepared(series, last, 1_200, (), "standard")

    def stored(at: datetime, currency: str, symbol: str) -> None:
        figure = Release("cpi_yoy_percent", currency, at, at, 3.0, 2.0)
        plain.documents.add_releases([figure], simulated=False)
        plain.documents.add_stories(
            [Story(at, at, "wire", f"{symbol} rises", (symbol,))], simulated=False
        )

    stored(last - 2 * ago, "USD", "EURUSD")
    first = prepared()
    for number in range(6):
        stored(last - ago + timedelta(minutes=number), "JPY", "USDJPY")
        stored(last + ago + timedelta(minutes=number), "USD", "EURUSD")
        assert prepared() is first
    stored(last - ago, "CHF", "EURUSD")
    news = prepared()
    stored(last - ago, "EUR", "USDJPY")
    both = prepared()

    assert news is not first
    assert both is not news
    plainly = prepare(plain, series, until=last, rows=1_200, peers=(), which="standard")
    assert np.array_equal(both.x, plainly.x, equal_nan=True)
    desk.close()
