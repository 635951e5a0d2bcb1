"""What every provider with a stream promises, on good days and on bad ones, over real sockets."""

import logging
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from assay.core.errors import (
    AssayError,
    CredentialError,
    NotFoundError,
    RefusedError,
    TransientError,
)
from assay.core.values.instrument import Instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.catalog import SOURCES
from assay.sources.provider import LiveBars, Provider, Stream
from tests.doubles.catalog import doubles
from tests.doubles.market import LISTED, NOW, known, truth
from tests.doubles.reach import Reached, reached
from tests.doubles.server import GOOD_KEY, GOOD_SECRET, Row
from tests.doubles.sockets import SOON, Streaming, Switchboard

Kind = type[Streaming]
Series = tuple[Instrument, Timeframe]
STREAMING = {name: one for name, one in doubles().items() if issubclass(one, Streaming)}
SECRETS = (GOOD_KEY, GOOD_SECRET)
WRONG = {"key": "wrong-key-0815", "secret": "wrong-secret-4711"}


def adapter(name: str) -> type[Provider]:
    made = SOURCES.get(name)
    assert issubclass(made, Provider)
    return made


@pytest.fixture(params=sorted(STREAMING))
def kind(request: pytest.FixtureRequest) -> Kind:
    return STREAMING[request.param]


@pytest.fixture
def here(kind: Kind) -> Iterator[Reached]:
    with reached(kind, timeout=2.0) as found:
        yield found


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    until = time.monotonic() + SOON
    while set(threading.enumerate()) - before and time.monotonic() < until:
        time.sleep(0.01)
    assert set(threading.enumerate()) <= before


def streamed(here: Reached) -> list[Series]:
    """Return every series that the adapter streams of what its double lists."""
    return [
        (known(name), timeframe)
        for name in here.double.symbols
        if name != "GONE"
        for timeframe in sorted(lengths(here, known(name)), key=lambda t: t.minutes)
    ]


def lengths(here: Reached, instrument: Instrument) -> frozenset[Timeframe]:
    """Return the timeframes that are streamed of `instrument`."""
    assert isinstance(here.double, Streaming)
    live = here.provider.abilities.live.get(instrument.asset_class, frozenset())
    return live & here.double.lengths if here.double.lengths else live


def board(here: Reached) -> Switchboard:
    assert here.streams is not None
    return here.streams


def of_one_kind(here: Reached) -> list[Series]:
    """Return the shortest bars of each instrument of the kind that the double lists most of."""
    found = {one.symbol: (one, length) for one, length in reversed(streamed(here))}
    kinds = [instrument.asset_class for instrument, _ in found.values()]
    return [one for one in found.values() if one[0].asset_class is max(kinds, key=kinds.count)]


def bars(series: Series, count: int) -> pl.DataFrame:
    """Return the last closed bars of a series: what happens while a test runs."""
    return truth(series[0].symbol, series[1], NOW - timedelta(days=30), NOW).tail(count)


def happen(here: Reached, series: Series, frame: pl.DataFrame) -> None:
    """Let bars close, one after the other, and tell of each as it closes."""
    for row in frame.iter_rows():
        assert isinstance(here.double, Streaming)
        here.hands.at = max(here.hands.at, row[0] + here.double.settles)
        board(here).tell(series[0].symbol, series[1], as_told(series, row))


def as_told(series: Series, row: tuple[object, ...]) -> Row:
    """Return a bar as a double tells of it: with its open."""
    time, *values = row
    opened = pl.Series([time]).dt.epoch("us")[0] - series[1].minutes * 60_000_000
    return Row(opened, *values)  # type: ignore[arg-type]


def before(here: Reached, frame: pl.DataFrame) -> None:
    """Set the clock to just before the first of `frame` closes."""
    just_before = frame["time"][0].astimezone(UTC) - timedelta(seconds=1)
    here.hands.at = here.double.clock = just_before


