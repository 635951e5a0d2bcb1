"""What every provider promises, on good days and on bad ones, through its real client code."""

import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import polars as pl
import pytest
import stamina
from polars.testing import assert_frame_equal

from assay.core.calendars.calendar import calendar
from assay.core.errors import (
    AssayError,
    CredentialError,
    DataError,
    NotFoundError,
    QuotaError,
    TransientError,
)
from assay.core.values.instrument import Instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.catalog import SOURCES
from assay.sources.provider import Limit, Page, Provider
from assay.sources.wire.http import ATTEMPTS
from tests.doubles import faults
from tests.doubles.catalog import doubles
from tests.doubles.market import BEGAN, NOW, known
from tests.doubles.reach import Reached, reached
from tests.doubles.server import GOOD_KEY, GOOD_SECRET, Double, Fault, Reply, Spoiler

Kind = type[Double]


@pytest.fixture(autouse=True)
def no_backoff() -> Iterator[None]:
    stamina.set_testing(True, attempts=ATTEMPTS)
    yield
    stamina.set_testing(False)


@pytest.fixture(params=sorted(doubles()))
def kind(request: pytest.FixtureRequest) -> Kind:
    return doubles()[request.param]


@pytest.fixture
def here(kind: Kind) -> Iterator[Reached]:
    with reached(kind) as found:
        yield found


@pytest.fixture(params=sorted(n for n, one in doubles().items() if one.transport == "http"))
def web(request: pytest.FixtureRequest) -> Iterator[Reached]:
    """Yield those that answer with a status."""
    with reached(doubles()[request.param]) as found:
        yield found


def series_of(here: Reached) -> list[tuple[Instrument, Timeframe]]:
    """Return every series that the adapter offers of what its double lists, the dead share last."""
    names = sorted(here.double.symbols, key=lambda name: (name == "GONE", name))
    return [
        (known(name), timeframe)
        for name in names
        for timeframe in Timeframe
        if here.provider.offers(known(name), timeframe)
    ]


def some(here: Reached) -> tuple[Instrument, Timeframe]:
    """Return one series with the shortest bars that the adapter offers."""
    return min(
        (one for one in series_of(here) if one[0].symbol != "GONE"), key=lambda one: one[1].minutes
    )


def days_before(here: Reached, days: int) -> datetime:
    """Return so many days before `NOW`, or what the provider then still has of `some` series."""
    reach = here.provider.abilities.reach.get(some(here)[1])
    return NOW - (timedelta(days=days) if reach is None else min(reach, timedelta(days=days)))


def a_page(here: Reached) -> Page:
    """Return the first page of `some` series in the last three days of the market."""
    return here.provider.page(*some(here), days_before(here, 3), NOW)


def expected(here: Reached) -> pl.DataFrame:
    """Return what `a_page` holds if the answer is whole."""
    instrument, timeframe = some(here)
    return here.double.truth(instrument.symbol, timeframe, days_before(here, 3), NOW)


def refusal(here: Reached) -> AssayError:
    """Return the error that `a_page` ends with, which is one sentence that names the provider."""
    with pytest.raises(AssayError) as caught:
        a_page(here)
    said = str(caught.value)
    assert "\n" not in said
    assert said.startswith(here.provider.abilities.title)
    assert GOOD_KEY not in said
    return caught.value


def outcome(here: Reached) -> tuple[str, int]:
    """Return what the error of `a_page` says, if there is one, and how many bars it holds."""
    try:
        return "", len(a_page(here).bars)
    except AssayError as error:
        return str(error), 0


def test_every_provider_has_a_double_and_every_double_a_provider() -> None:
    providers = {name for name in SOURCES.names() if issubclass(SOURCES.get(name), Provider)}

    assert providers == {one.adapter for one in doubles().values()}


def test_abilities_say_what_a_person_must_know(kind: Kind) -> None:
    made = SOURCES.get(kind.adapter)
    assert issubclass(made, Provider)
    abilities = made.abilities

    assert abilities.title[0].isupper() or abilities.title[0].isdigit()
    assert abilities.licence.endswith(".")
    assert abilities.document.startswith("https://")
    assert kind.document.startswith("https://")
    assert abilities.bars_a_call > 0
    assert all(limit.calls > 0 and limit.seconds > 0 for limit in abilities.limits)
    assert bool(abilities.keys) == bool(abilities.sign_up)
    assert abilities.bars


