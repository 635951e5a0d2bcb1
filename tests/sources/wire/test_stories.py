"""From rows to stories: what any row may be, what a page holds, and when a time was."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.core.errors import DataError
from assay.sources.newsroom import Dispatch
from assay.sources.wire.stories import (
    LONGEST_NAME,
    LONGEST_WORDS,
    MOST_TICKERS,
    Asked,
    listed,
    moment,
    page_back,
    page_of,
    second,
    told,
)

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
ASKED = Asked("Wire", "gold", NOW - timedelta(hours=10), NOW, NOW)
NEW_YORK = ZoneInfo("America/New_York")

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


def story(name: str, minutes: float, **changes: Any) -> Dispatch:
    """Return a story so many minutes after the start of `ASKED`."""
    at = ASKED.start + timedelta(minutes=minutes)
    return replace(Dispatch(name, at, at, "Wire", f"Words of {name}"), **changes)


stories = st.lists(
    st.builds(story, st.sampled_from("abcdef"), st.integers(-20, 620).map(float)), max_size=30
)


@given(anything, anything, anything, anything, anything, anything)
def test_whatever_stands_in_a_row_it_is_a_bounded_story_or_none(
    name: object, headline: object, outlet: object, summary: object, url: object, tickers: object
) -> None:
    made = told(name, NOW, headline, outlet=outlet, summary=summary, url=url, tickers=tickers)

    if made is not None:
        assert made.name
        assert made.headline.strip()
        assert made.url == "" or made.url.lower().startswith(("http://", "https://"))
        assert len(made.headline) <= LONGEST_WORDS
        assert all(part.encode() is not None for part in (made.headline, made.name, made.summary))


@given(anything)
def test_no_value_makes_a_time_fail(value: object) -> None:
    for found in (moment(value), moment(value, NEW_YORK), second(value)):
        assert found is None or found.tzinfo is UTC


@given(st.integers(1_000_000_000, 2_500_000_000))
def test_a_time_without_a_zone_is_no_earlier_than_it_was(clock: int) -> None:
    naive = datetime.fromtimestamp(clock, UTC).replace(tzinfo=None)

    read = moment(f"{naive:%Y-%m-%d %H:%M:%S}", NEW_YORK)

    assert read is not None
    real = (naive.replace(tzinfo=NEW_YORK, fold=fold).astimezone(UTC) for fold in (0, 1))
    assert read == max(real)
    assert moment(naive.isoformat()) is None, "of no zone that is known"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-11-20T15:00:00Z", NOW),
        ("2026-11-20T10:00:00-05:00", NOW),
        ("2026-11-20T15:00:00.123456789Z", NOW + timedelta(microseconds=123456)),
        (" 2026-11-20 10:00:00 ", NOW),
        ("2026-11-19", datetime(2026, 11, 20, 5, 0, tzinfo=UTC)),
        ("1970-01-01T00:00:00Z", None),
        ("9999-12-31", None),
        ("0001-01-01 00:00:00", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_a_time_is_read_as_it_is_meant(text: str, meant: datetime | None) -> None:
    assert moment(text, NEW_YORK) == meant


@pytest.mark.parametrize("value", [0, -1, True, 10**12, 1.5, "1795186800", None])
def test_a_count_of_seconds_that_is_none_of_our_days_is_no_time(value: object) -> None:
    assert second(value) is None
    assert second(1_795_186_800) == datetime(2026, 11, 20, 15, 0, tzinfo=UTC)


def test_words_stay_and_names_are_one_line() -> None:
    made = told(
        "na\nme\x00",
        NOW,
        "<b>Up</b>\x1b[31m\n\u202e",
        summary="\x00",
        outlet="Wire\r\nOne",
        url="javascript:alert(1)",
        tickers=["AA\x07PL", "", None, "AAPL"],
    )

    assert made is not None
    assert made.headline == "<b>Up</b>\x1b[31m\n\u202e"
    assert made.summary == "\x00"
    assert (made.name, made.outlet, made.url) == ("name", "WireOne", "")
    assert made.tickers == ("AAPL",)


def test_endless_fields_are_cut() -> None:
    long = "x" * 10**6

    made = told(long, NOW, long, outlet=long, summary=long, url="https://" + long, tickers=[long])

    assert made is not None
    assert {len(made.headline), len(made.summary)} == {LONGEST_WORDS}
    assert {len(part) for part in (made.outlet, made.url, *made.tickers)} == {LONGEST_NAME}


def test_names_that_differ_in_the_end_alone_are_two_however_long() -> None:
    both = (told("x" * 2_000 + end, NOW, "Words") for end in "ab")

    names = {one.name for one in both if one}

    assert len(names) == 2
    assert all(len(name) < LONGEST_NAME for name in names)


def test_a_wording_is_never_older_than_its_story() -> None:
    made = told("a", NOW, "Words", worded_at=NOW - timedelta(hours=1))

    assert made is not None
    assert made.worded_at == NOW


@given(stories, st.randoms())
def test_order_and_copies_change_nothing(rows: list[Dispatch], chance: Any) -> None:
    shuffled = rows + rows[:7]
    chance.shuffle(shuffled)

    assert page_of(shuffled, ASKED) == page_of(rows, ASKED)


@given(stories, st.integers(1, 12))
def test_cut_pages_one_after_the_other_hold_each_story_once(
    rows: list[Dispatch], most: int
) -> None:
    ordered = sorted(set(rows), key=lambda one: (one.worded_at, one.name))
    at, found = ASKED.start, list[Dispatch]()

    while at < ASKED.end:
        rest = [one for one in ordered if one.worded_at > at]
        size = most
        while len({one.worded_at for one in rest[:size]}) < 2 and size < len(rest):
            size += most
        asked = replace(ASKED, start=at)
        page = page_of(rest[:size], asked, more=size < len(rest))
        found += page.dispatches
        assert page.through > at
        at = page.through

    assert found == list(page_of(ordered, ASKED).dispatches)


def test_what_is_ahead_of_the_clock_waits_and_is_said() -> None:
    rows = [story("now", 30), story("later", 120)]
    asked = replace(ASKED, at=ASKED.start + timedelta(hours=1))

    page = page_of(rows, asked)
    then = page_of(rows, replace(ASKED, start=page.through))

    assert [one.name for one in page.dispatches] == ["now"]
    assert page.through == asked.at
    assert page.current
    assert [note.code for note in page.notes] == ["ahead"]
    assert [one.name for one in then.dispatches] == ["later"]


def test_one_story_of_two_tickers_is_one_story() -> None:
    rows = [story("a", 1, tickers=("X",)), story("a", 1, tickers=("Y", "X"))]

    page = page_of(rows, ASKED)

    assert [one.tickers for one in page.dispatches] == [("X", "Y")]


def test_of_many_tickers_some_are_kept() -> None:
    rows = [story("a", 1, tickers=(str(at),)) for at in range(MOST_TICKERS + 50)]

    assert len(page_of(rows, ASKED).dispatches[0].tickers) == MOST_TICKERS


def test_two_wordings_of_a_story_are_two() -> None:
    first = story("a", 1)
    again = replace(first, worded_at=first.worded_at + timedelta(minutes=5), headline="Other words")

    assert page_of([again, first], ASKED).dispatches == (first, again)


@pytest.mark.parametrize(("good", "bad"), [(0, 1), (20, 11), (1, 30)])
def test_many_rows_that_are_no_stories_refuse_the_answer(good: int, bad: int) -> None:
    rows: list[Dispatch | None] = [story(str(at), at + 1) for at in range(good)]

    with pytest.raises(DataError, match=r"Wire answered for 'gold' .* nothing was taken"):
        page_of([*rows, *[None] * bad], ASKED)


def test_some_rows_that_are_no_stories_are_left_out_and_said() -> None:
    page = page_of([story("a", 1), *[None] * 10], ASKED)

    assert len(page.dispatches) == 1
    assert [note.code for note in page.notes] == ["unreadable_row"]


@pytest.mark.parametrize("rows", [{}, "words", 17, True])
def test_what_is_no_list_holds_no_stories(rows: object) -> None:
    with pytest.raises(DataError, match="list of stories"):
        listed(rows, "Wire")


def test_no_list_at_all_is_an_empty_one_and_no_object_an_empty_row() -> None:
    assert listed(None, "Wire") == []
    assert listed([None, 3, {"a": 1}], "Wire") == [{}, {}, {"a": 1}]


def test_older_answers_are_asked_for_until_one_brings_nothing_new() -> None:
    everything = [story(str(at), at) for at in range(50, 0, -5)]
    asked: list[int] = []

    def ask(number: int, oldest: datetime | None) -> tuple[Sequence[Dispatch | None], datetime]:
        asked.append(number)
        return everything[number * 3 : number * 3 + 4], NOW

    page = page_back(ask, ASKED)

    assert len(page.dispatches) == len(everything)
    assert asked == [0, 1, 2, 3]


def test_a_provider_that_never_ends_is_given_up() -> None:
    def ask(number: int, oldest: datetime | None) -> tuple[Sequence[Dispatch | None], datetime]:
        return [story(f"n{number}", 500 - number)], NOW

    with pytest.raises(DataError, match="did not come to an end"):
        page_back(ask, ASKED)