def heard(stream: Stream, count: int) -> list[LiveBars]:
    """Return what comes until `count` bars have come; heartbeats are left out."""
    found: list[LiveBars] = []
    until = time.monotonic() + SOON
    while sum(len(one.bars) for one in found) < count:
        assert time.monotonic() < until, f"only {found} of {count} bars came"
        one = stream.next(SOON)
        assert one is not None, f"after {found} nothing came, and {count} bars were told"
        if len(one.bars):
            found.append(one)
    return found


def joined(found: list[LiveBars], series: Series) -> pl.DataFrame:
    """Return the bars of one series in the order in which they came."""
    return pl.concat(
        one.bars.frame for one in found if (one.bars.instrument, one.bars.timeframe) == series
    )


def ends(stream: Stream) -> AssayError:
    """Return the error that a stream ends with, which comes soon and is one sentence."""
    until = time.monotonic() + SOON
    try:
        while time.monotonic() < until:
            stream.next(SOON)
    except AssayError as error:
        return error
    pytest.fail("the stream did not end")


def one_sentence(error: AssayError, here: Reached) -> str:
    said = str(error)
    assert said.startswith(here.provider.abilities.title)
    assert "\n" not in said
    assert not any(one in said for one in (*SECRETS, *WRONG.values()))
    return said


def test_every_adapter_with_a_stream_has_a_double_with_one() -> None:
    live = {one.adapter for one in doubles().values() if adapter(one.adapter).abilities.live}

    assert live == {one.adapter for one in STREAMING.values()}


def test_bars_come_as_they_happened_in_order_and_each_once(here: Reached) -> None:
    for series in streamed(here):
        want = bars(series, 20)
        before(here, want)
        with here.provider.stream([series]) as stream:
            board(here).wait_for(1)
            happen(here, series, want)

            found = heard(stream, 20)

        assert_frame_equal(joined(found, series), want, check_exact=True)
        assert not any(one.corrected for one in found)
        board(here).greeted = 0


def test_several_series_come_over_one_connection(here: Reached) -> None:
    asked = of_one_kind(here)
    want = {one: bars(one, 5) for one in asked}
    before(here, min(want.values(), key=lambda frame: frame["time"][0]))
    with here.provider.stream(asked) as stream:
        for one, frame in want.items():
            happen(here, one, frame)

        found = heard(stream, 5 * len(asked))

    assert board(here).calls == 1
    for one, frame in want.items():
        assert_frame_equal(joined(found, one), frame, check_exact=True)


def test_a_series_that_was_not_asked_for_does_not_come(here: Reached) -> None:
    mine, *others = of_one_kind(here)
    want = bars(mine, 3)
    before(here, want)
    with here.provider.stream([mine]) as stream:
        for other in others:
            for row in bars(other, 3).iter_rows():
                text = here.double.live(other[0].symbol, other[1], as_told(other, row))  # type: ignore[attr-defined]
                board(here).say(text)
        happen(here, mine, want)

        found = heard(stream, 3)

    assert others
    assert {one.bars.instrument.symbol for one in found} == {mine[0].symbol}


def test_a_bar_that_is_still_open_does_not_come(here: Reached) -> None:
    series = streamed(here)[0]
    want = bars(series, 4)
    before(here, want)
    assert isinstance(here.double, Streaming)
    with here.provider.stream([series]) as stream:
        for at, row in enumerate(want.iter_rows()):
            told = as_told(series, row)
            text = here.double.unfinished(series[0].symbol, series[1], told._replace(volume=1.0))
            if text is not None:
                board(here).say(text)
            happen(here, series, want[at : at + 1])

        found = heard(stream, 4)

    assert_frame_equal(joined(found, series), want, check_exact=True)