def test_page_by_page_the_whole_history_comes_and_nothing_else(here: Reached) -> None:
    for instrument, timeframe in series_of(here):
        start = max(BEGAN, here.provider.earliest(timeframe))
        here.double.asked.clear()

        found = here.provider.bars(instrument, timeframe, start, NOW)

        want = here.double.truth(instrument.symbol, timeframe, start, NOW)
        assert_frame_equal(found.bars.frame, want, check_exact=True)
        planned = here.provider.calls(instrument, timeframe, start, NOW)
        assert planned >= 1


def test_many_small_pages_hold_the_same(here: Reached) -> None:
    instrument, timeframe = some(here)
    here.double.most = max(40, timeframe.minutes * 40)
    start = days_before(here, 1)

    found = here.provider.bars(instrument, timeframe, start, NOW)

    want = here.double.truth(instrument.symbol, timeframe, start, NOW)
    assert_frame_equal(found.bars.frame, want)


def test_a_page_says_how_far_it_holds(here: Reached) -> None:
    instrument, timeframe = some(here)
    start = days_before(here, 2)

    page = here.provider.page(instrument, timeframe, start, NOW)

    assert start < page.through <= NOW
    want = here.double.truth(instrument.symbol, timeframe, start, page.through)
    assert_frame_equal(page.bars.frame, want, check_exact=True)


def test_bars_still_open_by_either_clock_are_left_out(here: Reached) -> None:
    here.hands.at = NOW + timedelta(hours=30)
    ahead = a_page(here)
    here.hands.at = NOW - timedelta(hours=2)
    behind = a_page(here)

    assert_frame_equal(ahead.bars.frame, expected(here).head(len(ahead.bars)))
    assert len(behind.bars)
    assert behind.bars.last_time <= here.hands.at
    assert behind.through <= here.hands.at


def test_what_a_closed_market_sends_is_no_bar(here: Reached) -> None:
    for instrument, timeframe in series_of(here):
        if not timeframe.is_intraday:
            continue
        frame = here.provider.page(instrument, timeframe, BEGAN, NOW).bars.frame
        market = calendar(instrument.calendar)
        closes = market.expected_closes(timeframe, BEGAN, NOW)
        assert frame["time"].is_in(closes.implode()).all()


def test_a_delisted_share_has_its_bars_up_to_the_end(here: Reached) -> None:
    if "GONE" not in here.double.symbols:
        assert here.provider.abilities.bars
        return
    instrument, timeframe = series_of(here)[-1]

    found = here.provider.bars(instrument, timeframe, BEGAN, NOW)

    want = here.double.truth("GONE", timeframe, BEGAN, NOW)
    assert_frame_equal(found.bars.frame, want)


TORN = pytest.mark.parametrize(
    "fault", [faults.truncated, faults.dropped], ids=["truncated", "dropped"]
)


def after_two(here: Reached, fault: Fault) -> None:
    """Check that the bars come although the first two answers are faulty."""
    here.double.faults.extend([fault, fault])

    page = a_page(here)

    assert_frame_equal(page.bars.frame, expected(here).head(len(page.bars)), check_exact=True)
    assert len(page.bars)


@TORN
def test_after_torn_answers_the_bars_are_there(here: Reached, fault: Fault) -> None:
    after_two(here, fault)


@pytest.mark.parametrize(
    "fault",
    [
        faults.busy(),
        faults.busy(None),
        faults.broken(500),
        faults.broken(502),
        faults.broken(504),
    ],
    ids=["429", "429-bare", "500", "502", "504"],
)
def test_after_a_status_that_passes_the_bars_are_there(web: Reached, fault: Fault) -> None:
    after_two(web, fault)


def test_retry_after_is_waited_for_by_everybody_with_the_key(web: Reached) -> None:
    web.double.faults.append(faults.busy("7"))

    a_page(web)

    assert web.hands.paused == [7.0]
    assert web.hands.slept == [7.0]
    assert len({name for name, _ in web.hands.taken}) == 1