def test_what_the_provider_corrects_is_marked(here: Reached) -> None:
    series = streamed(here)[0]
    want = bars(series, 3)
    before(here, want)
    with here.provider.stream([series]) as stream:
        happen(here, series, want)
        first = heard(stream, 3)
        changed = as_told(series, want.row(1))._replace(volume=987_654.0)
        board(here).correct(series[0].symbol, series[1], changed)

        (last,) = heard(stream, 1)

    assert not any(one.corrected for one in first)
    assert last.corrected
    assert last.bars.frame["time"].to_list() == [want["time"][1]]
    assert last.bars.frame["volume"].to_list() == [987_654.0]


def test_a_bar_told_again_with_other_values_is_a_correction(here: Reached) -> None:
    series = streamed(here)[0]
    want = bars(series, 2)
    before(here, want)
    with here.provider.stream([series]) as stream:
        happen(here, series, want)
        first = heard(stream, 2)
        row = as_told(series, want.row(0))
        board(here).tell(series[0].symbol, series[1], row._replace(volume=row.volume + 1))

        (last,) = heard(stream, 1)

    assert not any(one.corrected for one in first)
    assert last.corrected


def test_bars_told_twice_come_once(here: Reached) -> None:
    series = streamed(here)[0]
    want = bars(series, 6)
    before(here, want)
    with here.provider.stream([series]) as stream:
        for at in range(6):
            happen(here, series, want[at : at + 1])
            happen(here, series, want[at : at + 1])

        found = heard(stream, 6)
        assert all(not len(one.bars) for one in iter(lambda: stream.next(0.2), None))

    assert_frame_equal(joined(found, series), want, check_exact=True)


def test_bars_told_out_of_order_come_in_order_and_late_ones_as_corrections(here: Reached) -> None:
    series = streamed(here)[0]
    want = bars(series, 6)
    before(here, want)
    with here.provider.stream([series]) as stream:
        happen(here, series, want[[0, 2, 1, 3, 5, 4]])

        found = heard(stream, 6)

    assert_frame_equal(joined(found, series).sort("time"), want, check_exact=True)
    fresh = joined([one for one in found if not one.corrected], series)
    assert fresh["time"].is_sorted()
    assert isinstance(here.double, Streaming)
    assert here.double.settles or fresh.height == 4  # else each waits for a younger one


def test_what_is_no_bar_is_a_sign_of_life(here: Reached) -> None:
    series = streamed(here)[0]
    assert isinstance(here.double, Streaming)
    with here.provider.stream([series]) as stream:
        chatter = here.double.chatter()
        for text in chatter:
            board(here).say(text)

        found = [stream.next(SOON) for _ in chatter]

    assert chatter
    assert all(one is not None and len(one.bars) == 0 for one in found)


def test_a_stream_that_is_mute_says_so_in_time_and_goes_on(here: Reached) -> None:
    series = streamed(here)[0]
    want = bars(series, 1)
    before(here, want)
    with here.provider.stream([series]) as stream:
        board(here).wait_for(1)
        began = time.monotonic()
        while stream.next(0.2) is not None:
            began = time.monotonic()
        took = time.monotonic() - began
        happen(here, series, want)

        found = heard(stream, 1)

    assert 0.15 < took < 2.0
    assert_frame_equal(joined(found, series), want)


def test_a_flood_is_heard_to_the_end(here: Reached) -> None:
    series = streamed(here)[0]
    want = bars(series, 1)
    before(here, want)
    assert isinstance(here.double, Streaming)
    noise = here.double.chatter()[0]
    with here.provider.stream([series]) as stream, ThreadPoolExecutor(1) as pool:

        def flood() -> None:
            for _ in range(2_000):
                board(here).say(noise)
            happen(here, series, want)

        done = pool.submit(flood)
        found = heard(stream, 1)
        done.result(SOON)

    assert_frame_equal(joined(found, series), want)