def given_up(here: Reached, fault: Fault) -> None:
    """Check that a fault of every answer is said after some attempts."""
    here.double.always = fault

    error = refusal(here)

    assert isinstance(error, TransientError)
    assert error.retry_after > 0
    assert len(here.double.asked) == ATTEMPTS


@TORN
def test_answers_that_are_always_torn_are_said_in_a_sentence(here: Reached, fault: Fault) -> None:
    given_up(here, fault)


@pytest.mark.parametrize("fault", [faults.busy(None), faults.broken(503)], ids=["429", "503"])
def test_a_status_that_stays_is_said_in_a_sentence(web: Reached, fault: Fault) -> None:
    given_up(web, fault)


def test_an_answer_that_does_not_come_is_given_up(kind: Kind) -> None:
    with reached(kind, timeout=0.2) as here:
        here.double.always = faults.stalled(0.6)

        error = refusal(here)

    assert isinstance(error, TransientError)
    assert "in time" in str(error)


def test_a_provider_that_is_down_is_named(kind: Kind) -> None:
    with reached(kind, address=kind.nowhere(), timeout=1.0) as here:
        error = refusal(here)

    assert isinstance(error, TransientError)
    assert "cannot be reached" in str(error)


def test_an_allowance_that_is_used_up_says_when_it_is_back(here: Reached) -> None:
    here.hands.wait = 3600.0

    error = refusal(here)

    assert isinstance(error, QuotaError)
    assert error.retry_after == 3600.0
    assert not here.double.asked


def test_every_question_is_counted_before_it_is_asked(here: Reached) -> None:
    a_page(here)

    assert here.hands.taken
    assert len(here.hands.taken) == len(here.double.asked)
    assert all(cost >= 1 for _, cost in here.hands.taken)


def test_an_empty_answer_is_no_error_and_no_bar(here: Reached) -> None:
    here.double.spoil = faults.none

    page = a_page(here)

    assert len(page.bars) == 0
    assert page.through > days_before(here, 3)


@pytest.mark.parametrize("spoil", [faults.twice, faults.backwards], ids=["twice", "backwards"])
def test_rows_that_come_twice_or_out_of_order_change_nothing(here: Reached, spoil: Spoiler) -> None:
    here.double.spoil = spoil

    page = a_page(here)

    assert_frame_equal(page.bars.frame, expected(here).head(len(page.bars)), check_exact=True)
    assert len(page.bars) > 20
    assert {note.code for note in page.notes} & {"copies", "reordered"}


def test_of_two_bars_that_contradict_each_other_none_is_taken(here: Reached) -> None:
    here.double.spoil = faults.contradicting(5)

    page = a_page(here)

    want = expected(here)
    missing = want.head(len(page.bars) + 1).join(page.bars.frame, on="time", how="anti")
    assert missing.height == 1
    assert any(note.code == "conflict" for note in page.notes)


WRONG: list[Any] = ["abc", None, {"a": 1}, [], -1.0, 0, True, "1e999", "NaN"]


@pytest.mark.parametrize("value", WRONG, ids=map(repr, WRONG))
def test_a_row_that_cannot_be_a_bar_is_left_out_and_said(here: Reached, value: object) -> None:
    here.double.damage = faults.wrong(here.double.price, value, every=50_000)
    first = faults.wrong(here.double.price, value, every=1)
    rows = 0

    def damage(row: Any) -> Any:
        nonlocal rows
        rows += 1
        return first(row) if rows == 3 else row

    here.double.damage = damage

    page = a_page(here)

    want = expected(here).head(len(page.bars) + 1)
    assert want.join(page.bars.frame, on="time", how="anti").height == 1
    assert any(note.code == "unreadable_row" for note in page.notes)


@pytest.mark.parametrize("value", WRONG, ids=map(repr, WRONG))
def test_an_answer_full_of_them_is_refused(here: Reached, value: object) -> None:
    here.double.damage = faults.wrong(here.double.price, value, every=1)

    error = refusal(here)

    assert isinstance(error, DataError)


@pytest.mark.parametrize("body", [b"[]", b"null", b"17", b'"no"', b'{"unknown": 1}', b"{}"])
def test_another_shape_than_the_document_says_is_one_sentence(here: Reached, body: bytes) -> None:
    here.double.always = lambda reply: replace(reply, body=body)

    said, bars = outcome(here)

    assert "\n" not in said
    assert here.provider.abilities.title in said or bars == 0


def test_a_symbol_it_does_not_know_is_named(here: Reached) -> None:
    timeframes = sorted(
        {t for one in here.provider.abilities.bars.values() for t in one}, key=lambda t: t.minutes
    )
    kinds = [known(name) for name in here.double.symbols if name != "GONE"]
    strange = replace(kinds[0], symbol="QQQQZZ", base="QQQ", quote="ZZZ")
    timeframe = next(t for t in timeframes if here.provider.offers(strange, t))

    with pytest.raises(NotFoundError) as caught:
        here.provider.page(strange, timeframe, NOW - timedelta(days=1), NOW)

    said = str(caught.value)
    assert here.provider.abilities.title in said
    assert "QQQ" in said


def test_a_timeframe_it_does_not_have_is_refused_with_those_it_has(here: Reached) -> None:
    instrument, _ = some(here)
    lacking = [t for t in Timeframe if not here.provider.offers(instrument, t)]
    if not lacking:
        return

    with pytest.raises(NotFoundError) as caught:
        here.provider.page(instrument, lacking[0], NOW - timedelta(days=1), NOW)

    assert here.provider.abilities.title in str(caught.value)
    assert not here.double.asked


def needs_keys(kind: Kind) -> bool:
    made = SOURCES.get(kind.adapter)
    assert issubclass(made, Provider)
    return bool(made.abilities.keys) and not made.abilities.key_optional


def test_without_a_key_it_says_where_to_put_one(kind: Kind) -> None:
    if not needs_keys(kind):
        return
    with reached(kind, {}) as here:
        error = refusal(here)

    assert isinstance(error, CredentialError)
    assert f"ASSAY_{kind.adapter.upper()}_" in str(error)
    assert not here.double.asked


def test_a_wrong_key_is_refused_once_and_never_shown(kind: Kind) -> None:
    if not needs_keys(kind):
        return
    wrong = {"key": "wrong-key-0815", "secret": "wrong-secret-4711"}
    with reached(kind, wrong) as here:
        error = refusal(here)

        assert isinstance(error, CredentialError)
        assert f"ASSAY_{kind.adapter.upper()}_" in str(error)
        assert not any(text in str(error) for text in wrong.values())
        assert len(here.double.asked) == 1


def test_keys_are_in_no_log_no_error_and_no_repr(
    kind: Kind, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), reached(kind) as here:
        a_page(here)
        sent = " ".join(one.reveal() for one in here.provider.access.secrets.values())
        here.double.always = lambda reply: replace(
            reply, status=400, body=json.dumps({"you sent": sent}).encode()
        )
        with pytest.raises(AssayError) as caught:
            a_page(here)
        shown = [caplog.text, repr(here.provider.access), str(caught.value), repr(caught.value)]
        cause: BaseException | None = caught.value
        while cause is not None:
            shown.append(repr(cause))
            cause = cause.__cause__ or cause.__context__

    for text in shown:
        assert GOOD_KEY not in text
        assert GOOD_SECRET not in text


def test_limits_of_a_person_replace_the_documented_ones(here: Reached) -> None:
    seen: list[tuple[Limit, ...]] = []

    class Watching:
        def take(self, name: str, limits: Sequence[Limit], cost: int) -> float:
            seen.append(tuple(limits))
            return here.hands.take(name, limits, cost)

        def pause(self, name: str, seconds: float) -> None:
            here.hands.pause(name, seconds)

    mine = (Limit(3, 10),)
    access = replace(here.provider.access, budget=Watching(), limits=mine)
    provider = type(here.provider)(access)

    provider.page(*some(here), NOW - timedelta(days=1), NOW)

    assert set(seen) == {mine}


def test_asking_up_to_now_ends_where_the_providers_clock_ends(here: Reached) -> None:
    here.hands.at = NOW + timedelta(hours=2)
    asked = here.double.asked
    here.double.always = lambda reply: reply if len(asked) < 50 else Reply(b"{}", 400)
    instrument, timeframe = some(here)

    found = here.provider.bars(instrument, timeframe, NOW - timedelta(hours=8))

    want = here.double.truth(instrument.symbol, timeframe, NOW - timedelta(hours=8), NOW)
    assert_frame_equal(found.bars.frame, want)