@pytest.mark.parametrize("way", ["dropped", "left", "half"])
def test_a_stream_that_breaks_off_says_so(here: Reached, way: str) -> None:
    series = streamed(here)[0]
    with here.provider.stream([series]) as stream:
        if way == "half":
            assert isinstance(here.double, Streaming)
            row = as_told(series, bars(series, 1).row(0))
            board(here).half(here.double.live(series[0].symbol, series[1], row))
        if way == "left":
            board(here).leave(1001, "maintenance")
        else:
            board(here).drop()

        error = ends(stream)

    said = one_sentence(error, here)
    assert isinstance(error, TransientError)
    assert error.retry_after > 0
    assert ("maintenance" in said) == (way == "left")


@pytest.mark.parametrize(
    "garbage",
    ['{"T":"b",', "", "hello", b"\xff\xfe\x00binary", "[" * 100_000, "1e999", "null", "[[]]"],
    ids=["cut", "empty", "words", "bytes", "nested", "number", "null", "lists"],
)
def test_garbage_is_one_sentence_or_nothing(here: Reached, garbage: str | bytes) -> None:
    series = streamed(here)[0]
    want = bars(series, 1)
    before(here, want)
    with here.provider.stream([series]) as stream:
        board(here).say(garbage)
        happen(here, series, want)

        try:
            found = heard(stream, 1)
        except TransientError as error:
            said = one_sentence(error, here)
            assert "connect again" in said
        else:
            assert_frame_equal(joined(found, series), want)


@pytest.mark.parametrize("field", ["close", "opened"])
def test_a_bar_that_cannot_be_one_is_never_lost_in_silence(here: Reached, field: str) -> None:
    series = streamed(here)[0]
    want = bars(series, 1)
    before(here, want)
    row = as_told(series, want.row(0))
    broken = {
        "close": row._replace(close=-1.0),
        "opened": row._replace(opened=row.opened + 7 * 10**6),
    }
    with here.provider.stream([series]) as stream:
        board(here).tell(series[0].symbol, series[1], broken[field])

        error = ends(stream)

    one_sentence(error, here)
    assert isinstance(error, TransientError)


@pytest.mark.parametrize("slow", [timedelta(minutes=2), timedelta(days=20)])
def test_a_bar_of_the_future_blames_the_clock(here: Reached, slow: timedelta) -> None:
    series = streamed(here)[0]
    want = bars(series, 1)
    here.hands.at = want["time"][0] - slow
    with here.provider.stream([series]) as stream:
        board(here).tell(series[0].symbol, series[1], as_told(series, want.row(0)))

        error = ends(stream)

    assert "clock" in one_sentence(error, here)
    assert isinstance(error, TransientError)


def test_a_message_without_end_is_not_read(here: Reached) -> None:
    series = streamed(here)[0]
    want = bars(series, 1)
    before(here, want)
    assert isinstance(here.double, Streaming)
    text = here.double.live(series[0].symbol, series[1], as_told(series, want.row(0)))
    with here.provider.stream([series]) as stream:
        board(here).say(text + " " * (5 * 2**20))

        error = ends(stream)

    one_sentence(error, here)
    assert isinstance(error, TransientError)


def test_close_in_another_thread_ends_the_waiting(here: Reached) -> None:
    stream = here.provider.stream(streamed(here)[:1])
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(ends, stream)
        time.sleep(0.1)
        began = time.monotonic()
        stream.close()
        error = waiting.result(SOON)

    assert time.monotonic() - began < 2.0
    assert "closed" in one_sentence(error, here)


def test_closing_twice_and_after_a_drop_is_fine(here: Reached) -> None:
    stream = here.provider.stream(streamed(here)[:1])
    board(here).drop()

    stream.close()
    stream.close()

    assert isinstance(ends(stream), TransientError)


def test_a_line_that_does_not_answer_a_goodbye_is_let_go_of(here: Reached) -> None:
    stream = here.provider.stream(streamed(here)[:1])
    board(here).wait_for(1)
    (line,) = board(here).lines
    with line.connection.protocol_mutex:  # it can neither hear nor say anything
        began = time.monotonic()
        stream.close()
        took = time.monotonic() - began

    assert 0.5 < took < 3.0


def test_after_an_error_nothing_is_left_open(here: Reached) -> None:
    stream = here.provider.stream(streamed(here)[:1])
    board(here).say("{")

    error = ends(stream)
    again = ends(stream)

    assert isinstance(error, TransientError)
    assert isinstance(again, TransientError)
    assert "closed" in one_sentence(again, here)


def test_nobody_there_is_said_in_a_sentence(kind: Kind) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with reached(kind, stream=f"ws://127.0.0.1:{port}") as here:
        with pytest.raises(TransientError) as caught:
            here.provider.stream(streamed(here)[:1])

        assert "cannot be reached" in one_sentence(caught.value, here)


def test_an_open_door_behind_which_nobody_answers_is_given_up(kind: Kind) -> None:
    with reached(kind, timeout=0.3) as here:
        board(here).door = 0
        began = time.monotonic()
        with pytest.raises(TransientError) as caught:
            here.provider.stream(streamed(here)[:1])

        assert "in time" in one_sentence(caught.value, here)
        assert time.monotonic() - began < 2.0


@pytest.mark.parametrize(
    ("status", "expected"),
    [(429, TransientError), (503, TransientError), (502, TransientError), (404, RefusedError)],
)
def test_being_turned_away_at_the_door_has_its_kind(
    here: Reached, status: int, expected: type[AssayError]
) -> None:
    board(here).door = status

    with pytest.raises(expected) as caught:
        here.provider.stream(streamed(here)[:1])

    assert str(status) in one_sentence(caught.value, here)
    assert board(here).calls == 1


def needs_keys(kind: Kind) -> bool:
    return bool(adapter(kind.adapter).abilities.keys)


def test_a_wrong_key_is_refused_and_never_shown(kind: Kind) -> None:
    if not needs_keys(kind):
        return
    with reached(kind, WRONG, timeout=2.0) as here:
        with pytest.raises(CredentialError) as caught:
            here.provider.stream(streamed(here)[:1])

        said = one_sentence(caught.value, here)
        assert f"ASSAY_{kind.adapter.upper()}_" in said
        assert board(here).calls == 1


def test_keys_are_in_no_log_no_error_and_no_repr(
    kind: Kind, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), reached(kind, timeout=2.0) as here:
        series = streamed(here)[0]
        want = bars(series, 1)
        before(here, want)
        with here.provider.stream([series]) as stream:
            happen(here, series, want)
            heard(stream, 1)
            board(here).leave(1008, f"you are {GOOD_KEY[:20]} {GOOD_SECRET}"[:120])
            error: BaseException | None = ends(stream)
        shown = [caplog.text, repr(stream), repr(here.provider.access)]
        while error is not None:
            shown.append(repr(error))
            error = error.__cause__ or error.__context__

    for text in shown:
        assert not any(one in text for one in SECRETS if one in _sent(here))


def _sent(here: Reached) -> set[str]:
    """Return the secrets that the adapter was given: only those can be its fault."""
    return {one.reveal() for one in here.provider.access.secrets.values()}


def test_what_it_does_not_stream_is_refused_before_it_connects(here: Reached) -> None:
    instrument, _ = streamed(here)[0]
    live = lengths(here, instrument)
    lacking = next(one for one in reversed(Timeframe) if one not in live)
    others = [one for one in LISTED.values() if one.asset_class not in here.provider.abilities.live]

    with pytest.raises(NotFoundError) as one:
        here.provider.stream([(instrument, lacking)])
    with pytest.raises(NotFoundError) as other:
        here.provider.stream([(others[0], Timeframe.M1)])

    assert one.value.args != other.value.args
    for caught in (one, other):
        assert here.provider.abilities.title in str(caught.value)
    assert board(here).calls == 0
